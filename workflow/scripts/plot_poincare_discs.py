"""Draw the spins of an open disc in the Poincaré disc."""

import xarray as xr

from netphase import figures, tiling_figures
from netphase.job import job

with job(snakemake):
    disc, corners = (xr.load_dataset(snakemake.input[kind]) for kind in ("disc", "corners"))
    figure = tiling_figures.poincare_discs(disc, corners)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
