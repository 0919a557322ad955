"""Verdicts on Seidler & Abel (2024): intervals, and whole judgements of known truths."""

import json

import numpy as np
import pytest
from run_cubes import run_cube
from verdict_schema import check

from netphase.findings.papers import SEIDLER_ABEL_2024
from netphase.findings.perceptrons import (
    QUANTITIES,
    fisher_interval,
    half_width_of_maximum,
    half_width_of_mean,
    judge,
)
from netphase.findings.verdicts import NOT_REPRODUCED, NOT_TESTABLE, REPRODUCED
from netphase.runs.aggregation import aggregate
from netphase.runs.statistics import summarise
from netphase.transitions.sigmoid import fit_transition

CLAIM_OF = {(claim["quantity"], claim.get("size")): claim for claim in SEIDLER_ABEL_2024}


def judged(runs, **changes):
    """Verdict entries of one data set by (quantity, size)."""
    claims = [claim | changes for claim in SEIDLER_ABEL_2024]
    verdicts = judge(summarise(runs), fit_transition(runs), claims)
    check(json.loads(json.dumps(verdicts, allow_nan=False)))
    (entries,) = verdicts.values()
    return dict(zip(CLAIM_OF, entries, strict=True))


STUDY = judged(run_cube(n_test=3600, spread=0.003))


@pytest.mark.parametrize(("r2", "n"), [(0.5, 40), (0.9, 110)])
def test_fisher_interval_covers_the_true_correlation(r2, n):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, n))
    y = np.sqrt(r2) * x + np.sqrt(1 - r2) * rng.standard_normal((1000, n))
    estimates = [np.corrcoef(a, b)[0, 1] ** 2 for a, b in zip(x, y, strict=True)]
    intervals = np.array([fisher_interval(estimate, n) for estimate in estimates])
    covered = (intervals[:, 0] <= r2) & (r2 <= intervals[:, 1])
    assert covered.mean() == pytest.approx(0.95, abs=0.025)
    assert fisher_interval(1.0, n) == (1.0, 1.0)


def test_intervals_of_mean_and_maximum_cover():
    runs = run_cube(sizes=range(2, 102), realisations=10)
    runs.accuracy[:] = np.random.default_rng(0).binomial(360, 0.5, runs.accuracy.shape) / 360
    statistics = summarise(runs)
    hits = abs(statistics.mean_accuracy - 0.5) <= half_width_of_mean(statistics)
    assert float(hits.mean()) == pytest.approx(0.95, abs=0.015)
    width = half_width_of_maximum(statistics).mean()
    assert float(width) == pytest.approx(1.96 * float(statistics.max_accuracy.std()), rel=0.1)


def test_one_realisation_has_the_binomial_interval():
    level = summarise(run_cube(realisations=1)).sel(split="test")
    p = level.mean_accuracy
    expected = 1.96 * np.sqrt(p * (1 - p) / 360)
    for half_width in (half_width_of_mean(level), half_width_of_maximum(level)):
        np.testing.assert_allclose(half_width, expected.transpose(*half_width.dims))


def test_claims_that_hold_in_the_data_are_reproduced():
    for key in (
        ("sigmoid_at_every_size", None),
        ("floor_above_chance", None),
        ("plateau_gain", None),
        ("saturation_size", 64),
        ("train_accuracy", 128),
        ("spread_of_normalised_curves", None),
    ):
        assert STUDY[key]["verdict"] == REPRODUCED, key
    assert STUDY["saturation_size", 64]["ours"] == 16
    assert STUDY["plateau_gain", None]["ours"] == pytest.approx(0.47, abs=0.02)
    assert STUDY["train_accuracy", 128]["ours"] == 1


def test_numbers_are_judged_on_the_data_sets_of_the_paper_only():
    numbers = [key for key, claim in CLAIM_OF.items() if "datasets" in claim]
    assert numbers == [("r2", 2), ("r2", 128), ("plateau", 2), ("plateau", 128)]
    emnist = judged(run_cube(dataset="emnist47", n_test=3600, spread=0.003))
    for key in numbers:
        assert STUDY[key]["verdict"].startswith("depends on the data set")
        assert STUDY[key]["ours"] is not None and STUDY[key]["paper"] is not None
        assert emnist[key]["ours"] == STUDY[key]["ours"]
    assert emnist["r2", 128]["verdict"] == REPRODUCED
    assert emnist["r2", 2]["verdict"] == NOT_REPRODUCED
    assert emnist["plateau", 128]["verdict"] == NOT_REPRODUCED
    assert emnist["plateau", 2]["ours"] == pytest.approx(0.5, abs=0.02)


def test_claims_that_fail_in_the_data_are_not_reproduced():
    runs = run_cube(n_test=3600, spread=0.003)
    test = runs.split == "test"
    smaller = (runs["size"] < 128) & test
    rising = runs.assign(accuracy=runs.accuracy.where(~smaller, 0.1 + (runs.accuracy - 0.1) / 2))
    assert judged(rising)["saturation_size", 64]["verdict"] == NOT_REPRODUCED
    lifted = runs.assign(accuracy=runs.accuracy.where(~test, 0.2 + 0.7 * runs.accuracy))
    assert judged(lifted)["floor_above_chance", None]["verdict"] == NOT_REPRODUCED
    forgetful = runs.assign(accuracy=runs.accuracy.where(test, 0.9 * runs.accuracy))
    assert judged(forgetful)["train_accuracy", 128]["verdict"] == NOT_REPRODUCED
    falling = runs.accuracy.isel(size=slice(None, None, -1)).values
    shrinking = runs.assign(accuracy=runs.accuracy.copy(data=falling))
    assert judged(shrinking)["plateau_gain", None]["verdict"] == NOT_REPRODUCED
    shifted = runs.assign(
        accuracy=runs.accuracy.where(runs["size"] > 4, runs.accuracy.shift(step=-1, fill_value=0.1))
    )
    overlay = judged(shifted)["spread_of_normalised_curves", None]["verdict"]
    assert overlay.startswith(
        "depends on the range of sizes: not reproduced for 2 units up, 4 units"
    )
    assert overlay.endswith("; reproduced for 8 units up, 16 units up, 32 units up, 64 units up")


def test_a_claim_that_holds_at_some_levels_depends_on_the_level():
    runs = run_cube(realisations=4)
    noisy = (runs.split == "train") & (runs.kappa > 10)
    runs = runs.assign(accuracy=runs.accuracy.where(~noisy, 0.3))
    entry = judged(runs)["train_accuracy", 128]
    assert entry["verdict"].startswith("depends on the noise level: reproduced for kappa 0.01,")
    assert entry["verdict"].endswith("; not reproduced for " + entry["verdict"].split(" for ")[-1])
    assert entry["ours"] == 0.3 and len(entry["readings"]) == 11


@pytest.mark.parametrize("realisations", [1, 2])
def test_missing_sizes_and_few_runs_are_said_not_hidden(realisations):
    entries = judged(run_cube(sizes=(4, 8), realisations=realisations), datasets=("digits",))
    for key in (("r2", 2), ("plateau", 128), ("saturation_size", 64), ("train_accuracy", 128)):
        assert entries[key]["verdict"] == NOT_TESTABLE
        assert entries[key]["ours"] is None


def test_curves_at_chance_are_judged_without_a_fit():
    runs = run_cube(sizes=(2, 128), realisations=3)
    rng = np.random.default_rng(0)
    runs.accuracy[:] = rng.binomial(360, 0.1, runs.accuracy.shape) / 360
    entries = judged(runs, datasets=("digits",))
    assert entries["sigmoid_at_every_size", None]["verdict"] == NOT_REPRODUCED
    assert entries["plateau", 2]["verdict"] == NOT_TESTABLE
    assert entries["floor_above_chance", None]["verdict"] == REPRODUCED


def test_models_that_share_sizes_are_judged_apart():
    both = aggregate([run_cube(realisations=2), run_cube(realisations=2, model="b", seed=1)])
    (entries,) = judge(summarise(both), fit_transition(both), SEIDLER_ABEL_2024[:1]).values()
    assert [entry["system"] for entry in entries] == ["b", "mlp"]


def test_every_quantity_serves_a_claim():
    assert {claim["quantity"] for claim in SEIDLER_ABEL_2024} == QUANTITIES.keys()
