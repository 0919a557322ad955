"""Draw accuracy against noise for the smallest and the largest size, with the fits."""

import xarray as xr

from netphase import figures
from netphase.job import job

with job(snakemake):
    dataset = snakemake.wildcards.dataset
    runs = xr.load_dataset(snakemake.input.runs).sel(dataset=dataset)
    fits = xr.load_dataset(snakemake.input.transition).sel(dataset=dataset)
    figures.save(figures.transition(runs, fits), snakemake.output.svg, snakemake.output.png)
