"""Simulate an open disc with a free and with a fixed boundary at all temperatures."""

from netphase.files import netcdf
from netphase.hyperbolic.disc_ising import simulate_discs
from netphase.jobs.job import job

with job(snakemake) as provenance:
    netcdf.write(simulate_discs(**snakemake.params.disc), snakemake.output.netcdf, provenance)
