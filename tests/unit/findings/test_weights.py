"""Verdicts on weights follow from the numbers, and turn where these do."""

import json

import pytest
import xarray as xr
from verdict_schema import check
from weight_models import explored

from netphase.findings.verdicts import NOT_REPRODUCED, NOT_TESTABLE, REPRODUCED, SAMPLING
from netphase.findings.weights import KINDS, judge, table

COST = xr.Dataset({"networks": ((), 300), "train_seconds": ((), 36.0)})


@pytest.fixture(scope="module")
def whole():
    found = explored()
    ensembles, clouds = found.pop("ensembles"), found.pop("clouds")
    return found, ensembles, clouds


@pytest.fixture
def found(whole):
    """A copy that may be changed."""
    kinds, *others = whole
    copies = {
        kind: {key: one.copy(deep=True) for key, one in files.items()}
        for kind, files in kinds.items()
    }
    return copies, *others


def judged(found):
    kinds, ensembles, clouds = found
    return judge("study", kinds, ensembles, dict.fromkeys(ensembles, COST), clouds)


def verdicts(found):
    judgement = judged(found)[1]["study"]
    return {(claim["system"], claim["claim"].split(":")[0]): claim for claim in judgement}


def test_table_has_a_row_for_every_model(whole):
    rows = table(whole[0])
    assert len(rows) == (4 + 1) * 2 and not rows.isna().to_numpy().all(axis=0).any()
    assert (rows.entropy_low < rows.entropy).all() and (rows.tap_states == 1).all()


def test_answers_are_plain_and_ready_for_json(whole):
    findings, claims = judged(whole)
    entries = findings["study"]
    assert {entry["ladder"] for entry in entries} == {"deep", "shallow"}
    assert all(entry["answer"].endswith(".") and entry["trust"] for entry in entries)
    assert "0.01 CPU-hours" in entries[0]["trust"]
    check(claims)
    text = json.dumps([findings, claims], allow_nan=False)
    assert "nan" not in text


def test_independent_weights_are_smooth_and_have_no_transition(whole):
    said = verdicts(whole)
    assert said["deep", "Deep weight spaces are smooth"]["verdict"] == REPRODUCED
    assert (
        said["shallow", "The shallow network has a transition of first order."]["verdict"]
        == NOT_REPRODUCED
    )


def smoothness(found):
    entries = judged(found)[0]["study"]
    return next(entry["answer"] for entry in entries if "smooth" in entry["question"])


def test_verdicts_turn_with_the_numbers(found):
    kinds, *_ = found
    smooth = "Deep weight spaces are smooth"
    assert smoothness(found).startswith("Yes")
    kinds["landscapes"]["deep", "interior", "closed_form"]["largest"][:] = 0.6
    assert verdicts(found)["deep", smooth]["verdict"] == (
        "depends on the method of inference: not reproduced for closed form; "
        "reproduced for persistent chains"
    )
    assert smoothness(found).startswith("That depends on the method")
    kinds["landscapes"]["deep", "full", "persistent_chains"]["largest"][:] = 0.6
    assert verdicts(found)["deep", smooth]["verdict"] == NOT_REPRODUCED
    assert smoothness(found).startswith("No:")
    for (scenario, *_), one in kinds["landscapes"].items():
        if scenario == "deep":
            one["converged"][:] = False
    assert verdicts(found)["deep", smooth]["verdict"] == NOT_TESTABLE
    assert smoothness(found).startswith("No landscape")
    for one in kinds["field_sweeps"].values():
        one["largest"][:] = 0.8
    shallow = verdicts(found)["shallow", "The shallow network has a transition of first order."]
    assert shallow["verdict"] == REPRODUCED and shallow["ours"] == 0.8


def frozen(gap, half):
    arms = ["free", "frozen_interior", "frozen_left_boundary", "frozen_right_boundary"]
    values = {"gap_mean": [[0.0], [gap], [0.2], [0.1]], "gap_half": [[0.0], [half], [0.0], [0.0]]}
    return xr.Dataset(
        {name: (("arm", "epoch"), rows) for name, rows in values.items()},
        {"arm": arms, "epoch": [20], "run": [0, 1]},
        {"variant": "corrected"},
    )


def descent(ratio, trend):
    return xr.Dataset(
        {
            "peak_ratio": ("kind", [1.0, ratio]),
            "peak_width": ("kind", [2, 8]),
            "trend": ("kind", [trend, 0.0]),
            "train_error": (("kind", "repeat"), [[0.1, 0.2], [0.0, 0.0]]),
        },
        {"kind": ["binary", "real"], "width": [2, 8, 16]},
        {"n_samples": 2000},
    )


def crossing(at):
    values = {"crossing": at, "crossing_low": at - 1, "crossing_high": at + 1}
    return xr.Dataset(
        {name: ((), value) for name, value in values.items()},
        {"step": [10, 3000], "repeat": [0, 1]},
    )


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (frozen(0.01, 0.01), [REPRODUCED]),
        (frozen(0.01, 0.03), [SAMPLING]),
        (frozen(0.1, 0.02), [NOT_REPRODUCED]),
        (crossing(9.0), [REPRODUCED]),
        (crossing(19.5), [SAMPLING]),
        (crossing(40.0), [NOT_REPRODUCED]),
        (crossing(float("nan")), [NOT_TESTABLE]),
        (descent(3.0, -0.95), 4 * [REPRODUCED]),
        (descent(1.5, -0.5), [NOT_REPRODUCED, REPRODUCED, NOT_REPRODUCED, REPRODUCED]),
    ],
)
def test_verdicts_on_other_networks(other, expected):
    judged = judge("study", {kind: {} for kind in KINDS}, {}, {}, {}, [other])[1]
    check(judged)
    claims = judged["study"]
    assert [claim["verdict"] for claim in claims] == expected
    assert all(claim["system"] == "other networks" for claim in claims)


def test_a_lead_within_the_errors_of_the_entropies_decides_nothing(found):
    kinds, *_ = found
    lead = "The interior is the least constrained part of a deep network."
    for (scenario, block, _), one in kinds["entropies"].items():
        if scenario == "deep":
            one["entropy"][:] = 0.6 if block == "interior" else 0.5
            one["entropy_se"][:] = 0.001
    assert verdicts(found)["deep", lead]["verdict"] == REPRODUCED
    assert verdicts(found)["deep", lead]["ours"] == pytest.approx(0.1)
    for one in kinds["entropies"].values():
        one["entropy_se"][:] = 0.1
    assert verdicts(found)["deep", lead]["verdict"] == SAMPLING
