"""Join all runs, and say how far the networks with a frozen block stay behind."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights.frozen_gap import compare

with job(snakemake) as provenance:
    runs = [xr.load_dataset(path) for path in snakemake.input.accuracies]
    netcdf.write(compare(runs), snakemake.output.netcdf, provenance)
