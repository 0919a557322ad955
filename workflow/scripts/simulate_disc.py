"""Simulate an open disc with a free and with a fixed boundary at all temperatures."""

from netphase import netcdf
from netphase.disc_ising import simulate_discs
from netphase.job import job

with job(snakemake) as provenance:
    netcdf.write(simulate_discs(**snakemake.params.disc), snakemake.output.netcdf, provenance)
