"""Measure distances from networks in a field towards them, by Markov chains."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.weight_space import sweep_by_chains
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    distances = sweep_by_chains(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        stream("field", **snakemake.wildcards),
        n_references=snakemake.params.references,
        n_fields=snakemake.params.fields,
    )
    netcdf.write(distances, snakemake.output.distances, provenance)
