"""Project images on their principal components, the inputs of small networks."""

import xarray as xr

from netphase.data.principal_components import project
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.dataset, mask_and_scale=False) as dataset:
        inputs = project(dataset, snakemake.params.components)
    netcdf.write(inputs, snakemake.output.inputs, provenance)
