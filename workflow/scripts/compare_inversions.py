"""Locate the noise level at which densities are lost, and compare the methods."""

import xarray as xr

from netphase.files import json_files, netcdf
from netphase.findings.spectral import answer, judge
from netphase.jobs.job import job
from netphase.spectral.recoverability import locate, table
from netphase.streams import stream

with job(snakemake) as provenance:
    study = snakemake.wildcards.spectral_study
    inversions = xr.load_dataset(snakemake.input.inversions)
    seconds = float(xr.load_dataset(snakemake.input.costs).cpu_seconds)
    rng = stream("comparison of inversions", study=study)
    found = locate(inversions, snakemake.params.recovered, snakemake.params.quoted, rng)
    netcdf.write(found, snakemake.output.transition, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table(found).to_csv(temporary, index=False)
    json_files.write(answer(study, found, seconds), snakemake.output.findings)
    json_files.write(judge(study, found), snakemake.output.verdicts)
