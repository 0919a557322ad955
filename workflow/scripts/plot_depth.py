"""Draw the accuracy of deep networks beside the shallow one."""

import xarray as xr

from netphase.figures import style, weight_training
from netphase.jobs.job import job

with job(snakemake):
    figure = weight_training.depth(xr.load_dataset(snakemake.input.netcdf))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
