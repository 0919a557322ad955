"""Join the cost files of a study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import name_ladders

with job(snakemake) as provenance:
    costs = aggregate(xr.load_dataset(path) for path in snakemake.input.costs)
    costs = name_ladders(costs, snakemake.params.ladders)
    netcdf.write(costs, snakemake.output.costs, provenance)
