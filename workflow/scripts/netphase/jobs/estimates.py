"""Cost of a job before it runs: declared by its rule, corrected by the cost of similar jobs.

A rule declares the CPU seconds of its work on the machine of the benchmarks. Where jobs of the rule
have finished, the nearest, which differ in the fewest wildcards and parameters, give the seconds
that a declared second takes here and for such parameters.

Every reading of the Snakefile imports this module, by Pythons that have Snakemake alone: it needs
no other library.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

JOB_SECONDS = 3.0
"""CPU seconds in which any job starts Snakemake and imports the scientific stack."""
JOB_BYTES = 100_000
"""What any job keeps, figures included, beside what its rule declares."""
BENCHMARKS = "benchmarks/summary.json"
ROUGH = (1 / 3, 1.0, 3.0)
"""Least, expected and most of what is known to an order of magnitude."""
COMPILING = 1.0
"""CPU seconds that any work takes beside what is declared: code is compiled, data are read."""
REACH = 30
"""A job tells of others up to so many times its own work: what it measured may be its start."""
NAMED = 3
"""Differences that are named one by one."""


class Unknown(Exception):
    """Reason why a job cannot be estimated, and the remedy."""


class Shape(NamedTuple):
    """Images to train on, all images, values of an image and classes of a data set."""

    train: int
    total: int
    n_features: int
    n_classes: int

    @property
    def test(self) -> int:
        return self.total - self.train

    @property
    def values(self) -> int:
        return self.total * self.n_features


Seconds = tuple[float, float, float]
"""CPU seconds: least, expected, most."""


class Cost(NamedTuple):
    """CPU seconds (least, expected, most), their source, bytes kept and temporary."""

    seconds: Seconds
    source: str = ""
    kept: float = 0
    temporary: float = 0


class Known(NamedTuple):
    """Data known before a job runs.

    shapes : of each data set of the config, or the reason why its shape is not known
    benchmarks : name -> value
    """

    shapes: Mapping[str, Shape | str]
    benchmarks: Mapping[str, float]

    def shape(self, dataset: str) -> Shape:
        """Shape of a data set.

        Raises
        ------
        Unknown : it is not stored, nor published
        """
        shape = self.shapes[dataset]
        if isinstance(shape, str):
            raise Unknown(shape)
        return shape


Declared = Callable[[Mapping[str, str], Mapping[str, Any], Known], Cost]
"""From wildcards, parameters (as JSON has them) and what is known to the cost of the work alone."""


class Job(NamedTuple):
    """A job to do: wildcards and parameters, which determine its cost."""

    wildcards: Mapping[str, str]
    parameters: Mapping[str, Any]


class Finished(NamedTuple):
    """A finished job and the CPU seconds of its work."""

    job: Job
    seconds: float


def few_seconds(wildcards: Mapping[str, str], parameters: Mapping[str, Any], known: Known) -> Cost:
    """Declared cost of rules whose work is little compared with the start of their jobs."""
    return Cost((0.0, 0.0, 0.0))


def scaled(factor: float, seconds: Iterable[float]) -> Seconds:
    """Seconds times a factor."""
    least, expected, most = (factor * part for part in seconds)
    return least, expected, most


def roughly(seconds: float, kept: float = 0) -> Cost:
    """Seconds known to an order of magnitude."""
    return Cost(scaled(seconds, ROUGH), "counted work, within a factor of three or so", kept)


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the provenance of an output has them: without the digest, as JSON."""
    kept = {key: value for key, value in parameters.items() if key != "code"}
    return json.loads(json.dumps(kept, default=list))


def leaves(job: Job) -> frozenset[tuple[str, str]]:
    """Wildcards and parameters of a job, each with its value as text; parts of parameters apart."""
    found = []
    open_parts = [*job.wildcards.items(), *job.parameters.items()]
    while open_parts:
        name, value = open_parts.pop()
        if isinstance(value, Mapping):
            open_parts += [(f"{name}.{key}", part) for key, part in value.items()]
        else:
            found.append((name, json.dumps(value)))
    return frozenset(found)


class Rule:
    """The jobs of one rule: their declared cost, and the cost of finished ones.

    Parameters
    ----------
    declared : see `Declared`
    finished : jobs of the rule, in any order
    """

    def __init__(self, declared: Declared, finished: Iterable[Finished], known: Known) -> None:
        self.declared, self.known = declared, known
        self.finished = []
        for one in finished:
            try:
                work = declared(*one.job, known).seconds[1]
            except (Unknown, KeyError, TypeError):
                # Its data set is gone, or other code had other parameters.
                continue
            work += COMPILING
            if one.seconds > 0:
                self.finished.append((leaves(one.job), work, one.seconds / work))

    def estimate(self, job: Job) -> Cost:
        """Cost of a job with its start, and all that it keeps.

        Raises
        ------
        Unknown : it depends on what is not known
        """
        cost = self.declared(*job, self.known)
        work, own = cost.seconds[1] + COMPILING, leaves(job)
        told = [
            (own ^ other, slowness)
            for other, done, slowness in self.finished
            if work <= REACH * done
        ]
        if told:
            fewest = min(len(differing) for differing, _ in told)
            nearest = [(differing, s) for differing, s in told if len(differing) == fewest]
            values = [slowness for _, slowness in nearest]
            seconds = scaled(work, (min(values), sum(values) / len(values), max(values)))
            cost = cost._replace(
                seconds=seconds, source=words(frozenset().union(*(d for d, _ in nearest)))
            )
        seconds = tuple(JOB_SECONDS + part for part in cost.seconds)
        return cost._replace(seconds=seconds, kept=JOB_BYTES + cost.kept)


def words(differing: frozenset[tuple[str, str]]) -> str:
    """Description of earlier jobs that differ in these leaves."""
    names = sorted({name.rpartition(".")[2] for name, _ in differing})
    if not names:
        return "an earlier run"
    if len(names) > NAMED:
        return "earlier runs of other settings"
    return f"earlier runs, other {', '.join(names)}"


class Sum:
    """Total cost of several jobs, with the reasons why some are not known."""

    def __init__(self) -> None:
        self.jobs = 0
        self.seconds = self.longest = (0.0, 0.0, 0.0)
        self.kept = self.largest_temporary = 0.0
        self.remarks: dict[str, int] = {}
        self.unknown: dict[str, int] = {}

    def add(self, rule: Rule, job: Job) -> None:
        """Count a job, and add its cost if that is known."""
        self.jobs += 1
        try:
            cost = rule.estimate(job)
        except Unknown as reason:
            self.unknown[str(reason)] = self.unknown.get(str(reason), 0) + 1
            return
        self.seconds = tuple(map(sum, zip(self.seconds, cost.seconds, strict=True)))
        self.longest = tuple(map(max, zip(self.longest, cost.seconds, strict=True)))
        self.kept += cost.kept
        self.largest_temporary = max(self.largest_temporary, cost.temporary)
        self.remarks[cost.source] = self.remarks.get(cost.source, 0) + 1
