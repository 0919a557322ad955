"""Compute Gram spectra of images in all layers of random networks, of one seed."""

import xarray as xr

from netphase.criticality.propagation import propagate
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.dataset, mask_and_scale=False) as dataset:
        spectra, cost = propagate(
            dataset,
            name=snakemake.wildcards.dataset,
            realisation=int(snakemake.wildcards.seed),
            network=snakemake.params.network,
            spectra=snakemake.params.settings,
        )
    netcdf.write(spectra, snakemake.output.spectra, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
