"""Say what a study found, in five answers."""

import pandas as pd
import xarray as xr

from netphase import json_files
from netphase.findings import answer
from netphase.job import job

with job(snakemake):
    cubes = {
        name: xr.load_dataset(snakemake.input[name])
        for name in ("families", "scaling", "collapse", "crossings", "limits")
    }
    table = pd.read_csv(snakemake.input.sensitivity).fillna({"ladder": ""})
    findings = answer(sensitivity=table, **cubes)
    json_files.write(findings, snakemake.output.json)
