"""Draw the accuracy of networks with and without frozen blocks after each epoch."""

import xarray as xr

from netphase import figures, training_figures
from netphase.job import job

with job(snakemake):
    figure = training_figures.frozen_interior(xr.load_dataset(snakemake.input.netcdf))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
