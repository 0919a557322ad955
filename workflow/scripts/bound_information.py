"""Measure how well the best classifiers could do at every noise level."""

import xarray as xr

from netphase import information_limit, netcdf, schedule
from netphase.job import job

with job(snakemake) as provenance:
    noising, steps = snakemake.params.noising, snakemake.params.steps
    with xr.open_dataset(snakemake.input.dataset) as dataset:
        limit = information_limit.bound(
            dataset,
            snakemake.wildcards.dataset,
            schedule.levels(steps, **noising["schedule"]),
            range(snakemake.params.realisations),
            **noising["noise"],
        )
    netcdf.write(limit, snakemake.output.netcdf, provenance)
