"""Join the cost files of a study, and sum them up in a table."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.aggregation import aggregate
from netphase.runs.cost_tables import cost_table
from netphase.runs.ladders import name_ladders

with job(snakemake) as provenance:
    costs = aggregate(xr.load_dataset(path) for path in snakemake.input.costs)
    costs = name_ladders(costs, snakemake.params.ladders)
    netcdf.write(costs, snakemake.output.costs, provenance)
    table = cost_table(costs, xr.load_dataset(snakemake.input.runs))
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
