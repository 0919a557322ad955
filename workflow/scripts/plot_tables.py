"""Draw the tables of a data set by the function that the rule names, which takes them in order."""

import xarray as xr

from netphase.figures import style
from netphase.jobs.imports import load
from netphase.jobs.job import job

with job(snakemake):
    dataset = snakemake.wildcards.dataset
    tables = [xr.load_dataset(path).sel(dataset=dataset) for path in snakemake.input]
    figure = load(snakemake.params.figure["path"])(*tables)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
