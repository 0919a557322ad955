"""Take the pretrained weights of others into a network of ours."""

import os
from pathlib import Path

from netphase import netcdf, weights
from netphase.conversion import convert
from netphase.job import job

with job(snakemake) as provenance:
    spec = snakemake.params.source
    mirrors = os.environ.get("NETPHASE_MIRROR", "").split(":") + snakemake.config["mirror"]
    folders = [Path(mirror).expanduser() for mirror in mirrors if mirror] + [Path()]
    network = convert(snakemake.wildcards.weights, spec, folders)
    described = {key: spec[key] for key in ("licence", "citation", "sha256")}
    netcdf.write(weights.save(network).assign_attrs(described), snakemake.output[0], provenance)
