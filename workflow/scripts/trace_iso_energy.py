"""Entropy landscapes among the configurations that have the energy of their reference."""

import xarray as xr

from netphase import netcdf
from netphase.job import job
from netphase.weight_space import trace_iso_energy

with job(snakemake) as provenance:
    landscape = trace_iso_energy(
        xr.load_dataset(snakemake.input.model),
        xr.load_dataset(snakemake.input.ensemble),
        n_references=snakemake.params.references,
        n_fields=snakemake.params.fields,
    )
    netcdf.write(landscape, snakemake.output.landscape, provenance)
