"""Draw the accuracies of all initialisations, and the gain of the chosen one."""

import xarray as xr

from netphase.figures import style, trainability
from netphase.jobs.job import job

with job(snakemake):
    figure = trainability.choice(xr.load_dataset(snakemake.input.choice))
    style.save(figure, snakemake.output.svg, snakemake.output.png)
