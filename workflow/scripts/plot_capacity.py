"""Draw the best test accuracy against network size."""

import xarray as xr

from netphase import figures
from netphase.job import job

with job(snakemake):
    statistics = xr.load_dataset(snakemake.input.statistics)
    figure = figures.capacity(statistics.sel(dataset=snakemake.wildcards.dataset))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
