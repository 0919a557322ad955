"""Draw the phase diagram of random networks, and the depth of signals by theory and spectra."""

import xarray as xr

from netphase import figures, signal_figures
from netphase.job import job

with job(snakemake):
    signals = xr.load_dataset(snakemake.input.signals)
    figure = signal_figures.mean_field(signals, snakemake.params.bias_variance)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
