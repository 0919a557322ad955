"""Sum up the realisations of a run cube."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.statistics import summarise

with job(snakemake) as provenance:
    statistics = summarise(xr.load_dataset(snakemake.input.runs))
    netcdf.write(statistics, snakemake.output.statistics, provenance)
