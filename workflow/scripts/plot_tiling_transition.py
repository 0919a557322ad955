"""Draw how one tiling's transition was found."""

import xarray as xr

from netphase import figures, tiling_figures
from netphase.job import job

with job(snakemake):
    found, corners = (xr.load_dataset(snakemake.input[kind]) for kind in ("transition", "corners"))
    figure = tiling_figures.tiling_transition(found, corners)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
