"""Draw the accuracies of all initialisations, and what the choice gains."""

import xarray as xr

from netphase.figures import noise, trainability
from netphase.jobs.job import job

with job(snakemake):
    figure = trainability.choice(xr.load_dataset(snakemake.input.choice))
    noise.save(figure, snakemake.output.svg, snakemake.output.png)
