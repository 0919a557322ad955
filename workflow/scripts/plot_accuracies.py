"""Draw the accuracies of the networks of all scenarios."""

import xarray as xr

from netphase import figures, weight_figures
from netphase.job import job

with job(snakemake):
    files = zip(snakemake.params.scenarios, snakemake.input.ensembles, strict=True)
    ensembles = {scenario: xr.load_dataset(path) for scenario, path in files}
    figure = weight_figures.accuracies(ensembles)
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
