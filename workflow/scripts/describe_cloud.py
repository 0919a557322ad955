"""Where the trained networks lie among all configurations of their weights."""

import xarray as xr

from netphase import netcdf
from netphase.clouds import describe
from netphase.job import job
from netphase.streams import stream

with job(snakemake) as provenance:
    ensemble = xr.load_dataset(snakemake.input.ensemble)
    cloud = describe(ensemble, stream("cloud", **snakemake.wildcards))
    netcdf.write(cloud, snakemake.output.cloud, provenance)
