"""Fit the scaling laws of transition point and width with size, and vary what was chosen."""

import xarray as xr

from netphase import netcdf
from netphase.exponents import fit_exponents, size_table
from netphase.job import job
from netphase.sensitivity import sensitivity
from netphase.streams import stream

with job(snakemake) as provenance:
    runs = xr.load_dataset(snakemake.input.runs)
    single = xr.load_dataset(snakemake.input.single)
    scaling = fit_exponents(runs, xr.load_dataset(snakemake.input.pooled), single)
    rng = stream("sensitivity", study=snakemake.wildcards.study)
    tables = {
        snakemake.output.csv: size_table(scaling),
        snakemake.output.sensitivity: sensitivity(runs, single, snakemake.params.schedule, rng),
    }
    netcdf.write(scaling, snakemake.output.netcdf, provenance)
    for path, table in tables.items():
        with netcdf.whole_or_nothing(path) as temporary:
            table.to_csv(temporary, index=False)
