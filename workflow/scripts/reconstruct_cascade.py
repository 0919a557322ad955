"""Reconstruct images from all layers of random networks by ridge regressions, of one seed."""

import xarray as xr

from netphase.criticality.reconstruction import reconstruct
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.dataset, mask_and_scale=False) as dataset:
        cascade, cost = reconstruct(
            dataset,
            name=snakemake.wildcards.dataset,
            realisation=int(snakemake.wildcards.seed),
            setting=snakemake.params.network,
            settings=snakemake.params.settings,
        )
    netcdf.write(cascade, snakemake.output.cascade, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
