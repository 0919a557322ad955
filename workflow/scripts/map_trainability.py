"""Join the networks of all depths, and find the trained depth at each weight variance."""

import xarray as xr

from netphase.criticality.trainability import DIMENSIONS, describe
from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate

with job(snakemake) as provenance:
    runs, costs = (
        aggregate(map(xr.load_dataset, snakemake.input[kind]), DIMENSIONS)
        for kind in ("runs", "costs")
    )
    netcdf.write(describe(runs, **snakemake.params.analysis), snakemake.output.trained, provenance)
    netcdf.write(costs, snakemake.output.costs, provenance)
