"""Convert pretrained weights into a network of this package."""

from netphase.data import mirrors
from netphase.files import netcdf
from netphase.jobs.job import job
from netphase.learners import weight_files
from netphase.learners.pretrained import convert

with job(snakemake) as provenance:
    spec = snakemake.params.source
    folders = mirrors.folders(snakemake.config["mirror"])
    network = convert(snakemake.wildcards.pretrained, spec, folders)
    described = {key: spec[key] for key in ("licence", "citation", "sha256")}
    netcdf.write(
        weight_files.save(network).assign_attrs(described), snakemake.output[0], provenance
    )
