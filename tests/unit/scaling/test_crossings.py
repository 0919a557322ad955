"""Crossings of curves: exact for straight lines, calibrated test of a common value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import chi2

from netphase.errors import InputError
from netphase.scaling.crossings import STATUS, VERDICTS, common_value, crossing, fit_crossings
from netphase.statistics.resampling import resample_parametric
from netphase.streams import stream

SIZE = 4.0 ** np.arange(5)
CONTROL = np.linspace(-4, 4, 33)


def curves(rng, drift=0.0, height=1.0, floor=0.0, error=0.01, gamma=0.27):
    """Sigmoids that steepen with size and all cross at 0.3, or at centres that drift."""
    centre = 0.3 + drift * np.arange(SIZE.size)[:, None]
    y = floor + height * expit(-0.8 * (CONTROL - centre) * SIZE[:, None] ** gamma)
    return y + error * rng.standard_normal(y.shape), np.full(y.shape, error)


def fitted(seed, replicas=200, **shape):
    rng = stream("test", crossings=seed)
    y, dy = curves(rng, **shape)
    return fit_crossings(CONTROL, y, dy, SIZE, resample_parametric(y, dy, replicas, rng))


@given(st.floats(-3, 3), st.floats(0.1, 5), st.floats(-5, 5))
def test_straight_lines_cross_where_they_do(where, slope, tilt):
    difference = -slope * (CONTROL - where)
    assert crossing(CONTROL, difference, np.ones(33)) == pytest.approx(where, abs=1e-9)
    assert crossing(CONTROL, -difference, np.ones(33)) == pytest.approx(where, abs=1e-9)
    moved = crossing(2 * CONTROL + tilt, difference, np.ones(33))
    assert moved == pytest.approx(2 * where + tilt, abs=1e-9)


def test_the_strongest_change_of_sign_is_the_crossing():
    difference = np.array([0.01, -0.01, 3, 4, 2, -2, -4, -3, 0.01, -0.01])
    assert crossing(np.arange(10.0), difference, np.ones(10)) == pytest.approx(4.5)


@pytest.mark.parametrize("difference", [np.ones(5), -np.ones(5), np.zeros(5)])
def test_curves_that_do_not_cross_have_no_crossing(difference):
    assert np.isnan(crossing(np.arange(5.0), difference, np.ones(5)))


def test_a_stack_of_differences_is_each_of_them():
    stack = stream("test", what="stack").standard_normal((20, 33)) - CONTROL / 2
    each = [crossing(CONTROL, row, np.ones(33)) for row in stack]
    np.testing.assert_array_equal(crossing(CONTROL, stack, np.ones(33)), each)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=8), st.integers(0, 100))
def test_independent_values_get_the_usual_test(values, seed):
    se = np.random.default_rng(seed).uniform(0.5, 2, len(values))
    common = common_value(values, np.diag(se**2))
    mean = np.average(values, weights=se**-2)
    expected = np.sum(((values - mean) / se) ** 2)
    assert common.value == pytest.approx(mean)
    assert common.se == pytest.approx(np.sum(se**-2) ** -0.5)
    assert common.chi2 == pytest.approx(expected)
    assert common.dof == pytest.approx(len(values) - 1)
    assert common.p == pytest.approx(chi2.sf(expected, len(values) - 1))


def test_correlated_values_get_a_calibrated_test():
    # Six differences of four numbers, the extreme case: their covariance has rank three.
    rng = stream("test", what="correlated")
    pairs = np.array([(a, b) for a in range(4) for b in range(a + 1, 4)])
    mixing = np.zeros((6, 4))
    mixing[np.arange(6), pairs[:, 0]], mixing[np.arange(6), pairs[:, 1]] = 1, -1
    mixing *= np.array([1, 2, 3, 1, 2, 1])[:, None]
    draws = rng.standard_normal((3000, 4)) @ mixing.T
    p = [common_value(draw, mixing @ mixing.T).p for draw in draws]
    for level in (0.05, 0.2, 0.5):
        assert np.mean(np.array(p) < level) == pytest.approx(level, abs=0.03)


def test_all_pairs_cross_at_the_common_value():
    found = [fitted(seed) for seed in range(60)]
    assert found[0].sizes["pair"] == 10
    assert np.all(found[0].small < found[0].large)
    rejected = np.mean([float(one.p) < 0.05 for one in found])
    assert rejected < 0.15
    verdicts = [VERDICTS[int(one.verdict)] for one in found]
    assert verdicts.count("unique") > 45
    distance = np.array([float((one.common - 0.3) / one.common_se) for one in found])
    assert np.mean(np.abs(distance) < 1.96) > 0.85
    covered = [np.mean((one.crossing_low <= 0.3) & (one.crossing_high >= 0.3)) for one in found]
    assert 0.88 <= np.mean(covered) <= 0.99


def test_drifting_centres_have_no_unique_crossing():
    assert {VERDICTS[int(fitted(seed, drift=0.2).verdict)] for seed in range(5)} == {"spread"}


def test_the_order_of_sizes_and_controls_is_free():
    rng = stream("test", what="order")
    y, dy = curves(rng)
    copies = resample_parametric(y, dy, 100, rng)
    one = fit_crossings(CONTROL, y, dy, SIZE, copies)
    back = fit_crossings(CONTROL[::-1], y[::-1, ::-1], dy[::-1], SIZE[::-1], copies[:, ::-1, ::-1])
    for name in one:
        np.testing.assert_allclose(back[name], one[name], rtol=1e-9)


HEIGHT = 0.3 + 0.15 * np.arange(SIZE.size)[:, None]


@pytest.mark.parametrize(("above", "status"), [(1.9, "at_floor"), (2.1, "crossing")])
def test_a_crossing_within_two_errors_of_the_floor_is_flagged(above, status):
    x = np.linspace(-1, 1, 5)
    y = 0.1 + above * 0.01 + np.stack([-0.1 * x, -0.2 * x])
    dy = np.full(y.shape, 0.01)
    copies = resample_parametric(y, dy / 10, 200, stream("test", what="two errors"))
    found = fit_crossings(x, y, dy, [1, 2], copies, floor=[0.05, 0.1])
    assert STATUS[int(found.status[0])] == status


def test_curves_that_meet_on_the_floor_have_no_unique_crossing():
    # Only plateaus rise with size, so the curves meet where nothing but chance is left.
    outcomes = []
    for seed in range(10):
        rng = stream("test", floor=seed)
        y, dy = curves(rng, height=HEIGHT, floor=0.1, gamma=0.0)
        y[:, 28:] = 0.1 + 0.01 * rng.standard_normal((SIZE.size, 5))
        copies = resample_parametric(y, dy, 100, rng)
        found = fit_crossings(CONTROL, y, dy, SIZE, copies, floor=0.1)
        assert VERDICTS[int(found.verdict)] != "unique"
        assert not np.any(found.height > 0.1 + 8 * 0.01)
        outcomes += [STATUS[i] for i in found.status.values]
    assert outcomes.count("at_floor") > len(outcomes) / 3


def test_raw_curves_do_not_cross_where_normalised_ones_do():
    rng = stream("test", what="raw and normalised")
    y, dy = curves(rng, height=HEIGHT, floor=0.1, error=0.003)
    copies = resample_parametric(y, dy, 200, rng)
    raw = fit_crossings(CONTROL, y, dy, SIZE, copies, floor=0.1)
    assert VERDICTS[int(raw.verdict)] == "spread"
    scaled, errors, copies = (y - 0.1) / HEIGHT, dy / HEIGHT, (copies - 0.1) / HEIGHT
    normalised = fit_crossings(CONTROL, scaled, errors, SIZE, copies, floor=0.0)
    assert VERDICTS[int(normalised.verdict)] == "unique"
    assert abs(normalised.common - 0.3) < 3 * normalised.common_se


def test_cumulants_need_no_floor_and_no_sign():
    # A Binder-like cumulant rises towards low temperature and has its own height at crossing.
    rng = stream("test", what="cumulant")
    size = np.array([8, 16, 32, 64])
    control = np.linspace(2.2, 2.34, 15)
    y = 2 / 3 * expit(-(control - 2.269) * size[:, None] * 1.2 + 2.2)
    dy = np.full(y.shape, 5e-4)
    y = y + dy * rng.standard_normal(y.shape)
    found = fit_crossings(control, y, dy, size, resample_parametric(y, dy, 300, rng))
    assert VERDICTS[int(found.verdict)] == "unique"
    assert abs(found.common - 2.269) < 3 * found.common_se
    np.testing.assert_allclose(found.height, 0.6, atol=0.01)


def test_missing_points_and_curves_are_flagged():
    rng = stream("test", what="missing")
    y, dy = curves(rng)
    y[0], y[1, 5] = np.nan, np.nan
    found = fit_crossings(CONTROL, y, dy, SIZE, resample_parametric(y, dy, 100, rng))
    with_missing = (found.small == SIZE[0]) | (found.large == SIZE[0])
    assert (found.status[with_missing] == STATUS.index("no_crossing")).all()
    assert found.crossing[with_missing].isnull().all()
    assert found.crossing[~with_missing].notnull().all()
    assert VERDICTS[int(found.verdict)] != "unique"


def test_identical_curves_are_unresolved_at_best():
    y, dy = curves(stream("test", what="twins"))
    y = np.broadcast_to(y[2], y.shape) + 0.0
    copies = resample_parametric(y, dy, 200, stream("test", what="twin copies"))
    found = fit_crossings(CONTROL, y, dy, SIZE, copies)
    assert found.crossing.isnull().all() and VERDICTS[int(found.verdict)] == "too_few_pairs"


def test_errors_of_zero_are_refused():
    y, dy = curves(stream("test", what="zero"))
    dy[2, 3] = 0
    with pytest.raises(InputError, match="error bar"):
        fit_crossings(CONTROL, y, dy, SIZE, y[None])


def test_crossings_describe_themselves():
    found = fitted(0)
    for variable in found.variables.values():
        assert {"units", "long_name"} <= set(variable.attrs)
    assert found.attrs["references"]
