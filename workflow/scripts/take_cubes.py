"""Take the committed run cubes of a study in the place of its runs."""

from netphase.jobs.job import job
from netphase.runs import committed

with job(snakemake):
    for page, cube in zip(snakemake.input, snakemake.output, strict=True):
        committed.take(page, cube, snakemake.params.study)
