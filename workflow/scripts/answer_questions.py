"""Say what a study found, in five answers."""

import json

import pandas as pd
import xarray as xr

from netphase.findings import answer
from netphase.job import job
from netphase.netcdf import whole_or_nothing

with job(snakemake):
    cubes = {
        name: xr.load_dataset(snakemake.input[name])
        for name in ("families", "scaling", "collapse", "crossings", "limits")
    }
    table = pd.read_csv(snakemake.input.sensitivity).fillna({"ladder": ""})
    findings = answer(sensitivity=table, **cubes)
    text = json.dumps(findings, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_or_nothing(snakemake.output.json) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
