"""Draw the accuracies of all initialisations, and what the choice gains."""

import xarray as xr

from netphase import figures, trainability_figures
from netphase.job import job

with job(snakemake):
    figure = trainability_figures.choice(xr.load_dataset(snakemake.input.choice))
    figures.save(figure, snakemake.output.svg, snakemake.output.png)
