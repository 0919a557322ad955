"""Train deep networks of one depth, of all weight variances at once."""

import xarray as xr

from netphase.criticality.deep_training import of_variances, train
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    settings, wildcards = snakemake.params.settings, snakemake.wildcards
    accuracies, cost = train(
        xr.load_dataset(snakemake.input.dataset),
        of_variances(settings["weight_variances"], settings["bias_variance"]),
        network=wildcards.network,
        name=wildcards.dataset,
        realisation=int(wildcards.seed),
        depth=int(wildcards.depth),
        settings=settings,
    )
    netcdf.write(accuracies, snakemake.output.run, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
