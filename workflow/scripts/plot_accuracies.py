"""Draw the accuracies of the networks of all scenarios."""

import xarray as xr

from netphase.figures import style, weights
from netphase.jobs.job import job

with job(snakemake):
    files = zip(snakemake.params.scenarios, snakemake.input.ensembles, strict=True)
    ensembles = {scenario: xr.load_dataset(path) for scenario, path in files}
    figure = weights.accuracies(ensembles)
    style.save(figure, snakemake.output.svg, snakemake.output.png)
