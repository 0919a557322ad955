"""Draw the phase diagram of random networks, and the depth of signals by theory and spectra."""

import xarray as xr

from netphase.figures import criticality, style
from netphase.jobs.job import job

with job(snakemake):
    signals = xr.load_dataset(snakemake.input.signals)
    figure = criticality.mean_field(signals, snakemake.params.bias_variance)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
