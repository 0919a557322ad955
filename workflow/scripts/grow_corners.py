"""Compute magnetisation and T_c of infinite {p, 4} lattices by corner transfer matrices."""

from netphase.files import netcdf
from netphase.hyperbolic.corner_lattices import grow_corners
from netphase.jobs.job import job

with job(snakemake) as provenance:
    netcdf.write(grow_corners(**snakemake.params.corners), snakemake.output.netcdf, provenance)
