"""Draw the curves of all sizes against the scaled control, and the quality of their collapse."""

import xarray as xr

from netphase.figures import scaling, style
from netphase.jobs.job import job

with job(snakemake):
    collapse = xr.load_dataset(snakemake.input.collapse)
    figure = scaling.collapse_map(collapse.sel(dataset=snakemake.wildcards.dataset))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
