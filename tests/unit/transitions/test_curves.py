"""Families of transition curves in closed form, and the coordinates of the control parameter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from netphase.noise.schedule import levels
from netphase.transitions.curves import (
    COORDINATES,
    FAMILIES,
    centre_of,
    convert,
    curve,
    half_point,
    level_set,
    width,
)

DDPM_2024 = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}
DDPM_2025 = {"beta_first": 1e-4, "beta_last": 0.0201, "n_steps": 5000}

families = st.sampled_from(list(FAMILIES))
centres = st.floats(-3, 3)
slopes = st.floats(0.3, 3)


def slope_of(family, slope):
    return FAMILIES[family].slope or slope


@given(families, centres, slopes, st.floats(0.02, 0.98))
def test_level_sets_are_where_the_curve_has_the_level(family, centre, slope, level):
    slope = slope_of(family, slope)

    def above(u):
        return curve(family, u, 0.9, 0.1, centre, slope) - (0.1 + 0.8 * level)

    crossing = brentq(above, centre - 60, centre + 60, xtol=1e-13)
    assert level_set(family, level, centre, slope) == pytest.approx(crossing, abs=1e-9)


@given(families, centres, slopes)
def test_curves_fall_from_plateau_to_floor_through_their_half_point(family, centre, slope):
    slope = slope_of(family, slope)
    u = np.concatenate([[-np.inf], np.linspace(-60, 60, 200), [np.inf]])
    m = curve(family, u, 0.9, 0.1, centre, slope)
    assert (m[0], m[-1]) == pytest.approx((0.9, 0.1))
    assert np.all(np.diff(m) <= 0)
    half = half_point(family, centre, slope)
    assert curve(family, half, 0.9, 0.1, centre, slope) == pytest.approx(0.5)
    assert centre_of(family, half, slope) == pytest.approx(centre, abs=1e-12)


@pytest.mark.parametrize(
    ("family", "printed"),
    [
        ("hill", (4.3944, 2.7726, 1.6946, 0.8109)),
        ("logistic_t", (4.3944, 2.7726, 1.6946, 0.8109)),
        ("logistic_kappa", (4.3944, 2.7726, 1.6946, 0.8109)),
        ("probit", (2.5631, 1.6832, 1.0488, 0.5067)),
        ("inv_weibull", (3.0844, 1.9758, 1.2166, 0.5843)),
        ("gompertz", (3.0844, 1.9758, 1.2166, 0.5843)),
        ("erf", (2.5718, 1.6211, 0.9895, 0.4731)),
    ],
)
def test_widths_have_the_tabulated_values(family, printed):
    found = [width(family, 1.0, 0.5 + half, 0.5 - half) for half in (0.4, 0.3, 0.2, 0.1)]
    assert found == pytest.approx(printed, abs=6e-5)


def test_half_points_have_the_tabulated_values():
    assert half_point("hill", 1.2, 2.0) == half_point("probit", 1.2, 2.0) == 1.2
    assert half_point("inv_weibull", 1.2, 2.0) == pytest.approx(1.2 + 0.36651 / 2, abs=5e-6)
    assert half_point("gompertz", 1.2, 2.0) == pytest.approx(1.2 + np.log(np.log(2)) / 2)
    assert np.exp(half_point("erf", 0.0, 1.0)) == pytest.approx(1 / 0.476936, rel=1e-6)


@given(st.floats(0.05, 50), st.floats(0.1, 20), st.floats(0.3, 4))
def test_families_are_the_functions_of_kappa_that_they_are_named_after(kappa, kappa_c, b):
    u, a = np.log(kappa), np.log(kappa_c)
    assert curve("hill", u, 1, 0, a, b) == pytest.approx(1 / (1 + (kappa / kappa_c) ** b))
    weibull = np.exp(-((kappa / kappa_c) ** b))
    assert curve("gompertz", u, 1, 0, a, b) == pytest.approx(weibull, rel=1e-9, abs=1e-12)
    inverse = 1 - np.exp(-((kappa_c / kappa) ** b))
    assert curve("inv_weibull", u, 1, 0, a, b) == pytest.approx(inverse, rel=1e-9)


@given(
    st.sampled_from(list(COORDINATES)),
    st.sampled_from(list(COORDINATES)),
    st.floats(0.5, 2900),
)
def test_conversion_there_and_back_changes_nothing(here, there, t):
    value = convert(t, "t", here, DDPM_2024)
    back = convert(convert(value, here, there, DDPM_2024), there, here, DDPM_2024)
    assert back == pytest.approx(value, rel=1e-8, abs=1e-10)


def test_conversion_agrees_with_the_schedule():
    steps = np.array([-1, 0, 1, 300, 1501, 3000])
    grid = levels(steps.tolist(), **DDPM_2024)
    kappa = np.array([level.kappa for level in grid])
    np.testing.assert_allclose(convert(steps, "t", "kappa", DDPM_2024), kappa, rtol=1e-10)
    np.testing.assert_allclose(convert(kappa, "kappa", "t", DDPM_2024), steps, atol=1e-6)
    assert convert(0.0, "kappa", "ln_kappa", DDPM_2024) == -np.inf
    assert convert(-1, "t", "log2_t", DDPM_2024) == -np.inf
    assert convert(1024, "t", "log2_t", DDPM_2024) == 10
    assert convert(3000, "t", "beta", DDPM_2024) == pytest.approx(0.02)
    assert np.isnan(convert(5000, "t", "kappa", DDPM_2024))
    assert np.isnan(convert(1e9, "kappa", "t", DDPM_2024))


@pytest.mark.parametrize("form", ["ddpm", "literal_eq5"])
@pytest.mark.parametrize("beta_grid", ["formula", "linspace"])
@pytest.mark.parametrize("alpha_bar_inclusive", [True, False])
def test_a_step_is_read_from_its_kappa_in_every_reading(form, beta_grid, alpha_bar_inclusive):
    reading = {"beta_grid": beta_grid, "alpha_bar_inclusive": alpha_bar_inclusive, "form": form}
    schedule = DDPM_2025 | reading
    # From the first step that has noise to the last; in the literal form 549, 1234 and 2030 are
    # not the steps of the same kappa with square roots, 535, 1743 and 2880.
    steps = np.array([1, 2, 549, 1234, 1846, 2030, 3000, 4999])
    kappa = np.array([level.kappa for level in levels(steps.tolist(), **schedule)])
    np.testing.assert_allclose(convert(kappa, "kappa", "t", schedule), steps, rtol=1e-8)
    np.testing.assert_allclose(convert(np.log(kappa), "ln_kappa", "t", schedule), steps, rtol=1e-8)
    np.testing.assert_allclose(convert(steps, "t", "kappa", schedule), kappa, rtol=1e-9)


def test_beta_is_affine_in_t_on_both_schedules():
    for schedule, slope in ((DDPM_2025, 4e-6), (DDPM_2024, 6.633e-6)):
        beta = convert(np.array([1000.0, 1900.0]), "t", "beta", schedule)
        assert np.diff(beta) / 900 == pytest.approx(slope, rel=1e-4)


def test_published_critical_step_has_its_published_coordinates():
    assert convert(1845.934, "t", "kappa", DDPM_2025) == pytest.approx(33.448, abs=5e-4)
    assert convert(1845.934, "t", "beta", DDPM_2025) == pytest.approx(0.0074837, abs=5e-8)
    assert convert(1845.934, "t", "log2_t", DDPM_2025) == pytest.approx(10.850, abs=5e-4)


@pytest.mark.parametrize(
    ("slope", "first", "last", "gamma"), [(1.0, 1516, 1225, 0.031), (2.0, 909, 591, 0.062)]
)
def test_fixed_shape_with_moving_centre_fakes_an_exponent_in_t(slope, first, last, gamma):
    # Acceptance check T9.
    size = 10.0 ** np.arange(4, 7.1, 0.5)
    centre = convert(np.linspace(800, 1846, 7), "t", "ln_kappa", DDPM_2025)
    ends = [level_set("hill", level, centre, slope) for level in (0.9, 0.1)]
    in_t = np.subtract(*(convert(end, "ln_kappa", "t", DDPM_2025) for end in reversed(ends)))
    assert in_t[[0, -1]] == pytest.approx((first, last), abs=1)
    # The exponent between the smallest and the largest size, where no path of the centre enters.
    fake = np.log(in_t[0] / in_t[-1]) / np.log(size[-1] / size[0])
    assert fake == pytest.approx(gamma, abs=0.003)
    assert np.polyfit(np.log(size), np.log(ends[1] - ends[0]), 1)[0] == pytest.approx(0, abs=1e-12)


def test_very_broad_curve_fakes_the_opposite_sign():
    centre = convert(np.array([800, 1846]), "t", "ln_kappa", DDPM_2025)
    ends = [level_set("hill", level, centre, 0.5) for level in (0.9, 0.1)]
    in_t = np.subtract(*(convert(end, "ln_kappa", "t", DDPM_2025) for end in reversed(ends)))
    assert np.log(in_t[0] / in_t[1]) / np.log(1e3) == pytest.approx(-0.02, abs=0.005)
