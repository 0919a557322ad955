"""Find the critical temperature of one tiling, and the powers of the number of spins there."""

import xarray as xr

from netphase.files import netcdf
from netphase.hyperbolic.critical_point import locate
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream("surfaces", tiling_study=names.hyperbolic_study, tiling=names.tiling)
    runs, costs = (xr.load_dataset(snakemake.input[kind]) for kind in ("runs", "costs"))
    found = locate(runs, costs, names.tiling, snakemake.params.smallest, rng)
    netcdf.write(found, snakemake.output.netcdf, provenance)
