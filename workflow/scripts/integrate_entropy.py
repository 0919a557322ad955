"""Integrate the entropy of a model, and of the models of parts of its ensemble."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.entropies import integrate_parts
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream(
        "integration",
        weight_study=names.weights_study,
        scenario=names.scenario,
        block=names.block,
        method=names.method,
    )
    entropy = integrate_parts(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        rng,
        n_parts=snakemake.params.parts,
        options=snakemake.params.options,
    )
    netcdf.write(entropy, snakemake.output.entropy, provenance)
