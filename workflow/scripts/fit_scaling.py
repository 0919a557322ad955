"""Fit the scaling laws of transition point and width with size, under every choice."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.scaling.exponents import bootstrap_intervals, fit_exponents, size_table
from netphase.scaling.sensitivity import read_widths, sensitivity, width_table
from netphase.streams import stream

with job(snakemake) as provenance:
    runs, pooled, single = (
        xr.load_dataset(snakemake.input[name]) for name in ("runs", "pooled", "single")
    )
    rng = stream("scaling", study=snakemake.wildcards.noise_study)
    scaling = fit_exponents(runs, pooled, single)
    scaling = scaling.assign(bootstrap_intervals(runs, pooled, rng))
    readings = list(read_widths(runs, single, snakemake.params.schedule, rng))
    tables = {
        snakemake.output.csv: size_table(scaling),
        snakemake.output.sensitivity: sensitivity(readings),
        snakemake.output.widths: width_table(readings),
    }
    netcdf.write(scaling, snakemake.output.netcdf, provenance)
    for path, table in tables.items():
        with netcdf.whole_or_nothing(path) as temporary:
            table.to_csv(temporary, index=False)
