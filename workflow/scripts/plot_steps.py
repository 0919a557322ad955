"""Draw accuracy against the diffusion step, with a closer look at the crossing."""

import xarray as xr

from netphase import figures, network_figures
from netphase.job import job

with job(snakemake):
    runs = xr.load_dataset(snakemake.input.runs).sel(dataset=snakemake.wildcards.dataset)
    figure = network_figures.steps(runs)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
