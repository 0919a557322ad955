"""Data collapse: the quality against a plain double loop, known exponents, known traps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit, minimize
from scipy.special import expit

from netphase.errors import InputError
from netphase.scaling.collapse import (
    STATUS,
    autoscale,
    fit_collapse,
    fit_drift,
    interpolation_quality,
    master_curve,
    quality,
    refit,
    rescale,
    sweep_window,
)
from netphase.statistics.resampling import resample_parametric
from netphase.streams import stream

SIZE = 10 ** np.arange(4, 7.01, 0.5)
CONTROL = np.linspace(-4, 4, 33)
X_C, GAMMA = np.linspace(-1, 1, 9), np.linspace(0, 0.6, 7)
RANK = np.arange(SIZE.size)[:, None]


def curves(seed, drift=0.0, height=1.0, size=SIZE, error=0.01):
    centre = 0.3 + drift * RANK[: len(size)]
    y = height * expit(-0.8 * (CONTROL - centre) * (size[:, None] / 1e4) ** 0.27)
    noise = stream("test", collapse=seed).standard_normal(y.shape)
    return y + error * noise, np.full(y.shape, error)


def centres(y, dy):
    """Half point of every curve and its error, by least squares with two parameters."""
    fits = [
        curve_fit(lambda x, c, s: expit(-s * (x - c)), CONTROL, row, (0, 1), error)
        for row, error in zip(y, dy, strict=True)
    ]
    return np.array([(p[0], np.sqrt(c[0, 0])) for p, c in fits]).T


def loop(x, y, dy):
    """Houdayer and Hartmann as they write it, one point and one size after another."""
    terms, curve = [], np.full(np.shape(y), np.nan)
    for i in range(len(x)):
        for j in range(len(x[i])):
            points = []
            for k in range(len(x)):
                if k == i:
                    continue
                for m in range(len(x[k]) - 1):
                    last = m == len(x[k]) - 2
                    if x[k][m] <= x[i][j] < x[k][m + 1] or (last and x[i][j] == x[k][m + 1]):
                        points += [(x[k][n], y[k][n], 1 / dy[k][n] ** 2) for n in (m, m + 1)]
            if len(points) < 4:
                continue
            K = sum(w for _, _, w in points)
            Kx = sum(w * a for a, _, w in points)
            Ky = sum(w * b for _, b, w in points)
            Kxx = sum(w * a * a for a, _, w in points)
            Kxy = sum(w * a * b for a, b, w in points)
            D = K * Kxx - Kx**2
            if D <= 0:
                continue
            X = x[i][j]
            M = (Kxx * Ky - Kx * Kxy + X * (K * Kxy - Kx * Ky)) / D
            variance = (Kxx - 2 * X * Kx + X**2 * K) / D
            curve[i, j] = M
            terms.append((y[i][j] - M) ** 2 / (dy[i][j] ** 2 + variance))
    return np.mean(terms) if terms else np.nan, curve


@settings(deadline=None, max_examples=40)
@given(
    st.integers(3, 6),
    st.integers(2, 9),
    st.floats(-1, 1),
    st.sampled_from([0.0, 0.1, 0.27, 0.5]),
    st.integers(0, 1000),
)
def test_the_quality_is_that_of_a_plain_double_loop(sizes, points, x_c, gamma, seed):
    rng = np.random.default_rng(seed)
    control = np.sort(rng.uniform(-3, 3, (sizes, points)), axis=1)
    control[: sizes // 2] = np.linspace(-3, 3, points)
    y, dy = rng.random((sizes, points)), rng.uniform(0.05, 0.1, (sizes, points))
    scaled = rescale(control, y, dy, 2.0 ** np.arange(sizes), x_c, gamma)
    expected, curve = loop(*scaled)
    assert quality(*scaled) == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
    np.testing.assert_allclose(master_curve(*scaled)[0], curve, rtol=1e-9, atol=1e-9)


def test_reference_study_agrees_with_the_loop_in_any_order():
    y, dy = curves(0)
    scaled = rescale(CONTROL, y, dy, SIZE, 0.3, 0.27)
    assert quality(*scaled) == pytest.approx(loop(*scaled)[0], rel=1e-12)
    shuffled = stream("test", what="order").permutation(CONTROL.size)
    assert quality(*(part[::-1, shuffled] for part in scaled)) == pytest.approx(
        quality(*scaled), rel=1e-12
    )
    curve = master_curve(*(part[:, shuffled] for part in scaled))[0]
    np.testing.assert_allclose(curve, master_curve(*scaled)[0][:, shuffled], rtol=1e-12)


def test_missing_points_are_left_out():
    y, dy = curves(1)
    scaled = [part.copy() for part in rescale(CONTROL, y, dy, SIZE, 0.3, 0.2)]
    missing = np.s_[:, [0, 7, 32]]
    kept = np.delete(np.arange(33), [0, 7, 32])
    expected = quality(*(part[:, kept] for part in scaled))
    for part in scaled:
        part[missing] = np.nan
    assert quality(*scaled) == pytest.approx(expected, rel=1e-12)


@given(st.floats(0.1, 10), st.floats(-5, 5), st.floats(0.1, 10), st.floats(-1, 1))
def test_units_do_not_matter(unit, origin, height, zeta):
    y, dy = curves(2)
    size = SIZE * 3
    here = quality(*rescale(CONTROL, y, dy, SIZE, 0.2, 0.2, zeta))
    there = rescale(
        unit * CONTROL + origin, height * y, height * dy, size, unit * 0.2 + origin, 0.2, zeta
    )
    assert quality(*there) == pytest.approx(here, rel=1e-6)


def test_straight_lines_collapse_exactly():
    size = 2.0 ** np.arange(5)
    y = 0.3 * (CONTROL - 0.4) * size[:, None] ** 0.5
    assert quality(*rescale(CONTROL, y, np.full(y.shape, 0.1), size, 0.4, 0.5)) < 1e-20


def test_the_order_parameter_may_scale_too():
    # A magnetisation, y = N^(-1/8) f((x - x_c) N): zeta = 1/8 undoes the factor.
    size = 2.0 ** np.arange(5)
    y = size[:, None] ** -0.125 * expit(-0.2 * (CONTROL - 0.3) * size[:, None] ** 0.5)
    dy = np.full(y.shape, 0.01)
    y = y + dy * stream("test", what="zeta").standard_normal(y.shape)
    fit = autoscale(CONTROL, y, dy, size, X_C, np.linspace(0, 1, 7), zeta=0.125)
    assert STATUS[fit.status] == "collapsed"
    assert (fit.x_c, fit.gamma) == (pytest.approx(0.3, abs=0.1), pytest.approx(0.5, abs=0.05))
    assert STATUS[autoscale(CONTROL, y, dy, size, X_C, GAMMA).status] == "poor"


@pytest.mark.parametrize("seed", range(3))
def test_a_good_collapse(seed):
    y, dy = curves(seed)
    fit = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA)
    copies = resample_parametric(y, dy, 15, stream("test", copies=seed))
    sd = refit(CONTROL, copies, dy, SIZE, X_C, GAMMA, fit[:2]).std(axis=0, ddof=1)
    assert STATUS[fit.status] == "collapsed" and 0.8 < fit.quality < 1.4
    assert abs(fit.x_c - 0.302) < 3 * 0.008 and abs(fit.gamma - 0.266) < 3 * 0.0022
    assert abs(fit.x_c - 0.3) < 3 * max(sd[0], 0.008) and abs(fit.gamma - 0.27) < 3 * 0.0035
    assert 0.002 < sd[0] < 0.016 and 0.001 < sd[1] < 0.006
    assert fit.quality < quality(*rescale(CONTROL, y, dy, SIZE, 0.3, 0.27)) < 1.6


def test_the_bias_of_the_straight_line_falls_with_the_squared_spacing():
    bias = []
    for points in (17, 33, 65):
        control = np.linspace(-4, 4, points)
        y = expit(-0.8 * (control - 0.3) * (SIZE[:, None] / 1e4) ** 0.27)
        bias.append(0.27 - autoscale(control, y, np.full(y.shape, 0.01), SIZE, X_C, GAMMA).gamma)
    assert bias[0] == pytest.approx(0.022, abs=0.002)
    assert 2.5 < bias[0] / bias[1] < 6 and 2.5 < bias[1] / bias[2] < 6


def test_unnormalised_plateaus_are_a_bad_collapse():
    y, dy = curves(0, height=0.3 + 0.1 * RANK)
    fit = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA)
    assert STATUS[fit.status] == "poor" and fit.quality > 10


def test_a_drifting_centre_must_be_fitted_first():
    y, dy = curves(0, drift=0.1)
    without = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA)
    assert STATUS[without.status] == "poor" and without.quality > 1.8
    assert abs(without.x_c - 0.3) > 0.3
    drift = fit_drift(SIZE, *centres(y, dy))
    assert drift.moves and drift.low < 0.1 / np.log(10**0.5) < drift.high
    fit = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA, centre=drift.centre)
    assert STATUS[fit.status] == "collapsed" and fit.quality < 1.4
    assert fit.x_c == pytest.approx(0, abs=3 * 0.008)
    assert fit.gamma == pytest.approx(0.266, abs=3 * 0.0022)
    assert not fit_drift(SIZE, *centres(*curves(0))).moves


def test_plain_simplex_is_trapped_where_the_optimiser_is_not():
    trapped = 0
    for seed in range(5):
        y, dy = curves(seed)

        def objective(p, y=y, dy=dy):
            return quality(*rescale(CONTROL, y, dy, SIZE, *p))

        trapped += minimize(objective, (0, 0.1), method="Nelder-Mead").fun > 10
        assert autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA).quality < 1.5
    assert trapped >= 3


def test_the_map_is_the_quality_over_the_grid():
    y, dy = curves(3)
    cells = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA).map
    assert cells.shape == (9, 7)
    for a, b in ((0, 0), (5, 3), (8, 6)):
        expected = quality(*rescale(CONTROL, y, dy, SIZE, X_C[a], GAMMA[b]))
        assert cells[a, b] == pytest.approx(expected, rel=1e-12)
    best = np.unravel_index(cells.argmin(), cells.shape)
    assert abs(X_C[best[0]] - 0.3) <= 0.25 and abs(GAMMA[best[1]] - 0.27) <= 0.1


def test_resampled_collapses_are_collapses_and_follow_the_centre():
    y, dy = curves(5)
    fit = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA)
    copies = resample_parametric(y, dy, 10, stream("test", what="refit"))
    shifts = np.linspace(0, 0.2, 10)[:, None] * np.ones(SIZE.size)
    still = refit(CONTROL, copies, dy, SIZE, X_C, GAMMA, fit[:2])
    for copy, found in zip(copies, still, strict=True):
        best = autoscale(CONTROL, copy, dy, SIZE, X_C, GAMMA)
        assert quality(*rescale(CONTROL, copy, dy, SIZE, *found)) < 1.05 * best.quality
        np.testing.assert_allclose(found, best[:2], atol=0.01)
    moved = refit(CONTROL, copies, dy, SIZE, X_C, GAMMA, fit[:2], centre=shifts)
    np.testing.assert_allclose(moved + np.array([[1, 0]]) * shifts[:, :1], still, atol=0.01)


def test_windows_are_nested_and_agree_for_an_exact_law():
    y, dy = curves(6)
    fits = sweep_window(CONTROL, y, dy, SIZE, X_C, GAMMA, [5, 3, 2])
    whole = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA)
    assert fits[0].x_c == whole.x_c and fits[0].n_points == whole.n_points
    assert fits[0].n_points > fits[1].n_points > fits[2].n_points
    for fit in fits:
        assert STATUS[fit.status] == "collapsed"
        assert fit.gamma == pytest.approx(0.27, abs=0.03)


def test_zero_errors_rescale_but_have_no_quality():
    y, dy = curves(0)
    dy[2, 3] = 0
    scaled = rescale(CONTROL, y, dy, SIZE, 0.3, 0.27)
    assert np.isfinite(scaled).all()
    with pytest.raises(InputError, match="error bar"):
        quality(*scaled)
    fit = autoscale(CONTROL, y, dy, SIZE, X_C, GAMMA)
    assert STATUS[fit.status] == "no_error" and np.isnan(fit.gamma)


@pytest.mark.parametrize("sizes", [0, 1, 2])
def test_fewer_than_three_sizes_are_refused(sizes):
    y, dy = curves(0)
    missing = np.where(sizes > RANK, y, np.nan)
    for ladder in ((y[:sizes], dy[:sizes], SIZE[:sizes]), (missing, dy, SIZE)):
        fit = autoscale(CONTROL, *ladder, X_C, GAMMA)
        assert STATUS[fit.status] == "too_few_sizes" and np.isnan(fit.gamma)
    assert STATUS[autoscale(CONTROL, y[:3], dy[:3], SIZE[:3], X_C, GAMMA).status] == "collapsed"


def test_a_grid_that_misses_the_centre_is_flagged():
    y, dy = curves(0)
    far = autoscale(CONTROL, y, dy, SIZE, np.linspace(40, 41, 9), GAMMA)
    assert STATUS[far.status] in ("no_overlap", "poor", "off_grid")
    assert STATUS[autoscale(CONTROL, y, dy, SIZE, X_C - 1.5, GAMMA).status] in ("off_grid", "poor")


def test_fit_collapse_says_everything_and_describes_itself():
    y, dy = curves(8)
    copies = resample_parametric(y, dy, 10, stream("test", what="dataset"))
    found = fit_collapse(CONTROL, y, dy, SIZE, X_C, GAMMA, copies, [4, 2])
    assert found.gamma_low < found.gamma < found.gamma_high
    assert found.nu_low == pytest.approx(1 / found.gamma_high)
    assert found.quality_map.shape == (9, 7) and found.window_gamma.shape == (2,)
    assert found.n_replicas == 10 and found.attrs["span_decades"] == pytest.approx(3)
    for variable in found.variables.values():
        assert {"units", "long_name"} <= set(variable.attrs)
    two = fit_collapse(CONTROL, y[:2], dy[:2], SIZE[:2], X_C, GAMMA, copies[:, :2], [4])
    assert STATUS[int(two.status)] == "too_few_sizes" and np.isnan(two.gamma_low)


def test_straight_lines_cost_the_fourth_power_of_the_spacing():
    """Their distance from a smooth curve is of second order, S of its square."""
    spacing, found = [], []
    for points in (65, 129, 257):
        control = np.linspace(-4, 4, points)
        dy = np.full((SIZE.size, points), 0.01)
        spacing.append(control[1] - control[0])
        found.append(interpolation_quality(control, dy, SIZE, lambda x: expit(-x), 0.01, GAMMA))
    exponents = np.diff(np.log(found)) / np.diff(np.log(spacing))
    np.testing.assert_allclose(exponents, 4, atol=0.2)
    assert found[-1] < 1e-3


@settings(deadline=None, max_examples=20)
@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_straight_lines_cost_the_inverse_square_of_the_error_in_any_unit(error, unit):
    dy = np.full((SIZE.size, CONTROL.size), 0.01)

    def cost(unit, error):
        x, errors, x_c = unit * CONTROL, error * dy, 0.01 * unit
        return interpolation_quality(x, errors, SIZE, lambda x: expit(-x / unit), x_c, GAMMA)

    assert cost(unit, error) == pytest.approx(cost(1, 1) / error**2, rel=1e-6)


def test_straight_lines_cost_nothing_where_the_curve_is_one():
    dy = np.full((SIZE.size, CONTROL.size), 0.01)
    assert interpolation_quality(CONTROL, dy, SIZE, lambda x: 1 - 0.1 * x, 0.3, GAMMA) < 1e-15
    assert np.isnan(interpolation_quality(CONTROL[:1], dy[:, :1], SIZE, expit, 0.3, GAMMA))


@pytest.mark.parametrize(("points", "status"), [(7, "too_coarse"), (97, "collapsed")])
def test_levels_too_far_apart_give_no_exponent(points, status):
    """The same truth, errors and range: dense levels find it, coarse ones say that they cannot."""
    control, error, slope = np.linspace(-4, 4, points), 0.01, 1.2
    truth = expit(-slope * (control - 0.3) * (SIZE[:, None] / 1e4) ** 0.27)
    y = truth + error * stream("test", coarse=points).standard_normal(truth.shape)
    dy = np.full(y.shape, error)
    copies = resample_parametric(y, dy, 20, stream("test", copies=points))
    ladder = (control, y, dy, SIZE, X_C + 0.3, GAMMA, copies, [2])
    found = fit_collapse(*ladder, shape=lambda x: expit(-slope * x))
    assert STATUS[int(found.status)] == status
    numbers = [found[name] for name in found if name.startswith(("gamma", "x_c", "nu", "quality"))]
    numbers = [number for number in numbers if number.ndim == 0]
    if status == "too_coarse":
        assert found.interpolation_quality > 0.5 and np.isnan(numbers).all()
        assert np.isfinite(found.quality_map).any() and found.n_points == 0
        assert STATUS[int(found.window_status[0])] == status and np.isnan(found.window_gamma[0])
        # Without the shape nothing warns of a wrong exponent.
        blind = fit_collapse(*ladder)
        assert np.isnan(blind.interpolation_quality)
        assert not blind.gamma_low <= 0.27 <= blind.gamma_high
    else:
        assert found.interpolation_quality < 0.1 and np.isfinite(numbers).all()
        assert found.gamma_low <= 0.27 <= found.gamma_high
        assert found.x_c == pytest.approx(0.3, abs=0.01)
