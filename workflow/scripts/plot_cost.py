"""Draw the CPU time of every size and noise level."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job

with job(snakemake):
    costs = xr.load_dataset(snakemake.input.costs)
    figure = noise.cost(costs.sel(dataset=snakemake.wildcards.dataset))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
