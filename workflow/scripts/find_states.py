"""Find states of a model by the TAP equations, and the drift of Markov chains from low energies."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.states import find_states
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream(
        "states",
        weight_study=names.weights_study,
        scenario=names.scenario,
        block=names.block,
        method=names.method,
    )
    states = find_states(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        xr.load_dataset(snakemake.input.inputs),
        rng,
        n_references=snakemake.params.references,
        starts=snakemake.params.starts,
        sweeps=snakemake.params.sweeps,
        scored=snakemake.params.scored,
        variant=snakemake.params.variant,
    )
    netcdf.write(states, snakemake.output.states, provenance)
