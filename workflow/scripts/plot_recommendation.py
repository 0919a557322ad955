"""Draw the best and the smallest sufficient size against noise."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job

with job(snakemake):
    recommendation = xr.load_dataset(snakemake.input.recommendation)
    figure = noise.recommendation(recommendation.sel(dataset=snakemake.wildcards.dataset))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
