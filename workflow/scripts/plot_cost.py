"""Draw the CPU time of every size and noise level."""

import xarray as xr

from netphase import figures
from netphase.job import job

with job(snakemake):
    costs = xr.load_dataset(snakemake.input.costs)
    figure = figures.cost(costs.sel(dataset=snakemake.wildcards.dataset))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
