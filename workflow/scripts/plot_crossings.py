"""Draw the crossings of the curves of every two sizes."""

import xarray as xr

from netphase.figures import efficientnets, style
from netphase.jobs.job import job

with job(snakemake):
    crossings = xr.load_dataset(snakemake.input.crossings)
    crossings = crossings.sel(dataset=snakemake.wildcards.dataset)
    figure = efficientnets.pairwise(crossings, snakemake.params.schedule)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
