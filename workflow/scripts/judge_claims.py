"""Judge the claims of the source document by the results of a study."""

import xarray as xr

from netphase.files import json_files
from netphase.findings.papers import SEIDLER_ABEL_2024
from netphase.findings.perceptrons import judge
from netphase.jobs.job import job

with job(snakemake):
    statistics = xr.load_dataset(snakemake.input.statistics)
    transition = xr.load_dataset(snakemake.input.transition)
    verdicts = judge(statistics, transition, SEIDLER_ABEL_2024)
    json_files.write(verdicts, snakemake.output.json)
