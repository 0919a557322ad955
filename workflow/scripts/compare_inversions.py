"""Join all inversions of a study, and locate the noise at which densities are lost."""

import xarray as xr

from netphase.files import json_files, netcdf
from netphase.findings.spectral import answer, judge
from netphase.jobs.job import job
from netphase.spectral.recoverability import join, locate, table
from netphase.streams import stream

with job(snakemake) as provenance:
    study = snakemake.wildcards.spectral_study
    inversions = join(xr.load_dataset(path) for path in snakemake.input.found)
    seconds = sum(float(xr.load_dataset(path).cpu_seconds.sum()) for path in snakemake.input.costs)
    rng = stream("comparison of inversions", study=study)
    found = locate(inversions, snakemake.params.recovered, snakemake.params.quoted, rng)
    netcdf.write(inversions, snakemake.output.inversions, provenance)
    netcdf.write(found, snakemake.output.transition, provenance)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table(found).to_csv(temporary, index=False)
    json_files.write(answer(study, found, seconds), snakemake.output.findings)
    json_files.write(judge(study, found), snakemake.output.verdicts)
