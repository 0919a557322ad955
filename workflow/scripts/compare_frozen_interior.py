"""Join all runs, and measure the loss of accuracy of networks with a frozen block."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights.frozen_gap import compare

with job(snakemake) as provenance:
    runs = [xr.load_dataset(path) for path in snakemake.input.accuracies]
    netcdf.write(compare(runs), snakemake.output.netcdf, provenance)
