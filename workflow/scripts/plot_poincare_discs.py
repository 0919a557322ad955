"""Draw the spins of an open disc in the Poincaré disc."""

import xarray as xr

from netphase.figures import hyperbolic, style
from netphase.jobs.job import job

with job(snakemake):
    disc, corners = (xr.load_dataset(snakemake.input[kind]) for kind in ("disc", "corners"))
    figure = hyperbolic.poincare_discs(disc, corners)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
