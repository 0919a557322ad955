"""Verdicts on weights follow from the numbers, and turn where these do."""

import json

import pytest
import xarray as xr
from weight_models import explored

from netphase.weight_findings import DEPENDS, REFUTED, REPRODUCED, UNTESTED, judge, table

COST = xr.Dataset({"networks": ((), 300), "train_seconds": ((), 36.0)})


@pytest.fixture(scope="module")
def whole():
    found = explored()
    ensembles = found.pop("ensembles")
    return found, ensembles


@pytest.fixture
def found(whole):
    """A copy that may be changed."""
    kinds, ensembles = whole
    copies = {
        kind: {key: one.copy(deep=True) for key, one in files.items()}
        for kind, files in kinds.items()
    }
    return copies, ensembles


def verdicts(found):
    kinds, ensembles = found
    judged = judge("study", kinds, ensembles, dict.fromkeys(ensembles, COST))[1]
    return {(claim["scenario"], claim["claim"].split(":")[0]): claim for claim in judged}


def test_table_has_a_row_for_every_model(whole):
    rows = table(whole[0])
    assert len(rows) == (4 + 1) * 2 and not rows.isna().to_numpy().all(axis=0).any()
    assert (rows.entropy_low < rows.entropy).all() and (rows.tap_states == 1).all()


def test_answers_are_plain_and_ready_for_json(whole):
    kinds, ensembles = whole
    findings, claims = judge("study", kinds, ensembles, dict.fromkeys(ensembles, COST))
    entries = findings["study"]
    assert {entry["ladder"] for entry in entries} == {"deep", "shallow"}
    assert all(entry["answer"].endswith(".") and entry["trust"] for entry in entries)
    assert "0.01 CPU-hours" in entries[0]["trust"]
    text = json.dumps([findings, claims], allow_nan=False)
    assert "nan" not in text


def test_independent_weights_are_smooth_and_have_no_transition(whole):
    said = verdicts(whole)
    assert said["deep", "Deep weight spaces are smooth"]["verdict"] == REPRODUCED
    assert (
        said["shallow", "The shallow network has a transition of first order."]["verdict"]
        == REFUTED
    )


def test_verdicts_turn_with_the_numbers(found):
    kinds, _ = found
    smooth = "Deep weight spaces are smooth"
    kinds["landscapes"]["deep", "interior", "closed_form"]["largest"][:] = 0.6
    assert verdicts(found)["deep", smooth]["verdict"] == DEPENDS
    kinds["landscapes"]["deep", "full", "persistent_chains"]["largest"][:] = 0.6
    assert verdicts(found)["deep", smooth]["verdict"] == REFUTED
    for (scenario, *_), one in kinds["landscapes"].items():
        if scenario == "deep":
            one["converged"][:] = False
    assert verdicts(found)["deep", smooth]["verdict"] == UNTESTED
    for one in kinds["field_sweeps"].values():
        one["largest"][:] = 0.8
    shallow = verdicts(found)["shallow", "The shallow network has a transition of first order."]
    assert shallow["verdict"] == REPRODUCED and "0.800" in shallow["ours"]
