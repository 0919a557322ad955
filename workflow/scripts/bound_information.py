"""Measure the accuracy of the reference classifiers at every noise level."""

import xarray as xr

from netphase.files import netcdf
from netphase.information import posteriors
from netphase.jobs.job import job
from netphase.noise import schedule

with job(snakemake) as provenance:
    noising, name = snakemake.params.noising, snakemake.wildcards.dataset
    levels = schedule.levels(snakemake.params.steps, **noising["schedule"])
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        if snakemake.params.trained_once:
            limit = posteriors.bound_images(dataset, name, levels, noise=noising["noise"])
        else:
            realisations = range(snakemake.params.realisations)
            limit = posteriors.bound(dataset, name, levels, realisations, **noising["noise"])
    netcdf.write(limit, snakemake.output.netcdf, provenance)
