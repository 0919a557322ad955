"""Draw accuracy against noise for the smallest and the largest size, with fits and limits."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job

with job(snakemake):
    runs, fits, limits = (
        xr.load_dataset(path).sel(dataset=snakemake.wildcards.dataset)
        for path in (snakemake.input.runs, snakemake.input.transition, snakemake.input.limits)
    )
    figure = noise.transition(runs, fits, limits)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
