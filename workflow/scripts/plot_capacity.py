"""Draw the best test accuracy against network size."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job

with job(snakemake):
    statistics = xr.load_dataset(snakemake.input.statistics)
    figure = noise.capacity(statistics.sel(dataset=snakemake.wildcards.dataset))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
