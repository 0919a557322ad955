"""Train a chunk of binary networks, and keep the best weights of each."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights.ensembles import train_chunk

with job(snakemake) as provenance:
    networks, cost = train_chunk(
        xr.load_dataset(snakemake.input.inputs),
        snakemake.params.trials,
        dataset=snakemake.params.dataset,
        scenario=snakemake.wildcards.scenario,
        settings=snakemake.params.settings,
    )
    netcdf.write(networks, snakemake.output.networks, provenance)
    netcdf.write(cost, snakemake.output.cost, provenance)
