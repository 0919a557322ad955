"""Draw the magnetisation of the bulk beside that of an open disc."""

import xarray as xr

from netphase.figures import hyperbolic, style
from netphase.jobs.job import job

with job(snakemake):
    files = map(xr.load_dataset, snakemake.input.transitions)
    found = {one.attrs["tiling"]: one for one in files}
    corners, disc = (xr.load_dataset(snakemake.input[kind]) for kind in ("corners", "disc"))
    figure = hyperbolic.bulk_and_boundary(found, corners, disc)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
