"""Join the run files of a study into its cube."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import name_ladders

with job(snakemake) as provenance:
    runs = aggregate(xr.load_dataset(path) for path in snakemake.input.runs)
    runs = name_ladders(runs, snakemake.params.ladders)
    netcdf.write(runs, snakemake.output.runs, provenance)
