"""Answer the five questions of a study from its results."""

import pandas as pd
import xarray as xr

from netphase.files import json_files
from netphase.findings.noise import answer
from netphase.jobs.job import job

with job(snakemake):
    cubes = {
        name: xr.load_dataset(snakemake.input[name])
        for name in ("families", "scaling", "collapse", "crossings", "limits")
    }
    table = pd.read_csv(snakemake.input.sensitivity).fillna({"ladder": ""})
    findings = answer(sensitivity=table, **cubes)
    json_files.write(findings, snakemake.output.json)
