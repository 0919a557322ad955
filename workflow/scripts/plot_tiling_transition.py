"""Draw the analysis that locates the transition of a tiling."""

import xarray as xr

from netphase.figures import hyperbolic, style
from netphase.jobs.job import job

with job(snakemake):
    found, corners = (xr.load_dataset(snakemake.input[kind]) for kind in ("transition", "corners"))
    figure = hyperbolic.tiling_transition(found, corners)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
