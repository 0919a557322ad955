"""Draw the magnetisation of the bulk beside that of an open disc."""

import xarray as xr

from netphase import figures, tiling_figures
from netphase.job import job

with job(snakemake):
    files = map(xr.load_dataset, snakemake.input.transitions)
    found = {one.attrs["tiling"]: one for one in files}
    corners, disc = (xr.load_dataset(snakemake.input[kind]) for kind in ("corners", "disc"))
    figure = tiling_figures.bulk_and_boundary(found, corners, disc)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
