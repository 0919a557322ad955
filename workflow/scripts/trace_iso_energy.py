"""Trace entropy landscapes among the configurations that have the energy of their reference."""

import xarray as xr

from netphase.files import netcdf
from netphase.inverse_ising.weight_space import trace_iso_energy
from netphase.jobs.job import job

with job(snakemake) as provenance:
    landscape = trace_iso_energy(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        n_references=snakemake.params.references,
        n_fields=snakemake.params.fields,
    )
    netcdf.write(landscape, snakemake.output.landscape, provenance)
