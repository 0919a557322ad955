"""Join the run files of a study into its cube and its statistics."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import name_ladders
from netphase.runs.statistics import summarise

with job(snakemake) as provenance:
    runs = aggregate(xr.load_dataset(path) for path in snakemake.input.runs)
    runs = name_ladders(runs, snakemake.params.ladders)
    netcdf.write(runs, snakemake.output.runs, provenance)
    netcdf.write(summarise(runs), snakemake.output.statistics, provenance)
