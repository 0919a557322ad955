"""Draw area and wall of discrete gravity, and three configurations."""

import xarray as xr

from netphase.figures import hyperbolic, style
from netphase.jobs.job import job

with job(snakemake):
    figure = hyperbolic.universes(xr.load_dataset(snakemake.input.gravity))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
