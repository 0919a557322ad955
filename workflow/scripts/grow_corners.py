"""Magnetisation and T_c of infinite {p, 4} lattices by corner transfer matrices."""

from netphase import netcdf
from netphase.corners import grow_corners
from netphase.job import job

with job(snakemake) as provenance:
    netcdf.write(grow_corners(**snakemake.params.corners), snakemake.output.netcdf, provenance)
