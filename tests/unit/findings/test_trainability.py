"""Answers on trained networks: numbers with intervals, verdicts that follow from them."""

import json

import numpy as np
import pytest
import xarray as xr
from trained_depths import choice, convolutions, described, six_lengths
from verdict_schema import check

from netphase.findings.trainability import RESULTS, answers, claims
from netphase.findings.verdicts import NOT_REPRODUCED, REPRODUCED, SAMPLING

NOTHING = {kind: [] for kind in RESULTS}
PREDICTORS = ("mean_field", "spectra", "cutoff", "reconstruction")
COSTS = xr.Dataset({"train_seconds": ("depth", [30.0, 90.0])})


def predicted(correlations):
    """Predictions of two data sets, all with these correlations and their intervals."""
    values = np.tile(correlations, (2, len(PREDICTORS), 1))
    found = xr.Dataset(
        {
            name + end: (("dataset", "predictor"), values[..., k].copy())
            for name in ("rank_correlation", "predicted", "distance")
            for k, end in enumerate(("", "_low", "_high"))
        },
        {"dataset": ["digits", "other"], "predictor": list(PREDICTORS)},
    )
    found.distance[:, PREDICTORS.index("cutoff")] = np.nan
    return found


def verdicts(**found):
    return {one["claim"]: one["verdict"] for one in claims(NOTHING | found)}


def test_of_nothing_nothing_is_said():
    assert answers(NOTHING) == claims(NOTHING) == []


def test_answers_and_claims_are_complete_and_hold_no_nan():
    found = NOTHING | {
        "trained": [described(six_lengths)],
        "training_costs": [COSTS],
        "predictions": [predicted((0.9, 0.8, 0.95))],
        "convolutions": [convolutions()],
        "choice": [choice([0.1, 0.3], 0.05)],
    }
    said, judged = answers(found), claims(found)
    assert all(list(one) == ["ladder", "question", "answer", "trust"] for one in said)
    check({"study": judged})
    assert "nan" not in json.dumps([said, judged])
    depths = [one for one in said if one["question"].startswith("How deep")]
    assert [one["ladder"] for one in depths] == ["digits", "other"]
    assert "6.0 [6.0, 6.0] decay lengths" in depths[0]["answer"]
    assert "2 CPU-minutes" in depths[0]["trust"] and "1.76" in depths[0]["trust"]
    (gained,) = (one for one in said if one["ladder"] == "digits" and "help" in one["question"])
    assert "40 layers: +30.0 ± 5.0 over Glorot" in gained["answer"]


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, REPRODUCED), (0.3, NOT_REPRODUCED)])
def test_six_decay_lengths(factor, verdict):
    trained = described(lambda w, r: factor * six_lengths(w, r))
    judged = verdicts(trained=[trained], training_costs=[COSTS])
    assert judged == {
        "Networks can be trained up to about six decay lengths of a correlation.": verdict
    }


@pytest.mark.parametrize(
    ("correlations", "verdict"),
    [
        ((0.9, 0.8, 0.95), REPRODUCED),
        ((0.7, 0.5, 0.8), SAMPLING),
        ((0.2, 0.1, 0.3), NOT_REPRODUCED),
    ],
)
def test_predictions_are_judged_by_their_interval(correlations, verdict):
    judged = verdicts(predictions=[predicted(correlations)])
    assert len(judged) == 3 and set(judged.values()) == {verdict}
    assert "Spectra of random networks predict which can be trained." in judged


def test_networks_of_convolutions():
    good, bad = (verdicts(convolutions=[one]) for one in (convolutions(), convolutions(1.5, -0.1)))
    assert list(good.values()) == [REPRODUCED, REPRODUCED]
    assert list(bad.values()) == [NOT_REPRODUCED, NOT_REPRODUCED]
    (cnn, resnet) = answers(NOTHING | {"convolutions": [convolutions(1.1)]})
    assert "are 1.10 [" in cnn["answer"] and cnn["answer"].startswith("Yes, ordered at 0.5, 1, 1.2")
    assert resnet["answer"] == "No variance is ordered."


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        ([0.2, 0.1], REPRODUCED),
        ([0.0, 0.01], SAMPLING),
        ([-0.1, -0.2], NOT_REPRODUCED),
        (
            [-0.1, 0.3],
            "depends on the data set and depth: not reproduced for digits, 5 layers; "
            "reproduced for digits, 40 layers",
        ),
    ],
)
def test_gains_are_judged_by_their_interval(gain, verdict):
    assert set(verdicts(choice=[choice(gain, 0.05)]).values()) == {verdict}


def test_verdicts_of_two_data_sets_may_differ():
    prediction = predicted((0.9, 0.8, 0.95))
    for end in ("", "_low", "_high"):
        prediction[f"rank_correlation{end}"][1] = 0.1
    assert set(verdicts(predictions=[prediction]).values()) == {
        "depends on the data set: reproduced for digits; not reproduced for other"
    }
