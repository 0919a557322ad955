"""Compare the networks of a study with the information limits of its data sets."""

import xarray as xr

from netphase.files import netcdf
from netphase.information.comparison import compare_limits
from netphase.jobs.job import job

with job(snakemake) as provenance:
    limits = xr.concat(map(xr.load_dataset, snakemake.input.limits), "dataset", join="outer")
    compared = compare_limits(
        xr.load_dataset(snakemake.input.runs), xr.load_dataset(snakemake.input.families), limits
    )
    netcdf.write(compared, snakemake.output.netcdf, provenance)
