"""Lay the curves of all sizes over one another, and find where they cross."""

import xarray as xr

from netphase import netcdf
from netphase.job import job
from netphase.streams import stream
from netphase.universality import collapse_curves

with job(snakemake) as provenance:
    rng = stream("collapse", study=snakemake.wildcards.study)
    collapse, crossings = collapse_curves(
        xr.load_dataset(snakemake.input.runs), xr.load_dataset(snakemake.input.scaling), rng
    )
    netcdf.write(collapse, snakemake.output.collapse, provenance)
    netcdf.write(crossings, snakemake.output.crossings, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        crossings.to_dataframe().to_csv(temporary)
