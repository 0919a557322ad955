"""Join the networks of all initialisations, and measure the gain of the chosen one."""

import xarray as xr

from netphase.criticality.trainability import DIMENSIONS, compare_choice
from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate

with job(snakemake) as provenance:
    runs = aggregate(map(xr.load_dataset, snakemake.input.runs), DIMENSIONS)
    netcdf.write(compare_choice(runs), snakemake.output.choice, provenance)
