"""Draw how level sets of the normalised curves give the width."""

import xarray as xr

from netphase.figures import efficientnets, style
from netphase.jobs.job import job

with job(snakemake):
    runs = xr.load_dataset(snakemake.input.runs).sel(dataset=snakemake.wildcards.dataset)
    figure = efficientnets.level_sets(runs)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
