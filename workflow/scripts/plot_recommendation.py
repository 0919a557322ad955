"""Draw the best and the smallest sufficient size against noise."""

import xarray as xr

from netphase import figures
from netphase.job import job

with job(snakemake):
    recommendation = xr.load_dataset(snakemake.input.recommendation)
    figure = figures.recommendation(recommendation.sel(dataset=snakemake.wildcards.dataset))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
