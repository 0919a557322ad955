"""Train networks of one kind, binary or real, and one layer width on a whole small training set."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights import double_descent

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.data, mask_and_scale=False) as inputs:
        networks, cost = double_descent.train(
            inputs,
            snakemake.wildcards.kind,
            int(snakemake.wildcards.width),
            dataset=snakemake.params.dataset,
            settings=snakemake.params.settings,
        )
    netcdf.write(networks, snakemake.output.networks, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
