"""Train deep perceptrons from the chosen weight variance, and from usual initialisations."""

import xarray as xr

from netphase.criticality.deep_training import chosen_variance, of_choice, train
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    settings, wildcards = snakemake.params.settings, snakemake.wildcards
    chosen = chosen_variance(xr.load_dataset(snakemake.input.cascade), wildcards.dataset)
    accuracies, cost = train(
        xr.load_dataset(snakemake.input.dataset),
        of_choice(chosen, settings["bias_variance"]),
        network="choice",
        name=wildcards.dataset,
        realisation=int(wildcards.seed),
        depth=int(wildcards.depth),
        settings=settings,
    )
    netcdf.write(accuracies, snakemake.output.run, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
