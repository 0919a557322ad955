"""Draw area and wall of universes of discrete gravity, and three of them."""

import xarray as xr

from netphase import figures, tiling_figures
from netphase.job import job

with job(snakemake):
    figure = tiling_figures.universes(xr.load_dataset(snakemake.input.gravity))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
