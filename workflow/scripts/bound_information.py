"""Measure how well the best classifiers could do at every noise level."""

import xarray as xr

from netphase import information_limit, netcdf, schedule
from netphase.job import job

with job(snakemake) as provenance:
    noising, name = snakemake.params.noising, snakemake.wildcards.dataset
    levels = schedule.levels(snakemake.params.steps, **noising["schedule"])
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        if snakemake.params.trained_once:
            limit = information_limit.bound_images(dataset, name, levels, noise=noising["noise"])
        else:
            realisations = range(snakemake.params.realisations)
            limit = information_limit.bound(dataset, name, levels, realisations, **noising["noise"])
    netcdf.write(limit, snakemake.output.netcdf, provenance)
