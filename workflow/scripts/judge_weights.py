"""State the findings on an ensemble of binary networks: answers, verdicts and a table."""

import xarray as xr

from netphase.files import json_files, netcdf
from netphase.findings.weights import KINDS, judge, table
from netphase.jobs.job import job

with job(snakemake) as provenance:
    names, inputs = snakemake.params.names, snakemake.input
    found = {
        kind: {
            tuple(name): xr.load_dataset(path)
            for name, path in zip(names[kind], inputs.get(kind), strict=True)
        }
        for kind in KINDS
    }
    scenarios = snakemake.params.scenarios
    ensembles, costs, clouds = (
        {name: xr.load_dataset(path) for name, path in zip(scenarios, paths, strict=True)}
        for paths in (inputs.ensembles, inputs.costs, inputs.clouds)
    )
    others = [xr.load_dataset(path) for path in inputs.others]
    study = snakemake.wildcards.weights_study
    findings, verdicts = judge(study, found, ensembles, costs, clouds, others)
    json_files.write(findings, snakemake.output.findings)
    json_files.write(verdicts, snakemake.output.verdicts)
    with netcdf.whole_or_nothing(snakemake.output.csv) as temporary:
        table(found).to_csv(temporary, index=False)
