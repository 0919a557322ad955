"""Power laws of the system size: closed forms, coverage, the floor trap, the hold-out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit
from scipy.stats import chi2, norm
from scipy.stats import t as student

from netphase.errors import InputError
from netphase.scaling import power_laws
from netphase.scaling.power_laws import (
    LAWS,
    REASONS,
    STATUS,
    aicc,
    exclusions,
    exponents_from,
    fit_law,
    fit_scaling,
    hold_out,
    local_exponents,
    predict,
    span_decades,
    weighted_power_law,
)
from netphase.streams import stream
from netphase.transitions.sigmoid import r_squared

SIZE = 10 ** np.arange(4, 7.01, 0.5)
ERROR = np.full(SIZE.size, 0.02)
TRUTHS = {
    "pure": (2.0, 0.27),
    "offset": (0.6, 0.5, 0.5),
    "log_corrected": (1.5, 0.3, 0.8),
}


def law(name, size):
    if name == "offset":
        limit, amplitude, gamma = TRUTHS[name]
        return np.log(limit + amplitude * (size / np.exp(np.log(SIZE).mean())) ** -gamma)
    b, gamma, *power = TRUTHS[name]
    return b - gamma * np.log(size) + sum(power) * np.log(np.log(size))


def noisy(rng, *shape, truth="pure", sd=0.02):
    return law(truth, SIZE) + sd * rng.standard_normal((*shape, SIZE.size))


@pytest.mark.parametrize("name", LAWS)
def test_every_law_recovers_itself(name):
    fit = fit_law(name, SIZE, law(name, SIZE), ERROR)
    assert STATUS[fit.status] == "fitted"
    np.testing.assert_allclose(fit.parameters, TRUTHS[name], rtol=1e-5)
    value, se = predict(fit, 1e8)
    assert value == pytest.approx(law(name, 1e8), abs=1e-6)
    assert se > predict(fit, 1e6)[1]


@pytest.mark.parametrize("name", LAWS)
def test_errors_agree_with_curve_fit(name):
    values = noisy(stream("test", law=name), truth=name)
    errors = np.linspace(0.01, 0.05, SIZE.size)
    fit = fit_law(name, SIZE, values, errors)

    def function(size, *parameters):
        return power_laws._law(name, np.array(parameters), size, fit.origin)[0]

    theirs, covariance = curve_fit(
        function, SIZE, values, TRUTHS[name], errors, absolute_sigma=True
    )
    np.testing.assert_allclose(fit.parameters, theirs, rtol=1e-3)
    birge = max(1, fit.chi2 / (SIZE.size - len(theirs)))
    np.testing.assert_allclose(
        np.sqrt(np.diag(fit.covariance)), np.sqrt(birge * np.diag(covariance)), rtol=5e-3
    )


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.integers(0, 100))
def test_units_move_the_intercept_only(size_unit, unit, seed):
    values = noisy(np.random.default_rng(seed))
    here = weighted_power_law(SIZE, values, ERROR)
    there = weighted_power_law(size_unit * SIZE, values + np.log(unit), ERROR)
    for name in ("gamma", "gamma_se", "chi2", "aicc"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-6)
    assert there.b == pytest.approx(here.b + np.log(unit) + here.gamma * np.log(size_unit))


def test_a_stack_of_ladders_gives_what_each_ladder_gives():
    values = noisy(stream("test", what="stack"), 4)
    values[2, 1] = np.nan
    errors = np.broadcast_to(ERROR, values.shape).copy()
    errors[3, 5] = 0
    stack = weighted_power_law(SIZE, values, errors)
    for i, kept in enumerate(np.isfinite(values) & (errors > 0)):
        one = weighted_power_law(SIZE[kept], values[i, kept], errors[i, kept])
        np.testing.assert_allclose([field[i] for field in stack], one, rtol=1e-9)
        slope, intercept = np.polyfit(np.log(SIZE[kept]), values[i, kept], 1)
        assert (-one.gamma, one.b) == pytest.approx((slope, intercept))


@pytest.mark.parametrize("scatter", [1.0, 3.0])
def test_intervals_of_gamma_cover_as_student_and_birge_say(scatter):
    """P = E[2 Phi(t max(1, scatter sqrt(c / 5)) / scatter) - 1], c ~ chi-square of 5.

    About 0.95 where the errors are understated; more where they are right, since the factor never
    falls below one.
    """
    values = noisy(stream("test", what="coverage"), 20000, sd=0.02 * scatter)
    fits = weighted_power_law(SIZE, values, ERROR)
    covered = np.mean((fits.low <= 0.27) & (fits.high >= 0.27))
    birge = np.maximum(1, scatter * np.sqrt(chi2.ppf((np.arange(1000) + 0.5) / 1000, 5) / 5))
    expected = np.mean(2 * norm.cdf(student.ppf(0.975, 5) * birge / scatter) - 1)
    assert expected > 0.9499
    assert covered == pytest.approx(expected, abs=0.006)
    assert abs(fits.gamma.mean() - 0.27) < 4 * fits.gamma.std() / np.sqrt(20000)


def test_aicc_is_its_formula_and_needs_enough_points():
    residuals = np.array([0.1, -0.2, 0.1, 0.05, -0.05, np.nan])
    mean = np.mean(residuals[:5] ** 2)
    assert aicc(residuals, 3) == pytest.approx(5 * np.log(mean) + 6 + 24 / 1)
    assert np.isnan(aicc(residuals, 4))


def test_the_floor_trap():
    truth = np.log(0.6 + 6 * (SIZE / 1e4) ** -0.5)
    rng = stream("test", what="floor trap")
    gains, limits, gammas, apparent = [], [], [], []
    for _ in range(60):
        values = truth + ERROR * rng.standard_normal(SIZE.size)
        pure, offset = (fit_law(name, SIZE, values, ERROR) for name in ("pure", "offset"))
        gains.append(pure.aicc - offset.aicc)
        limits.append(offset.parameters[0])
        gammas.append(offset.parameters[2])
        apparent.append(pure.parameters[1])
        assert r_squared(values, predict(pure, SIZE)[0]) > 0.95
    assert np.median(gains) > 10 and np.min(gains) > 0
    assert np.quantile(np.abs(np.divide(limits, 0.6) - 1), 0.9) < 0.1
    assert np.median(gammas) == pytest.approx(0.51, abs=0.03)
    assert np.median(apparent) == pytest.approx(0.313, abs=0.01)


def test_the_limit_of_a_pure_law_is_zero_or_unresolved():
    outcomes = set()
    for values in noisy(stream("test", what="no limit"), 15):
        fit = fit_law("offset", SIZE, values, ERROR)
        outcomes.add(STATUS[fit.status])
        if fit.status == power_laws.AT_BOUND:
            assert np.isnan(fit.covariance).all() and fit.parameters[0] < 1e-5
        else:
            half_width = student.ppf(0.975, 4) * np.sqrt(fit.covariance[0, 0])
            assert fit.parameters[0] - half_width < 0.1 * np.exp(values.min())
    assert outcomes == {"fitted", "at_bound"}


def test_local_exponents_of_a_power_law_are_its_exponent():
    gamma, gamma_se, between = local_exponents(SIZE, law("pure", SIZE), ERROR)
    np.testing.assert_allclose(gamma, 0.27)
    np.testing.assert_allclose(gamma_se, 0.02 * np.sqrt(2) / np.log(10**0.5))
    np.testing.assert_allclose(between, 10 ** np.arange(4.25, 7, 0.5))


def test_exponents_from_a_smallest_size_are_fits_of_the_rest():
    values = noisy(stream("test", what="tails"))
    n_min, tails = exponents_from(SIZE, values, ERROR)
    np.testing.assert_array_equal(n_min, SIZE[:5])
    for i in range(5):
        one = weighted_power_law(SIZE[i:], values[i:], ERROR[i:])
        np.testing.assert_allclose([field[i] for field in tails], one, rtol=1e-9)
    assert np.all(np.diff(tails.high - tails.low) > 0)


def test_the_hold_out_predicts_what_its_law_holds_for():
    rng = stream("test", what="hold-out")
    covered = {"pure": 0, "null": 0}
    for values in noisy(rng, 100):
        predictions = hold_out(SIZE, values, ERROR)
        for name in covered:
            prediction = predictions[name]
            covered[name] += prediction.low <= values[-1] <= prediction.high
            assert prediction.error == pytest.approx(values[-1] - prediction.value)
    assert covered["pure"] >= 92 and covered["null"] == 0
    # Nothing about the largest size may enter.
    moved = values + np.where(np.arange(SIZE.size) == SIZE.size - 1, 5, 0)
    for name, prediction in hold_out(SIZE, moved, ERROR).items():
        assert prediction.value == pytest.approx(predictions[name].value, abs=1e-12)


def test_the_hold_out_tells_a_limit_from_a_power_law():
    values = noisy(stream("test", what="limit"), truth="offset", sd=0.005)
    predictions = hold_out(SIZE, values, ERROR / 4)
    assert abs(predictions["offset"].error) < abs(predictions["pure"].error) / 5


@pytest.mark.parametrize("n", range(7))
def test_short_ladders_are_flagged_and_never_crash(n):
    scaled = fit_scaling(SIZE[:n], law("pure", SIZE[:n]), ERROR[:n], np.zeros(n))
    for name, needed in (("pure", 3), ("offset", 4), ("log_corrected", 4)):
        fit = scaled.sel(law=name)
        assert (STATUS[int(fit.status)] == "too_few_sizes") == (n < needed)
        assert np.isfinite(fit.gamma) == (n >= needed)
        assert np.isfinite(scaled.predicted.sel(predictor=name)) == (n > needed)
    assert np.isfinite(scaled.predicted.sel(predictor="null")) == (n >= 2)
    assert scaled.sizes["n_min"] == max(n - 2, 0)


def test_a_size_of_one_has_no_log_correction():
    fit = fit_law("log_corrected", np.arange(1, 8), np.zeros(7), ERROR)
    assert STATUS[fit.status] == "undefined" and np.isnan(fit.parameters).all()


@pytest.mark.parametrize("size", [[1, 2, 2, 4], [0, 1, 2, 4]])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(InputError, match="distinct"):
        weighted_power_law(size, np.zeros(4), np.ones(4))


def test_exclusions_have_reasons_and_do_not_enter():
    values = noisy(stream("test", what="exclusions"))
    errors, height = ERROR.copy(), np.full(SIZE.size, 0.5)
    height[0], values[1], errors[2] = 0.09, np.nan, 0
    reason = exclusions(values, errors, height, 0.01)
    assert [REASONS[i] for i in reason[:4]] == ["near_chance", "no_value", "no_error", "used"]
    assert [REASONS[i] for i in exclusions(values, errors, 0.1, 0.01)][3] == "used"
    scaled = fit_scaling(SIZE, values, errors, reason)
    one = weighted_power_law(SIZE[3:], values[3:], errors[3:])
    assert scaled.gamma.sel(law="pure") == pytest.approx(one.gamma)
    assert scaled.attrs["n_sizes"] == 4 and scaled.sizes["size"] == 7
    assert scaled.attrs["span_decades"] == pytest.approx(1.5)


def test_fit_scaling_carries_errors_on_and_describes_itself():
    values = noisy(stream("test", what="dataset"))
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    scaled = fit_scaling(SIZE[order], values[order], ERROR, np.zeros(7))
    pure = scaled.sel(law="pure")
    assert pure.nu_low == pytest.approx(1 / pure.gamma_high)
    assert pure.nu_high == pytest.approx(1 / pure.gamma_low)
    assert scaled.akaike_weight.sum() == pytest.approx(1)
    assert scaled.delta_aicc.min() == 0
    flat = fit_scaling(SIZE, values - law("pure", SIZE), ERROR, np.zeros(7)).sel(law="pure")
    assert flat.gamma_low < 0 < flat.gamma_high and np.isnan(flat.nu_low)
    for variable in scaled.variables.values():
        assert {"units", "long_name"} <= set(variable.attrs)
    assert span_decades(SIZE) == pytest.approx(3)
