"""Join the networks of all initialisations, and find what the choice gains."""

import xarray as xr

from netphase.criticality.trainability import compare_choice, join
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    runs = join([xr.load_dataset(path) for path in snakemake.input.runs])
    netcdf.write(compare_choice(runs), snakemake.output.choice, provenance)
