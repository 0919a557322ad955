"""Tabulate CPU cost and best accuracy of each size of a study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.runs.cost_tables import cost_table

with job(snakemake):
    costs, runs = (xr.load_dataset(snakemake.input[kind]) for kind in ("costs", "runs"))
    table = cost_table(costs, runs)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
