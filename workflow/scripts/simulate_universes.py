"""Simulate discrete gravity at all couplings and temperatures."""

from netphase.files import netcdf
from netphase.hyperbolic.gravity import simulate_universes
from netphase.jobs.job import job

with job(snakemake) as provenance:
    found = simulate_universes(**snakemake.params.gravity)
    netcdf.write(found, snakemake.output.netcdf, provenance)
