"""Draw one view of the weights of a scenario: a function of netphase.weight_figures."""

import xarray as xr

from netphase import figures, weight_figures
from netphase.job import job

with job(snakemake):
    files = [xr.load_dataset(path) for path in snakemake.input.found]
    found = {(data.attrs.get("block"), data.attrs["method"]): data for data in files}
    figure = getattr(weight_figures, snakemake.wildcards.view)(found)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
