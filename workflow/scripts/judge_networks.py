"""Judge the claims on networks trained once by what a study found."""

import json

import pandas as pd
import xarray as xr

from netphase.claims import SEIDLER_ABEL_2025
from netphase.job import job
from netphase.netcdf import whole_or_nothing
from netphase.network_verdicts import judge_networks

with job(snakemake):
    scaling, crossings = (
        xr.load_dataset(snakemake.input[name]) for name in ("scaling", "crossings")
    )
    sensitivity = pd.read_csv(snakemake.input.sensitivity).fillna({"ladder": ""})
    verdicts = judge_networks(
        scaling, crossings, sensitivity, snakemake.params.schedule, SEIDLER_ABEL_2025
    )
    text = json.dumps(verdicts, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_or_nothing(snakemake.output.json) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
