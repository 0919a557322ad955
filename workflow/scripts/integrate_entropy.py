"""Integrate the entropy of a model, and of the models of parts of its ensemble."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.entropies import integrate_parts
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    entropy = integrate_parts(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        stream("integration", **snakemake.wildcards),
        n_parts=snakemake.params.parts,
        options=snakemake.params.options,
    )
    netcdf.write(entropy, snakemake.output.entropy, provenance)
