"""Join the cost files of a study."""

import xarray as xr

from netphase import netcdf
from netphase.job import job
from netphase.runs import aggregate

with job(snakemake) as provenance:
    costs = aggregate(xr.load_dataset(path) for path in snakemake.input.costs)
    netcdf.write(costs, snakemake.output.costs, provenance)
