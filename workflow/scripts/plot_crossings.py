"""Draw where the curves of every two sizes cross."""

import xarray as xr

from netphase import figures, network_figures
from netphase.job import job

with job(snakemake):
    crossings = xr.load_dataset(snakemake.input.crossings)
    crossings = crossings.sel(dataset=snakemake.wildcards.dataset)
    figure = network_figures.pairwise(crossings, snakemake.params.schedule)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
