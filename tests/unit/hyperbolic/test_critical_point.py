"""T_c and exponents of surfaces: recovered from curves of mean-field theory that are known."""

import math

import numpy as np
import pytest
import xarray as xr
from surface_runs import SIZES, T_C, TEMPERATURES, surfaces

from netphase.errors import InputError
from netphase.hyperbolic import critical_point
from netphase.hyperbolic.corner_transfer import bethe_temperature
from netphase.hyperbolic.critical_point import MEAN_FIELD_BINDER, extrapolate, locate
from netphase.scaling.collapse import COLLAPSED
from netphase.streams import stream


@pytest.fixture(autouse=True)
def fewer_replicas(monkeypatch):
    monkeypatch.setattr(critical_point, "N_REPLICAS", 25)


def located(smallest=11, **known):
    return locate(*surfaces(**known), "flat", smallest, stream("test"))


def test_cumulant_of_mean_field_theory():
    gamma = math.gamma
    exact = 1 - gamma(5 / 4) * gamma(1 / 4) / (3 * gamma(3 / 4) ** 2)
    assert pytest.approx(exact, abs=1e-6) == MEAN_FIELD_BINDER


def test_critical_temperature_and_corrections_are_found():
    found = located()
    one = found.sel(smallest=300)
    # Crossings at T_c - (2 / 0.07) / sqrt(N M), levels at T_c + (2 / 0.07) / N.
    assert one.t_c_slope == pytest.approx(-2 / 0.07, rel=0.05)
    assert one.t_level_slope == pytest.approx(2 / 0.07, rel=0.05)
    for name in ("t_c", "t_level"):
        assert one[f"{name}_low"] < T_C < one[f"{name}_high"]
        assert one[name] == pytest.approx(T_C, abs=5e-4)
    known = found.pair_status == 0
    exact = T_C - 2 / 0.07 / np.sqrt(found.pair_small * found.pair_large.astype(float))
    assert known.sum() >= 4
    assert (np.abs(found.crossing - exact) < 4 * found.crossing_se).values[known].all()


def test_collapse_does_without_corrections_only():
    with_them, without = (located(correction=b, error=3e-3).isel(smallest=0) for b in (2.0, 0.0))
    assert with_them.status != COLLAPSED
    assert without.status == COLLAPSED
    assert without.x_c == pytest.approx(T_C, abs=2e-3)
    assert without.gamma == pytest.approx(0.5, abs=0.03)


@pytest.mark.slow
def test_exponents_are_those_of_the_curves():
    found = located()
    for name, exact in (("binder_slope", 0.5), ("susceptibility", 0.5), ("magnetisation", -0.25)):
        law = found.sel(quantity=name, smallest=300)
        assert law.exponent == pytest.approx(exact, abs=0.01)
        power = (law["size"] / law["size"][-1]) ** exact
        np.testing.assert_allclose(law.relative, power, atol=5 * law.relative_se.max() + 0.01)
        assert law.relative[-1] == 1
        assert law.exponent_low < exact < law.exponent_high
        assert law.mean_field == exact


def test_intervals_hold_what_they_should():
    found = [located(seed=seed).isel(smallest=0) for seed in range(8)]
    for name in ("t_c", "t_level"):
        held = sum(bool(one[f"{name}_low"] < T_C < one[f"{name}_high"]) for one in found)
        # 95 % of eight; fewer than six has a probability of 6e-3, and these are always the same.
        assert held >= 6
        scatter = np.std([float(one[name]) for one in found], ddof=1)
        quoted = np.mean([float(one[f"{name}_se"]) for one in found])
        assert 0.4 < scatter / quoted < 2.2


def test_straight_lines_are_extrapolated_exactly():
    x = np.array([1.0, 2.0, 4.0])
    copies = np.array([[0.1], [0.2], [0.4]]) * stream("test").standard_normal((3, 4000))
    line = extrapolate(x, 3 + 0.5 * x, copies, 3)
    assert line.t_c == pytest.approx(3) and line.slope == pytest.approx(0.5)
    assert line.misfit == pytest.approx(0, abs=1e-12)
    # Weighted least squares of independent values.
    w = 1 / np.array([0.1, 0.2, 0.4]) ** 2
    se = np.sqrt((w * x**2).sum() / (w.sum() * (w * x**2).sum() - (w * x).sum() ** 2))
    assert line.se == pytest.approx(se, rel=0.05)
    bent = extrapolate(x, 3 + 0.5 * x + np.array([1.0, -1, 1]), copies, 3)
    assert bent.se == pytest.approx(line.se * np.sqrt(bent.misfit)) and bent.misfit > 10
    assert np.isnan(extrapolate(x, x, copies, 2).t_c)


def test_other_tilings_in_the_same_cube_do_not_matter():
    runs, costs = surfaces()
    other = runs.assign_coords(model=["other"]).isel(size=[0, 1]).copy(deep=True)
    both = xr.concat([runs, other], "model", join="outer", fill_value={"status": -1})
    both["status"] = both.status.fillna(-1).astype(np.int8)
    found = locate(
        both,
        xr.concat([costs, costs.assign_coords(model=["other"])], "model"),
        "flat",
        11,
        stream("test"),
    )
    xr.testing.assert_identical(found, located())


def test_what_leads_nowhere_is_refused():
    with pytest.raises(InputError, match=r"tilings\.flat: the crossings from 300 spins"):
        located(temperatures=TEMPERATURES[TEMPERATURES < T_C - 0.005])


def test_everything_is_described():
    found = located()
    assert all({"long_name", "units"} <= set(v.attrs) for v in found.variables.values())
    assert found.attrs["p"] == 5 and found.attrs["tiling"] == "flat"
    assert found.bethe == pytest.approx(bethe_temperature(4))
    assert found.cpu_seconds == 2.0 * len(SIZES) * len(TEMPERATURES) * 4
