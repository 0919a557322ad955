"""Fetch a labelled image set and store it as one NetCDF file."""

from pathlib import Path

from netphase.data import datasets, mirrors
from netphase.files import netcdf
from netphase.jobs.job import job

with job(snakemake) as provenance:
    name = snakemake.wildcards.dataset
    folders = mirrors.folders(snakemake.config["mirror"])
    downloads = Path("resources/downloads")
    data = datasets.read(name, snakemake.params.source, folders, downloads)
    netcdf.write(data, snakemake.output.netcdf, provenance)
