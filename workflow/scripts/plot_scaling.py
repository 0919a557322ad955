"""Draw transition point and width against size, with their laws and the information limit."""

import xarray as xr

from netphase.figures import scaling, style
from netphase.jobs.job import job

with job(snakemake):
    dataset = snakemake.wildcards.dataset
    laws, limits = (
        xr.load_dataset(path).sel(dataset=dataset)
        for path in (snakemake.input.scaling, snakemake.input.limits)
    )
    figure = scaling.scaling(laws, limits)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
