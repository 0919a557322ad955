"""Join the networks of all depths, and find how deep each weight variance can be trained."""

import xarray as xr

from netphase.criticality.trainability import describe, join
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    runs, costs = (
        join([xr.load_dataset(path) for path in snakemake.input[kind]])
        for kind in ("runs", "costs")
    )
    netcdf.write(describe(runs, **snakemake.params.analysis), snakemake.output.trained, provenance)
    netcdf.write(costs, snakemake.output.costs, provenance)
