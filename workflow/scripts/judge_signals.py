"""State the findings on signals in random networks: answers and verdicts."""

import xarray as xr

from netphase.criticality.summaries import entropy_steps, lost_depth
from netphase.files import json_files
from netphase.findings.criticality import judge
from netphase.findings.trainability import RESULTS, answers, claims
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake):
    inputs, study = snakemake.input, snakemake.wildcards.criticality_study
    signals, cascades = (xr.load_dataset(inputs[kind]) for kind in ("signals", "cascade"))
    trained = {kind: [xr.load_dataset(path) for path in inputs.get(kind, [])] for kind in RESULTS}
    steps = entropy_steps(signals, stream("entropy steps"))
    loss = lost_depth(signals, cascades, stream("loss of signals"))
    findings, verdicts = judge(study, signals, cascades, steps, loss)
    findings[study] += answers(trained)
    verdicts[study] += claims(trained)
    json_files.write(findings, snakemake.output.findings)
    json_files.write(verdicts, snakemake.output.verdicts)
