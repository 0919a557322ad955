"""Draw cross-entropies and errors against the width of binary and of real networks."""

import xarray as xr

from netphase import figures, training_figures
from netphase.job import job

with job(snakemake):
    figure = training_figures.double_descent(xr.load_dataset(snakemake.input.netcdf))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
