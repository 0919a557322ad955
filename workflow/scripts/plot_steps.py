"""Draw accuracy against the diffusion step, with a closer look at the crossing."""

import xarray as xr

from netphase.figures import efficientnets, style
from netphase.jobs.job import job

with job(snakemake):
    runs = xr.load_dataset(snakemake.input.runs).sel(dataset=snakemake.wildcards.dataset)
    figure = efficientnets.steps(runs)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
