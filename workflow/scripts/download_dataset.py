"""Fetch a labelled image set and store it as one NetCDF file."""

import os
from pathlib import Path

from netphase import datasets, netcdf
from netphase.job import job

with job(snakemake) as provenance:
    name = snakemake.wildcards.dataset
    mirrors = os.environ.get("NETPHASE_MIRROR", "").split(":") + snakemake.config["mirror"]
    folders = [Path(mirror).expanduser() for mirror in mirrors if mirror] + [Path()]
    downloads = Path("resources/downloads")
    data = datasets.read(name, snakemake.params.source, folders, downloads)
    netcdf.write(data, snakemake.output.netcdf, provenance)
