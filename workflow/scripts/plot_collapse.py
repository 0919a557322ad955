"""Draw the normalised curves of all sizes over one another."""

import xarray as xr

from netphase.figures import noise, style
from netphase.jobs.job import job

with job(snakemake):
    statistics = xr.load_dataset(snakemake.input.statistics)
    figure = noise.collapse(statistics.sel(dataset=snakemake.wildcards.dataset))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
