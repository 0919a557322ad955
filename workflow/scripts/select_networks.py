"""Join the networks of all chunks, and keep the accurate ones that differ."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.weights.selection import join_costs, select

with job(snakemake) as provenance:
    chunks = [xr.load_dataset(path) for path in snakemake.input.networks]
    ensemble = select(chunks, snakemake.params.accept)
    netcdf.write(ensemble, snakemake.output.ensemble, provenance)
    costs = [xr.load_dataset(path) for path in snakemake.input.costs]
    netcdf.write(join_costs(costs), snakemake.output.cost, provenance)
