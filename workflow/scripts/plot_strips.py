"""Draw images of a data set, and what is left of them in the layers of three networks."""

import xarray as xr

from netphase import figures, signal_figures
from netphase.job import job

with job(snakemake):
    pictures = xr.load_dataset(snakemake.input.cascade).isel(dataset=0, realisation=0, decoder=0)
    signals = xr.load_dataset(snakemake.input.signals)
    critical = float(signals.critical_weight_variance)
    figure = signal_figures.strips(pictures, critical)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
