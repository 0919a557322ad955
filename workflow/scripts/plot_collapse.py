"""Draw the normalised curves of all sizes over one another."""

import xarray as xr

from netphase import figures
from netphase.job import job

with job(snakemake):
    statistics = xr.load_dataset(snakemake.input.statistics)
    figure = figures.collapse(statistics.sel(dataset=snakemake.wildcards.dataset))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
