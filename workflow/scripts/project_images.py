"""Bring images to their principal components, the inputs of small networks."""

import xarray as xr

from netphase import netcdf
from netphase.job import job
from netphase.projection import project

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.dataset, mask_and_scale=False) as dataset:
        inputs = project(dataset, snakemake.params.components)
    netcdf.write(inputs, snakemake.output.inputs, provenance)
