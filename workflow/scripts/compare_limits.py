"""Compare the networks of a study with the information limits of its data sets."""

import xarray as xr

from netphase import netcdf
from netphase.job import job
from netphase.limits import compare_limits

with job(snakemake) as provenance:
    limits = xr.concat(map(xr.load_dataset, snakemake.input.limits), "dataset", join="outer")
    compared = compare_limits(
        xr.load_dataset(snakemake.input.runs), xr.load_dataset(snakemake.input.families), limits
    )
    netcdf.write(compared, snakemake.output.netcdf, provenance)
