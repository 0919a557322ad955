"""Join all inversions of a study, and their CPU cost."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs import costs
from netphase.jobs.job import job
from netphase.spectral.recoverability import join

with job(snakemake) as provenance:
    inversions = join(xr.load_dataset(path) for path in snakemake.input.found)
    netcdf.write(inversions, snakemake.output.inversions, provenance)
    spent = costs.total(xr.load_dataset(path) for path in snakemake.input.costs)
    netcdf.write(spent, snakemake.output.costs, provenance)
