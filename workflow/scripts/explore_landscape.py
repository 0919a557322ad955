"""Compute entropy landscapes of a model around networks of three energy bands."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.weight_space import explore
from netphase.jobs.job import job

with job(snakemake) as provenance:
    landscape = explore(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        n_references=snakemake.params.references,
        n_fields=snakemake.params.fields,
    )
    netcdf.write(landscape, snakemake.output.landscape, provenance)
