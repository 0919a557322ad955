"""Take the pretrained weights of others into a network of ours."""

from netphase import mirrors, netcdf, weights
from netphase.conversion import convert
from netphase.job import job

with job(snakemake) as provenance:
    spec = snakemake.params.source
    folders = mirrors.folders(snakemake.config["mirror"])
    network = convert(snakemake.wildcards.weights, spec, folders)
    described = {key: spec[key] for key in ("licence", "citation", "sha256")}
    netcdf.write(weights.save(network).assign_attrs(described), snakemake.output[0], provenance)
