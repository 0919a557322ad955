"""Fit the families of transition curves to every size of a study."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.transitions.model_selection import fit_families

with job(snakemake) as provenance:
    runs = xr.load_dataset(snakemake.input.runs)
    pooled, single = fit_families(runs, snakemake.params.schedule)
    netcdf.write(pooled, snakemake.output.pooled, provenance)
    netcdf.write(single, snakemake.output.single, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        pooled.to_dataframe().to_csv(temporary)
