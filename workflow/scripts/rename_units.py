"""Compute entropies of networks with ordered hidden units, and of mixtures with permuted copies."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.entropies import rename_units
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream(
        "names", weight_study=names.weights_study, scenario=names.scenario, method=names.method
    )
    entropies = rename_units(
        xr.load_dataset(snakemake.input.ensemble),
        xr.load_dataset(snakemake.input.inputs),
        snakemake.wildcards.method,
        rng,
        ratios=snakemake.params.ratios,
        label=snakemake.params.label,
        options=snakemake.params.options,
    )
    netcdf.write(entropies, snakemake.output.entropies, provenance)
