"""Draw images of a data set, and their reconstructions from the layers of three networks."""

import xarray as xr

from netphase.figures import criticality, style
from netphase.jobs.job import job

with job(snakemake):
    pictures = xr.load_dataset(snakemake.input.cascade).isel(dataset=0, realisation=0, decoder=0)
    signals = xr.load_dataset(snakemake.input.signals)
    critical = float(signals.critical_weight_variance)
    figure = criticality.strips(pictures, critical)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
