"""Draw the entropy and the gap of the Gram spectra of a data set across the layers."""

import xarray as xr

from netphase.figures import criticality, style
from netphase.jobs.job import job

with job(snakemake):
    signals = xr.load_dataset(snakemake.input.signals)
    figure = criticality.spectra(signals.sel(dataset=snakemake.wildcards.dataset))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
