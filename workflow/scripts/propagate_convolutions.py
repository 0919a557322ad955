"""Follow the spectra of a batch of images through a random convolutional network."""

import xarray as xr

from netphase.criticality.convolutions import propagate
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    spectra = propagate(
        xr.load_dataset(snakemake.input.dataset),
        network=snakemake.wildcards.network,
        name=snakemake.wildcards.dataset,
        realisation=int(snakemake.wildcards.seed),
        settings=snakemake.params.settings,
    )
    netcdf.write(spectra, snakemake.output.spectra, provenance)
