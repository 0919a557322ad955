"""Draw the accuracy of networks with and without frozen blocks after each epoch."""

import xarray as xr

from netphase.figures import style, weight_training
from netphase.jobs.job import job

with job(snakemake):
    figure = weight_training.frozen_interior(xr.load_dataset(snakemake.input.netcdf))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
