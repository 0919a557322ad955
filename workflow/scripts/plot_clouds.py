"""Draw the networks of all scenarios among all configurations of their weights."""

import xarray as xr

from netphase.figures import style, weights
from netphase.jobs.job import job

with job(snakemake):
    files = zip(snakemake.params.scenarios, snakemake.input.clouds, strict=True)
    clouds = {scenario: xr.load_dataset(path) for scenario, path in files}
    figure = weights.clouds(clouds)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
