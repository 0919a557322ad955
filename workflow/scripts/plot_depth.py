"""Draw the accuracy of deep networks beside the shallow one."""

import xarray as xr

from netphase import figures, training_figures
from netphase.job import job

with job(snakemake):
    figure = training_figures.depth(xr.load_dataset(snakemake.input.netcdf))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
