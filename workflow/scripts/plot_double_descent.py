"""Draw cross-entropies and errors against the layer width of binary and of real networks."""

import xarray as xr

from netphase.figures import style, weight_training
from netphase.jobs.job import job

with job(snakemake):
    figure = weight_training.double_descent(xr.load_dataset(snakemake.input.netcdf))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
