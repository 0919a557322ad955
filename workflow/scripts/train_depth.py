"""Train deep networks of binary weights of one layer width, or the shallow ones for the width 0."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights import depth

with job(snakemake) as provenance:
    with xr.open_dataset(snakemake.input.data, mask_and_scale=False) as inputs:
        accuracies, cost = depth.train(
            inputs,
            int(snakemake.wildcards.width),
            dataset=snakemake.params.dataset,
            settings=snakemake.params.settings,
        )
    netcdf.write(accuracies, snakemake.output.accuracies, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
