"""Pack the run cubes of a study, to be committed beside its page."""

from netphase.jobs.job import job
from netphase.runs import committed

with job(snakemake) as provenance:
    parts = snakemake.params.excerpts
    for cube, page in zip(snakemake.input, snakemake.output, strict=True):
        committed.pack(cube, page, parts.get(cube, {}), snakemake.params.study, provenance)
    committed.check_size(snakemake.output)
