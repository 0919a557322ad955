"""Infer the Ising model of the weights of a block by one method."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.inference import infer
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    model = infer(
        xr.load_dataset(snakemake.input.ensemble),
        snakemake.wildcards.block,
        snakemake.wildcards.method,
        stream("inference", **snakemake.wildcards),
        symmetrise=snakemake.params.symmetrise,
        options=snakemake.params.options,
    )
    netcdf.write(model, snakemake.output.model, provenance)
