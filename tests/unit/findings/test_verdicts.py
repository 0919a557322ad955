"""The record of a verdict: comparison, combination, the quoted reading, and its JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from verdict_schema import check

from netphase.findings import papers
from netphase.findings.verdicts import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    SAMPLING,
    Quantity,
    Reading,
    accepted,
    around,
    combine,
    compare,
    exactly,
    judge_claims,
)

CLAIM = {
    "claim": "It is about one.",
    "source": "A paper",
    "paper": 1.0,
    "quantity": "it",
    "accept": (0.9, np.inf),
}


def record(readings, claim=CLAIM, unit="", **options):
    """The one record of a claim on these readings, as JSON holds it."""
    quantity = Quantity("what it is", unit, "known", "size", lambda found, claim: found)
    (judged,) = judge_claims([claim], {"it": quantity}, readings, **options)
    check({"study": [json.loads(json.dumps(judged, allow_nan=False))]})
    return judged


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(-1, 1), st.floats(0.01, 1))
def test_compare_is_a_trichotomy_of_intervals(value, half_width, low, height):
    reading = Reading("x", value, value - half_width, value + half_width)
    high = low + height
    contained = low <= reading.low and reading.high <= high
    disjoint = reading.high < low or reading.low > high
    expected = REPRODUCED if contained else NOT_REPRODUCED if disjoint else SAMPLING
    assert compare(reading, low, high) == expected
    assert compare(reading, -np.inf, np.inf) == REPRODUCED
    assert compare(Reading("x", np.nan, np.nan, np.nan), low, high) == NOT_TESTABLE


def test_combine_names_what_a_verdict_depends_on():
    readings = [Reading(name, 0, 0, 0) for name in "abc"]
    assert combine(readings, 3 * [REPRODUCED], "size") == REPRODUCED
    mixed = combine(readings, [REPRODUCED, NOT_REPRODUCED, REPRODUCED], "size")
    assert mixed == "depends on the size: reproduced for a, c; not reproduced for b"


def test_the_reading_least_in_favour_is_quoted():
    judged = record([around("a", 2.0, 0.1), around("b", 0.5, 0.1), exactly("c", np.nan)])
    assert (judged["reading"], judged["ours"], judged["interval"]) == ("b", 0.5, [0.4, 0.6])
    assert judged["verdict"] == (
        "depends on the size: reproduced for a; not reproduced for b; not testable for c"
    )
    assert [one["verdict"] for one in judged["readings"]] == [
        REPRODUCED, NOT_REPRODUCED, NOT_TESTABLE,
    ]  # fmt: skip
    assert judged["accepted"] == [0.9, None] and judged["depends_on"] == "size"
    assert (
        judged["sentence"] == "what it is: 2.00 [1.90, 2.10] (a); 0.50 [0.40, 0.60] (b); none (c)"
    )


def test_without_a_value_nothing_is_judged():
    judged = record([exactly("a", np.nan), exactly("b", np.nan)])
    assert judged["verdict"] == NOT_TESTABLE
    assert judged["ours"] is judged["interval"] is None


@pytest.mark.parametrize(
    ("half_width", "verdict"), [(0.05, REPRODUCED), (0.5, SAMPLING), (np.nan, SAMPLING)]
)
def test_an_interval_across_a_limit_or_unknown_decides_nothing(half_width, verdict):
    assert record([around("a", 1.0, half_width)])["verdict"] == verdict


def test_a_number_for_other_data_sets_is_not_judged():
    claim = CLAIM | {"datasets": ("one", "two")}
    assert record([exactly("a", 1.0)], claim, dataset="two")["verdict"] == REPRODUCED
    judged = record([exactly("a", 1.0)], claim, dataset="three")
    assert judged["verdict"] == "depends on the data set: the paper's value is for one or two"
    assert judged["ours"] == 1 and judged["readings"][0]["verdict"] == NOT_TESTABLE


def test_a_claim_without_readings_is_about_something_else():
    quantity = Quantity("what it is", "", "known", "size", lambda found, claim: [])
    assert judge_claims([CLAIM], {"it": quantity}, None) == []


def test_the_words_of_the_paper_stand_for_its_number():
    assert record([exactly("a", 1.0)], unit="J")["evidence"] == "1 J"
    assert record([exactly("a", 1.0)], CLAIM | {"paper": None})["evidence"] == "–"
    assert record([exactly("a", 1.0)], CLAIM | {"evidence": "Fig. 1"})["evidence"] == "Fig. 1"


def test_a_claim_names_its_system_or_the_study_does():
    assert record([exactly("a", 1.0)], system="digits")["system"] == "digits"
    claim = CLAIM | {"system": "disc"}
    assert record([exactly("a", 1.0)], claim, system="digits")["system"] == "disc"


def all_claims():
    named = vars(papers).items()
    return [claim for name, claims in named if name.isupper() and isinstance(claims, tuple)
            for claim in claims if isinstance(claim, dict)]  # fmt: skip


def test_what_papers_say_is_data_that_can_be_judged():
    claims = all_claims()
    assert len(claims) > 40
    for claim in claims:
        low, high = claim["accept"]
        assert low <= high and low < np.inf and high > -np.inf
        assert accepted([claim], claim["quantity"]) == (low, high)
        assert claim["paper"] is None or np.isfinite(claim["paper"])
        assert claim["claim"].endswith(".") and claim["source"]


def test_a_paper_that_measured_what_it_says_reproduces_itself():
    """Its number lies in what is accepted, or at a limit that it names itself."""
    for claim in all_claims():
        if claim["paper"] is not None:
            low, high = claim["accept"]
            assert low <= claim["paper"] <= high, claim["claim"]
