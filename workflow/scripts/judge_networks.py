"""Judge the claims on networks trained clean and tested noisy by the results of a study."""

import pandas as pd
import xarray as xr

from netphase.files import json_files
from netphase.findings.efficientnets import judge_networks
from netphase.findings.papers import SEIDLER_ABEL_2025
from netphase.jobs.job import job

with job(snakemake):
    scaling, crossings = (
        xr.load_dataset(snakemake.input[name]) for name in ("scaling", "crossings")
    )
    sensitivity = pd.read_csv(snakemake.input.sensitivity).fillna({"ladder": ""})
    verdicts = judge_networks(
        scaling, crossings, sensitivity, snakemake.params.schedule, SEIDLER_ABEL_2025
    )
    json_files.write(verdicts, snakemake.output.json)
