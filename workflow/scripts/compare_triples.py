"""Compare three-weight correlations of networks and of their model, which is not fitted to them."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.triples import compare_triples
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream(
        "triples",
        weight_study=names.weights_study,
        scenario=names.scenario,
        block=names.block,
        method=names.method,
    )
    triples = compare_triples(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        rng,
        n_weights=snakemake.params.weights,
        n_samples=snakemake.params.samples,
    )
    netcdf.write(triples, snakemake.output.triples, provenance)
