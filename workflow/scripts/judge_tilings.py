"""State the findings on hyperbolic tilings: answers, verdicts and a table."""

import xarray as xr

from netphase.files import json_files, netcdf
from netphase.findings.hyperbolic import judge, table
from netphase.jobs.job import job

with job(snakemake) as provenance:
    files = map(xr.load_dataset, snakemake.input.transitions)
    found = {one.attrs["tiling"]: one for one in files}
    parts = (xr.load_dataset(snakemake.input[kind]) for kind in ("corners", "disc", "gravity"))
    corners, disc, gravity = parts
    findings, verdicts = judge(snakemake.wildcards.hyperbolic_study, found, corners, disc, gravity)
    json_files.write(findings, snakemake.output.findings)
    json_files.write(verdicts, snakemake.output.verdicts)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table(found, corners).to_csv(temporary, index=False)
