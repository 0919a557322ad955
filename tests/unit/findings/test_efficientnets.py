"""Verdicts on the claims of Seidler & Abel (2025), from studies whose truth is known."""

from functools import cache

import numpy as np
from run_cubes import SCHEDULE_2025 as SCHEDULE
from run_cubes import scaled, transition_cube
from verdict_schema import check

from netphase.findings.efficientnets import QUANTITIES, judge_networks
from netphase.findings.papers import SEIDLER_ABEL_2025
from netphase.noise import schedule
from netphase.scaling.sensitivity import sensitivity
from netphase.transitions.curves import convert

STEPS = np.unique(np.linspace(0, 3000, 46).astype(int))
SIZES = (10_000, 31_600, 100_000, 316_000, 1_000_000)


@cache
def verdicts(gamma, step, drift=0.0):
    """Claim -> verdict of a study whose half point lies at a step, with a law of the width."""
    width, kappa_c = 2.5 * (SIZES[2] / 2) ** gamma, float(convert(step, "t", "kappa", SCHEDULE))
    runs = transition_cube(
        sizes=SIZES, realisations=4, n_test=10_000, levels=schedule.levels(STEPS, **SCHEDULE),
        gamma=gamma, width=width, kappa_c=kappa_c, drift=drift,
    )  # fmt: skip
    laws, readings, crossings = scaled(runs, n_replicas=50, n_samples=40)
    table = sensitivity(readings)
    judged = judge_networks(laws, crossings, table, SCHEDULE, SEIDLER_ABEL_2025)
    check(judged)
    (entries,) = judged.values()
    return {entry["quantity"]: entry for entry in entries}


def entry(name, *study):
    return verdicts(*study)[QUANTITIES[name].meaning]


def test_a_study_as_the_paper_describes_it_is_reproduced():
    assert entry("half_point_step", 0.27, 1845.9)["verdict"] == "reproduced"
    crossing = entry("crossing_step", 0.27, 1845.9)
    assert all(r["verdict"] == "reproduced" for r in crossing["readings"])
    exponent = entry("width_exponent", 0.27, 1845.9)["readings"][0]
    low, high = exponent["interval"]
    assert low < 0.27 < high


def test_a_width_that_does_not_fall_is_not_reproduced():
    exponent = entry("width_exponent", 0.0, 1400.0)["readings"][0]
    assert exponent["verdict"] == "not reproduced"
    assert entry("half_point_step", 0.0, 1400.0)["verdict"] == "reproduced"


def test_a_transition_elsewhere_is_not_reproduced():
    assert entry("half_point_step", 0.27, 700.0)["verdict"] == "not reproduced"
    assert "not reproduced" in entry("crossing_step", 0.27, 700.0)["verdict"]


def test_every_quantity_serves_a_claim():
    assert {claim["quantity"] for claim in SEIDLER_ABEL_2025} == QUANTITIES.keys()
