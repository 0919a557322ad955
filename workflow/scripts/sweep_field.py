"""Measure distances from networks in a field towards them, by Markov chains."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.weight_space import sweep_by_chains
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream(
        "field",
        weight_study=names.weights_study,
        scenario=names.scenario,
        block=names.block,
        method=names.method,
    )
    distances = sweep_by_chains(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        rng,
        n_references=snakemake.params.references,
        n_fields=snakemake.params.fields,
    )
    netcdf.write(distances, snakemake.output.distances, provenance)
