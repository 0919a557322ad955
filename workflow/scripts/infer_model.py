"""Infer the Ising model of the weights of a block by one method."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.inference import infer
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream(
        "inference",
        weight_study=names.weights_study,
        scenario=names.scenario,
        block=names.block,
        method=names.method,
    )
    model = infer(
        xr.load_dataset(snakemake.input.ensemble),
        snakemake.wildcards.block,
        snakemake.wildcards.method,
        rng,
        symmetrise=snakemake.params.symmetrise,
        options=snakemake.params.options,
    )
    netcdf.write(model, snakemake.output.model, provenance)
