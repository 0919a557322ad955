"""Collapse the curves of all sizes, and locate their crossings."""

import xarray as xr

from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.scaling.universality import collapse_curves
from netphase.streams import stream

with job(snakemake) as provenance:
    rng = stream("collapse", study=snakemake.wildcards.noise_study)
    collapse, crossings = collapse_curves(
        xr.load_dataset(snakemake.input.runs), xr.load_dataset(snakemake.input.scaling), rng
    )
    netcdf.write(collapse, snakemake.output.collapse, provenance)
    netcdf.write(crossings, snakemake.output.crossings, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        crossings.to_dataframe().to_csv(temporary)
