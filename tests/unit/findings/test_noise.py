"""The five answers: every outcome has its numbers or its reason, and is plain JSON."""

import json
import re

import numpy as np
import pytest
from run_cubes import LEVELS, SCHEDULE, limit_cube, spaced, transition_cube

from netphase.findings.noise import COLLAPSE, CROSSINGS, answer
from netphase.information.comparison import compare_limits
from netphase.runs.aggregation import aggregate
from netphase.scaling import collapse as data_collapse
from netphase.scaling import crossings as pair_crossings
from netphase.scaling import sensitivity as choices
from netphase.scaling import universality
from netphase.scaling.exponents import fit_exponents
from netphase.scaling.sensitivity import read_widths, sensitivity
from netphase.streams import stream
from netphase.transitions.model_selection import fit_families

SHORT = spaced(0.05, 1700, 14)


def analyses(runs, monkeypatch):
    """Every analysis of a study with few choices, copies and windows."""
    with monkeypatch.context() as patch:
        patch.setattr(choices, "PAIRS", ((0.9, 0.1),))
        patch.setattr(choices, "COORDINATES", ("ln_kappa",))
        patch.setattr(choices, "N_SAMPLES", 20)
        patch.setattr(universality, "N_REPLICAS", 20)
        patch.setattr(universality, "HALF_WIDTHS", np.array([2.0]))
        pooled, single = fit_families(runs, SCHEDULE, families=("hill",))
        laws = fit_exponents(runs, pooled, single)
        collapse, crossings = universality.collapse_curves(runs, laws, stream("test"))
        return {
            "families": pooled,
            "scaling": laws,
            "sensitivity": sensitivity(read_widths(runs, single, SCHEDULE, stream("test"))),
            "collapse": collapse,
            "crossings": crossings,
            "limits": compare_limits(runs, pooled, limit_cube(runs, 8.0, 3.0)),
        }


def said(found, dataset="digits", ladder=""):
    """Answers by question; all of them are JSON without NaN and say something."""
    text = json.dumps(found, ensure_ascii=False, allow_nan=False)
    assert json.loads(text) == found
    entries = [entry for entry in found[dataset] if entry["ladder"] == ladder]
    assert len(entries) == 5
    for entry in entries:
        assert set(entry) == {"ladder", "question", "answer", "trust"}
        words = f"{entry['answer']} {entry['trust']}"
        assert not re.search(r"\b(nan|inf|None(?! was))\b", words), words
        assert entry["answer"].rstrip().endswith((".", ")")), words
    return {entry["question"]: entry["answer"] for entry in entries}


def holds(text, *numbers):
    """Whether the text shows the numbers, to three digits."""
    return all(f"{float(number):.3g}" in text for number in numbers)


STUDY = transition_cube(realisations=3, levels=SHORT, drift=0.1)


@pytest.fixture(scope="module")
def study():
    with pytest.MonkeyPatch.context() as patch:
        return analyses(STUDY, patch)


def test_the_answers_of_a_study_hold_its_numbers(study):
    answers = said(answer(**study))
    laws = study["scaling"].isel(dataset=0, ladder=0)
    existence, place, width, scaling, limit = answers.values()
    assert existence.startswith("Yes") and "7 of 7" in existence and "hill" in existence
    for text, quantity in ((place, "kappa_c"), (width, "width")):
        for rung in (0, -1):
            one = laws.sel(quantity=quantity).isel(size=rung)
            assert holds(text, one.value, one.low, one.high) and f"{int(one['size'])} units" in text
    drift = laws.sel(quantity="kappa_c", law="pure")
    assert holds(place, -drift.gamma, -drift.gamma_low, -drift.gamma_high)
    pure = laws.sel(quantity="width", law="pure")
    assert holds(scaling, pure.gamma, pure.gamma_low, pure.gamma_high)
    assert "too far apart" in scaling
    reached = study["limits"].isel(dataset=0, ladder=0).isel(size=-1)
    for quantity in ("kappa_c_ratio", "width_ratio"):
        for end in ("", "_low", "_high"):
            assert holds(limit, reached[quantity + end].sel(reference="oracle"))


def with_collapse(study, status):
    collapse = study["collapse"].copy(deep=True)
    collapse["status"][:], collapse["quality"][:], collapse["gamma"][:] = status, 1.23, 0.0456
    return collapse


@pytest.mark.parametrize("status", data_collapse.STATUS)
def test_every_outcome_of_a_collapse_is_told(study, status):
    collapse = with_collapse(study, data_collapse.STATUS.index(status))
    answers = said(answer(**study | {"collapse": collapse}))
    text = answers["How does the width scale?"]
    assert COLLAPSE[status][1:] in text
    assert ("S = 1.2 at γ = 0.0456" in text) == (status in ("collapsed", "poor"))
    assert set(COLLAPSE) == set(data_collapse.STATUS)


@pytest.mark.parametrize("verdict", pair_crossings.VERDICTS)
def test_every_verdict_of_the_crossings_is_told(study, verdict):
    crossings = study["crossings"].copy(deep=True)
    crossings["verdict"][:] = pair_crossings.VERDICTS.index(verdict)
    crossings["common"][:], crossings["p"][:] = np.log(4.56), 0.0123
    changed = study | {"crossings": crossings}
    collapse = with_collapse(study, data_collapse.COLLAPSED)
    text = said(answer(**changed | {"collapse": collapse}))["Where?"]
    assert CROSSINGS[verdict][1:] in text
    assert ("4.56" in text and "0.012" in text) == (verdict in ("unique", "spread"))
    assert set(CROSSINGS) == set(pair_crossings.VERDICTS)
    collapse = with_collapse(study, data_collapse.TOO_COARSE)
    text = said(answer(**changed | {"collapse": collapse}))["Where?"]
    assert ("too far apart to judge" in text) == (verdict == "spread")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"plateau": 0.1}, "at chance"),
        ({"levels": LEVELS[::8]}, "no more levels than parameters"),
    ],
)
def test_a_study_without_a_transition_says_why(changes, reason, monkeypatch):
    runs = transition_cube(**{"realisations": 2, "levels": SHORT} | changes)
    answers = said(answer(**analyses(runs, monkeypatch)))
    existence, place, width, scaling, limit = answers.values()
    assert reason in existence and existence.startswith("None")
    assert scaling.startswith("No ")
    assert all(text.startswith("Not known") for text in (place, width, limit))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"realisations": 1}, "no error"),
        ({"sizes": (2, 128)}, "fewer than three sizes"),
        ({"sizes": (8,)}, "fewer than three sizes"),
    ],
)
def test_a_short_study_has_values_but_no_exponent(changes, reason, monkeypatch):
    runs = transition_cube(**{"realisations": 3, "levels": SHORT} | changes)
    found = analyses(runs, monkeypatch)
    answers = said(answer(**found))
    assert answers["Is there a transition?"].startswith("Yes")
    value = found["scaling"].value.isel(dataset=0, ladder=0, size=-1)
    assert holds(answers["Where?"], value.sel(quantity="kappa_c"))
    assert holds(answers["How wide is it?"], value.sel(quantity="width"))
    scaling = answers["How does the width scale?"]
    assert scaling.startswith("No exponent") and reason in scaling


def test_sizes_that_are_left_out_are_named(monkeypatch):
    plateau = [0.1, 0.7, 0.8, 0.9, 0.97, 0.97, 0.97]
    runs = transition_cube(realisations=3, levels=SHORT, plateau=plateau)
    runs.accuracy.loc[{"size": 16}], runs.n_correct.loc[{"size": 16}] = np.nan, -1
    answers = said(answer(**analyses(runs, monkeypatch)))
    assert "5 of 7" in answers["Is there a transition?"]
    scaling = answers["How does the width scale?"]
    assert "near chance (2 units)" in scaling and "no value (16 units)" in scaling


def test_sets_without_training_images_are_held_against_the_upper_bound_alone(study):
    limits = study["limits"].sel(reference=["oracle"])
    answers = said(answer(**study | {"limits": limits}))
    near = answers["How near is the information limit?"]
    assert "of the upper bound" in near and "posterior" not in near


def test_no_limit_means_no_answer(study):
    limits = study["limits"].copy(deep=True)
    limits["status"][:] = 2
    answers = said(answer(**study | {"limits": limits}))
    assert answers["How near is the information limit?"].startswith("Not known")


def test_data_sets_and_models_answer_apart(monkeypatch):
    cubes = [
        STUDY,
        transition_cube(realisations=2, levels=SHORT, model="wide", sizes=(4, 256), seed=1),
        transition_cube(realisations=2, levels=SHORT, dataset="letters", sizes=(4, 8), seed=2),
    ]
    found = answer(**analyses(aggregate(cubes), monkeypatch))
    assert {name: [e["ladder"] for e in found[name][::5]] for name in found} == {
        "digits": ["mlp", "wide"],
        "letters": [""],
    }
    assert "256 units" in said(found, ladder="wide")["Where?"]
    assert "8 units" in said(found, dataset="letters")["Where?"]
    assert "128 units" in said(found, ladder="mlp")["Where?"]
