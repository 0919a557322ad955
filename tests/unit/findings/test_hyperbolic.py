"""Answers and verdicts about hyperbolic tilings say what was found, and change with it."""

import pytest
from tiling_data import corners, disc, found, gravity

from netphase.findings.hyperbolic import (
    DEPENDS,
    REFUTED,
    REPRODUCED,
    WORDS,
    boundary_temperatures,
    judge,
    table,
)


def verdicts(one=None, infinite=None, open_disc=None):
    parts = {"flat": found() if one is None else one}
    infinite = corners() if infinite is None else infinite
    open_disc = disc() if open_disc is None else open_disc
    said = judge("study", parts, infinite, open_disc, gravity())[1]["study"]
    assert all(tuple(claim) == WORDS and all(claim.values()) for claim in said)
    return {claim["claim"]: claim["verdict"] for claim in said}


def test_answers_quote_the_numbers():
    findings = judge("study", {"flat": found()}, corners(), disc(), gravity())[0]["study"]
    place, exponents, infinite, boundary, universes = findings
    chosen = found().sel(smallest=found().quoted)
    assert f"T_c = {float(chosen.t_c):.4f} [{float(chosen.t_c_low):.4f}, " in place["answer"]
    assert f"Corner transfer matrices: {float(corners().t_c[0]):.5f} (" in place["answer"]
    assert all(f"{float(law):.3f} [" in exponents["answer"] for law in chosen.exponent)
    assert "{5, 4}: T_c = 2.799" in infinite["answer"]
    low, high = boundary_temperatures(corners(), disc())
    assert (low, high) == (2.4, 3.3)
    fixed = disc().sel(boundary="fixed", temperature=high)
    assert f"{float(fixed.magnetisation):.4f} ± " in boundary["answer"]
    share = gravity().area.sel(temperature=0.3, coupling=0.4)
    assert f"at T = 0.3 from {100 * float(share):.1f} ± " in universes["answer"]
    assert all(set(entry) == {"ladder", "question", "answer", "trust"} for entry in findings)
    assert "nan" not in str(findings)


def test_verdicts_follow_what_was_found():
    claims = verdicts()
    there, same, mean_field, beta, boundary = claims
    assert [claims[name] for name in (there, beta, boundary)] == [REPRODUCED] * 3
    # The curves have 2.8, which is 0.0009 above what corner transfer matrices say.
    one = found().copy(deep=True)
    for low, high, said in ((2.79, 2.81, REPRODUCED), (2.7995, 2.8005, REFUTED)):
        one["t_c_low"][:], one["t_c_high"][:] = low, high
        assert verdicts(one)[same] == said
    for shift, said in ((0, REPRODUCED), (0.04, DEPENDS), (0.2, REFUTED)):
        one["exponent"] = one.mean_field + shift + 0 * one.exponent
        one["exponent_low"], one["exponent_high"] = one.exponent - 0.01, one.exponent + 0.01
        assert verdicts(one)[mean_field] == said
    one["t_c"][:] = 2.9
    assert verdicts(one)[there] == REFUTED
    infinite = corners().copy(deep=True)
    infinite["beta_high"][:] = 0.4
    assert verdicts(infinite=infinite)[beta] == REFUTED
    indifferent = disc().copy(deep=True)
    indifferent["magnetisation"][:] = 0.3
    assert verdicts(open_disc=indifferent)[boundary] == REFUTED


def test_without_temperatures_on_both_sides_nothing_is_said_of_the_boundary():
    cold = disc().sel(temperature=[1.5, 2.4])
    assert len(verdicts(open_disc=cold)) == len(verdicts()) - 1
    findings = judge("study", {"flat": found()}, corners(), cold, gravity())[0]["study"]
    assert "nan" not in findings[-1]["answer"]


def test_table_has_every_estimate():
    rows = table({"flat": found()}, corners())
    starts = found().sizes["smallest"]
    assert len(rows) == starts * (3 + 3) + 1 + 2
    crossings = rows[rows.method == "crossings"]
    assert crossings.value.tolist() == pytest.approx(found().t_c.values.tolist())
    assert (crossings.reference == float(corners().t_c[0])).all()
