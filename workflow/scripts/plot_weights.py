"""Draw one view of the weights of a scenario: a function of netphase.figures.weights."""

import xarray as xr

from netphase.figures import style, weights
from netphase.jobs.job import job

with job(snakemake):
    files = [xr.load_dataset(path) for path in snakemake.input.found]
    found = {(data.attrs.get("block"), data.attrs["method"]): data for data in files}
    figure = getattr(weights, snakemake.wildcards.view)(found)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
