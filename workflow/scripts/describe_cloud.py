"""Describe the cloud of trained networks among all configurations of their weights."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.streams import stream
from netphase.weights.overlaps import describe

with job(snakemake) as provenance:
    names = snakemake.wildcards
    rng = stream("cloud", weight_study=names.weights_study, scenario=names.scenario)
    ensemble = xr.load_dataset(snakemake.input.ensemble)
    cloud = describe(ensemble, rng)
    netcdf.write(cloud, snakemake.output.cloud, provenance)
