"""Find the critical temperature of one tiling, and the powers of the number of spins there."""

import xarray as xr

from netphase.files import netcdf
from netphase.hyperbolic.critical_point import locate
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    names = dict(snakemake.wildcards)
    runs, costs = (xr.load_dataset(snakemake.input[kind]) for kind in ("runs", "costs"))
    found = locate(
        runs, costs, names["tiling"], snakemake.params.smallest, stream("surfaces", **names)
    )
    netcdf.write(found, snakemake.output.netcdf, provenance)
