"""Train networks of binary weights with and without frozen blocks: one run of all arms."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights import frozen_interior

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.data, mask_and_scale=False) as data:
        accuracies, cost = frozen_interior.train(
            frozen_interior.pixels(data),
            int(snakemake.wildcards.run),
            dataset=snakemake.params.dataset,
            settings=snakemake.params.settings,
        )
    netcdf.write(accuracies, snakemake.output.accuracies, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
