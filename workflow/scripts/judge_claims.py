"""Judge the claims of the source document by the results of a study."""

import json

import xarray as xr

from netphase.claims import SEIDLER_ABEL_2024
from netphase.job import job
from netphase.netcdf import whole_or_nothing
from netphase.verdicts import judge

with job(snakemake):
    statistics = xr.load_dataset(snakemake.input.statistics)
    transition = xr.load_dataset(snakemake.input.transition)
    verdicts = judge(statistics, transition, SEIDLER_ABEL_2024)
    text = json.dumps(verdicts, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_or_nothing(snakemake.output.json) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
