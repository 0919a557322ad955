"""One record of a verdict for every kind of study: claim of a source, and its reproduction here.

A claim is data (`netphase.findings.papers`): it names a quantity and the interval `accept` in which
that must lie. A quantity may have several readings: sizes, noise levels, data sets, methods, ways
to read an unclear definition. Each reading has an interval of 95 % and is

- reproduced: the whole interval is accepted;
- not reproduced: none of it is accepted;
- depends on the sampling error: the interval lies across a limit of acceptance, or is not known;
- not testable: no value.

A claim whose readings disagree depends on what distinguishes them. A number that the source gives
for particular data sets is judged on these only; elsewhere the claim depends on the data set.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np

from netphase.findings import wording
from netphase.findings.papers import Claim

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
SAMPLING, NOT_TESTABLE = "depends on the sampling error", "not testable"
DIGITS = 6
"""Significant digits of the numbers of a record."""


class Reading(NamedTuple):
    """One value of a quantity with its 95 % interval, and its name among the readings."""

    name: str
    value: float
    low: float
    high: float


class Quantity(NamedTuple):
    """A quantity in words: its unit, the meaning of its intervals and readings, its measurement.

    `measure(found, claim)` reads the results of a study; no reading at all means that the claim is
    about something else. `unit` is empty for a number without one.
    """

    meaning: str
    unit: str
    interval: str
    readings_by: str
    measure: Callable[[Any, Claim], list[Reading]]


class JudgedReading(TypedDict):
    """One reading as JSON holds it."""

    reading: str
    ours: float | None
    interval: list[float | None] | None
    verdict: str


class Verdict(TypedDict):
    """The record, ready for JSON: `workflow/schemas/verdicts.schema.yaml`.

    `ours`, `interval` and `reading` are those of the reading least in favour of the claim; an end
    of an interval is None where it is infinite. `evidence` and `sentence` state the paper's side
    and ours in words.
    """

    system: str
    claim: str
    source: str
    paper: float | None
    evidence: str
    quantity: str
    unit: str
    ours: float | None
    interval: list[float | None] | None
    interval_kind: str
    accepted: list[float | None]
    reading: str
    readings: list[JudgedReading]
    depends_on: str
    verdict: str
    sentence: str


def exactly(name: str, value: float) -> Reading:
    """A reading whose interval is its value: a count, or a number given without an error."""
    return Reading(name, float(value), float(value), float(value))


def around(name: str, value: float, half_width: float) -> Reading:
    """A reading with a symmetric interval."""
    return Reading(name, float(value), float(value - half_width), float(value + half_width))


def judge_claims(
    claims: Iterable[Claim],
    quantities: Mapping[str, Quantity],
    found: Any,
    system: str = "",
    dataset: str | None = None,
) -> list[Verdict]:
    """Judge each claim that concerns the results of a study.

    Parameters
    ----------
    found : results that the quantities are measured on
    system : name of the judged system, for claims that do not name it
    dataset : for claims whose number holds for some data sets only
    """
    verdicts = []
    for claim in claims:
        quantity = quantities[claim["quantity"]]
        readings = quantity.measure(found, claim)
        if readings:
            verdicts.append(judged(claim, quantity, readings, system, dataset))
    return verdicts


def judged(
    claim: Claim,
    quantity: Quantity,
    readings: Sequence[Reading],
    system: str,
    dataset: str | None = None,
) -> Verdict:
    """The record of one claim: its readings, the reading least in its favour, and the verdict."""
    low, high = claim["accept"]
    foreign = "datasets" in claim and dataset not in claim["datasets"]
    verdicts = [NOT_TESTABLE if foreign else compare(one, low, high) for one in readings]
    worst = min(
        (reading for reading in readings if np.isfinite(reading.value)),
        key=lambda reading: min(reading.value - low, high - reading.value),
        default=readings[0],
    )
    if foreign:
        verdict = f"depends on the data set: the paper's value is for {_either(claim['datasets'])}"
    else:
        verdict = combine(readings, verdicts, quantity.readings_by)
    judged_readings: list[JudgedReading] = [
        {
            "reading": reading.name,
            "ours": _number(reading.value),
            "interval": _interval(reading),
            "verdict": verdict_of_one,
        }
        for reading, verdict_of_one in zip(readings, verdicts, strict=True)
    ]
    return {
        "system": claim.get("system", system),
        "claim": claim["claim"],
        "source": claim["source"],
        "paper": claim["paper"],
        "evidence": claim.get("evidence") or wording.value(claim["paper"], quantity.unit),
        "quantity": quantity.meaning,
        "unit": quantity.unit,
        "ours": _number(worst.value),
        "interval": _interval(worst),
        "interval_kind": quantity.interval,
        "accepted": [_number(low), _number(high)],
        "reading": worst.name,
        "readings": judged_readings,
        "depends_on": claim.get("depends_on", quantity.readings_by),
        "verdict": verdict,
        "sentence": wording.sentence(
            quantity.meaning, quantity.unit, readings, readings.index(worst)
        ),
    }


def accepted(claims: Iterable[Claim], quantity: str) -> tuple[float, float]:
    """Accepted interval (low, high) of the first claim on a quantity."""
    return next(claim["accept"] for claim in claims if claim["quantity"] == quantity)


def compare(reading: Reading, low: float, high: float) -> str:
    """Verdict on one reading against the accepted interval [low, high]."""
    if not np.isfinite(reading.value):
        return NOT_TESTABLE
    if low <= reading.low and reading.high <= high:
        return REPRODUCED
    if reading.high < low or reading.low > high:
        return NOT_REPRODUCED
    return SAMPLING


def combine(readings: Sequence[Reading], verdicts: Sequence[str], readings_by: str) -> str:
    """The common verdict of all readings, or each verdict with its readings."""
    if len(set(verdicts)) == 1:
        return verdicts[0]
    names: dict[str, list[str]] = {}
    for reading, verdict in zip(readings, verdicts, strict=True):
        names.setdefault(verdict, []).append(reading.name)
    parts = (f"{verdict} for {', '.join(those)}" for verdict, those in names.items())
    return f"depends on the {readings_by}: {'; '.join(parts)}"


def _either(names):
    return " or ".join(names)


def _interval(reading):
    ends = [_number(reading.low), _number(reading.high)]
    return None if ends == [None, None] else ends


def _number(value):
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
