"""Print the jobs, CPU cost and storage of a run before it starts (`make plan TARGET=study`).

The jobs are Snakemake's own; nothing is computed and no file is written. The cost of a job is
declared beside its rule (COSTS in workflow/rules) and corrected by the measured cost of like jobs.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import netCDF4
import numpy as np
import yaml
from snakemake.api import SnakemakeApi
from snakemake.exceptions import RuleException, WorkflowError
from snakemake.io import regex_from_filepattern
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import DAGSettings, OutputSettings, ResourceSettings

sys.path.append(str(Path(__file__).parent / "scripts"))
from netphase.jobs.estimates import (
    BENCHMARKS,
    JOB_SECONDS,
    Finished,
    Job,
    Known,
    Rule,
    Sum,
    few_seconds,
    plain,
)

PROFILE = Path("profiles/default/config.yaml")
NUMBERS = {"seed", "first", "run"}
"""Wildcards that count jobs of one kind; of each kind so many finished jobs are read:"""
READ = 3


def pending_jobs(targets: Sequence[str]) -> tuple[list, object]:
    """Jobs that a run would execute, and Snakemake's workflow.

    Raises
    ------
    RuleException, WorkflowError : no rule makes a target
    """
    profile = yaml.safe_load(PROFILE.read_text())
    settings = DAGSettings(
        targets=frozenset(targets),
        rerun_triggers=RerunTrigger.parse_choices_set(profile["rerun-triggers"]),
        force_incomplete=profile["rerun-incomplete"],
    )
    quiet = OutputSettings(quiet={Quietness.ALL}, enable_file_logging=False)
    with SnakemakeApi(quiet) as api:
        whole = api.workflow(ResourceSettings(cores=1), snakefile=Path("Snakefile"))
        whole.dag(settings)
        # No public call hands out the graph, and to print it takes longer than to make it.
        workflow = whole._workflow
        workflow._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=True)
        workflow._build_dag()
        return [job for job in workflow.dag.needrun_jobs() if not job.rule.norun], workflow


def finished_jobs(rule) -> Iterator[Finished]:
    """Finished jobs of one of Snakemake's rules, some of each kind.

    Their parameters are those of an output's provenance; their seconds stand in the rule's cost
    file, or else in Snakemake's benchmark, whose wall time is that of one thread.
    """
    named = dict(rule.output.items())
    costs = [named[name] for name in ("cost", "costs") if name in named]
    if not costs and not rule.benchmark:
        return
    told = str(costs[0] if costs else rule.benchmark)
    pattern = re.compile(regex_from_filepattern(told))
    kinds: dict[tuple, int] = {}
    for path in sorted(Path().glob(re.sub(r"({[^{}]*})+", "*", told))):
        found = pattern.fullmatch(str(path))
        if not found:
            continue
        wildcards = found.groupdict()
        kind = tuple(value for name, value in wildcards.items() if name not in NUMBERS)
        output = path if costs else Path(rule.output[0].apply_wildcards(wildcards))
        kinds[kind] = kinds.get(kind, 0) + output.exists()
        if output.exists() and kinds[kind] <= READ:
            parameters, seconds = read_cost(output)
            if not costs:
                seconds = benchmark_seconds(path) - JOB_SECONDS
            yield Finished(Job(wildcards, parameters), seconds)


def read_cost(path: Path) -> tuple[Mapping, float]:
    """Parameters of the job that wrote a file, and the sum of its variables in seconds."""
    with netCDF4.Dataset(path) as file:
        seconds = [
            np.sum(variable[:])
            for variable in file.variables.values()
            if getattr(variable, "units", "") == "s"
        ]
        return json.loads(file.parameters), float(np.sum(seconds))


def benchmark_seconds(path: Path) -> float:
    """The first column of Snakemake's table, in seconds."""
    _, values = path.read_text().splitlines()[:2]
    return float(values.split("\t")[0])


def sums(jobs: Iterable, workflow) -> tuple[dict[str, Sum], Sum]:
    """Sums over the jobs of each rule and over all jobs."""
    declared = workflow.globals["COSTS"]
    measured = json.loads(Path(BENCHMARKS).read_text())
    known = Known(
        {name: workflow.globals["shape_or_reason"](name) for name in workflow.config["datasets"]},
        {name: entry["value"] for name, entry in measured.items()},
    )
    rules, found, total = {}, {}, Sum()
    for job in jobs:
        name = job.rule.name
        if name not in declared:
            sys.exit(f"netphase: COSTS has no entry for {name}; declare one in costs.smk")
        if name not in rules:
            short = declared[name] is few_seconds
            rules[name] = Rule(declared[name], [] if short else finished_jobs(job.rule), known)
        one = Job(job.wildcards_dict, plain(dict(job.params.items())))
        for part in (found.setdefault(name, Sum()), total):
            part.add(rules[name], one)
    return found, total


def describe(
    name: str, rules: Mapping[str, Sum], total: Sum, local: Iterable[str], short, cores: int
) -> Iterator[str]:
    """Lines of the plan as they are printed."""
    if not rules:
        yield f"{name}: nothing to do"
        return
    submitted = sum(rule.jobs for key, rule in rules.items() if key not in set(local))
    yield f"{name}: jobs to do {total.jobs}, submissions to a cluster {submitted}"
    yield ""
    yield row("rule", "jobs", "CPU time")
    for key, rule in sorted(rules.items(), key=lambda item: -item[1].seconds[1]):
        if key not in short:
            unknown = sum(rule.unknown.values())
            text = times(rule.seconds) + f" and {unknown} unknown" * (unknown > 0)
            yield row(key, rule.jobs, text if rule.jobs > unknown else "unknown")
            yield from (f"    {n}: {remark}" for remark, n in rule.remarks.items() if remark)
    others = [rules[key] for key in rules if key in short]
    if others:
        seconds = np.sum([rule.seconds for rule in others], axis=0)
        jobs = sum(rule.jobs for rule in others)
        yield row(f"{len(others)} short rules", jobs, times(seconds))
    why = f"unknown: {'; '.join(total.unknown)}" if total.unknown else times(total.seconds)
    yield row("total", total.jobs, why)
    yield ""
    wall = np.maximum(np.divide(total.seconds, cores), total.longest)
    yield f"wall time on {cores} free cores: {amount(total, times(wall))}"
    cubes = min(cores, total.jobs) * total.largest_temporary
    yield f"disk, kept: {amount(total, size(total.kept))}"
    if cubes:
        yield f"disk, noise cubes on the way: {amount(total, size(cubes))}"


def amount(what: Sum, text: str) -> str:
    """Text of a sum, or `unknown` where it leaves jobs out."""
    return "unknown" if what.unknown else text


def row(*cells) -> str:
    return "{:22} {:>6}  {}".format(*cells)


def times(seconds: Sequence[float]) -> str:
    """Expected duration with its range, as 1.3 h (0.9 h to 2 h)."""
    least, expected, most = map(duration, seconds)
    return expected if least == most else f"{expected} ({least} to {most})"


def duration(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{two_digits(seconds / length)} {unit}"
    return f"{seconds:.0f} s"


def two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}"


def size(n_bytes: float) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= length:
            return f"{two_digits(n_bytes / length)} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"


def main() -> None:
    """Print the plan of the targets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", help="studies or files; without, the default studies")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    name = " ".join(arguments.targets) or "default studies"
    try:
        jobs, workflow = pending_jobs(arguments.targets)
        rules, total = sums(jobs, workflow)
    except (RuleException, WorkflowError) as error:
        sys.exit(f"netphase: {name}: {str(error).splitlines()[0]}")
    except FileNotFoundError as error:
        sys.exit(f"netphase: {error.filename} is missing; measure it: make bench")
    except OSError as error:
        sys.exit(f"netphase: {error.filename}: {error.strerror}; delete it and run again")
    short = {rule for rule, cost in workflow.globals["COSTS"].items() if cost is few_seconds}
    lines = describe(name, rules, total, workflow._localrules, short, arguments.cores)
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
