"""Simulate a universe of discrete gravity at all couplings and temperatures."""

from netphase import netcdf
from netphase.gravity_ising import simulate_universes
from netphase.job import job

with job(snakemake) as provenance:
    found = simulate_universes(**snakemake.params.gravity)
    netcdf.write(found, snakemake.output.netcdf, provenance)
