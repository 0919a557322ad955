"""Join the run and cost files of all temperatures of a lattice study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate

with job(snakemake) as provenance:
    for kind in ("runs", "costs"):
        cube = aggregate(xr.load_dataset(path) for path in snakemake.input[kind])
        netcdf.write(cube, snakemake.output[kind], provenance)
