"""Answers and verdicts about hyperbolic tilings state the results, and change with them."""

import pytest
from tiling_data import corners, disc, found, gravity
from verdict_schema import check

from netphase.findings.hyperbolic import boundary_temperatures, judge, table
from netphase.findings.verdicts import NOT_REPRODUCED, REPRODUCED, SAMPLING


def verdicts(one=None, infinite=None, open_disc=None):
    parts = {"flat": found() if one is None else one}
    infinite = corners() if infinite is None else infinite
    open_disc = disc() if open_disc is None else open_disc
    said = judge("study", parts, infinite, open_disc, gravity())[1]
    check(said)
    return {claim["claim"]: claim["verdict"] for claim in said["study"]}


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
    there, same, mean_field, beta, free, fixed = claims
    assert [claims[name] for name in (there, beta, free, fixed)] == [REPRODUCED] * 4
    one = found().copy(deep=True)
    exact = float(corners().t_c[0])
    for distance, half, said in (
        (0.001, 0.01, REPRODUCED), (0.001, 0.1, SAMPLING), (0.1, 0.01, NOT_REPRODUCED),
    ):  # fmt: skip
        one["t_c"][:] = exact + distance
        one["t_c_low"], one["t_c_high"] = one.t_c - half, one.t_c + half
        assert verdicts(one)[same] == said
    for shift, half, said in (
        (0, 0.01, REPRODUCED), (0.04, 0.02, SAMPLING), (0.2, 0.01, NOT_REPRODUCED),
    ):  # fmt: skip
        one["exponent"] = one.mean_field + shift + 0 * one.exponent
        one["exponent_low"], one["exponent_high"] = one.exponent - half, one.exponent + half
        assert verdicts(one)[mean_field] == said
    one["t_c"] = one.bethe + 0.1 + 0 * one.t_c
    one["t_c_low"], one["t_c_high"] = one.t_c - 0.01, one.t_c + 0.01
    assert verdicts(one)[there] == NOT_REPRODUCED
    infinite = corners().copy(deep=True)
    infinite["beta_low"][:], infinite["beta_high"][:] = 0.3, 0.4
    assert verdicts(infinite=infinite)[beta] == NOT_REPRODUCED
    indifferent = disc().copy(deep=True)
    indifferent["magnetisation"][:], indifferent["magnetisation_se"][:] = 0.4, 0.001
    judged = verdicts(open_disc=indifferent)
    assert judged[free] == judged[fixed] == NOT_REPRODUCED


def test_without_temperatures_above_the_transition_nothing_is_said_of_the_fixed_boundary():
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
