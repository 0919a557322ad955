"""Fit the families of transition curves to every size of a study."""

import xarray as xr

from netphase import netcdf
from netphase.families import fit_families
from netphase.job import job

with job(snakemake) as provenance:
    runs = xr.load_dataset(snakemake.input.runs)
    pooled, single = fit_families(runs, snakemake.params.schedule)
    netcdf.write(pooled, snakemake.output.pooled, provenance)
    netcdf.write(single, snakemake.output.single, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        pooled.to_dataframe().to_csv(temporary)
