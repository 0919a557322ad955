"""Level sets, normalisation, and the three estimators of the width of a transition."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from netphase.scaling.power_laws import weighted_power_law
from netphase.streams import stream
from netphase.transitions.curves import FAMILIES, convert, curve, half_point, width
from netphase.transitions.fits import fit_curves
from netphase.transitions.normalisation import normalise
from netphase.transitions.widths import (
    LEVELS,
    REASONS,
    bootstrap_seed_fit,
    crossings,
    fitted_width,
    level_widths,
    log_mean,
    mean_levels,
    seed_fit,
    seed_levels,
)

PAIRS = (*LEVELS["A"], *LEVELS["B"])
none = partial(normalise, method="none")


def why(reason):
    return np.array(list(REASONS))[reason]


def test_level_families_are_nested_about_one_half():
    assert LEVELS["A"] == ((0.9, 0.1), (0.8, 0.2), (0.7, 0.3), (0.6, 0.4))
    assert LEVELS["B"][0] == (0.75, 0.25) and len(LEVELS["B"]) == 5
    for k, (upper, lower) in enumerate(LEVELS["B"], start=1):
        assert (upper - lower, upper + lower) == (2.0**-k, 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_level_widths_of_noiseless_curves_are_the_closed_forms(family):
    # Acceptance check T1; a straight line between points misses by less than |m''| spacing^2 / 8.
    slope = FAMILIES[family].slope or 1.1
    u = np.linspace(-14, 14, 28001)
    found, reason = level_widths(u, curve(family, u, 1, 0, 0.3, slope), PAIRS)
    assert (why(reason) == "measured").all()
    closed = [width(family, slope, *pair) for pair in PAIRS]
    np.testing.assert_allclose(found, closed, atol=2e-6)
    half = crossings(u, curve(family, u, 1, 0, 0.3, slope), [0.5])[0]
    assert half[0] == pytest.approx(half_point(family, 0.3, slope), abs=1e-6)


def test_crossing_interpolates_from_the_last_point_at_or_above_the_level():
    u, y = np.array([0, 1, 2, 4, 5.0]), np.array([1, 0.75, 0.5, 0.25, 0])
    where, reason = crossings(u, y, [0.75, 0.625, 0.5, 0.375])
    np.testing.assert_array_equal(where, [1, 1.5, 2, 3])
    assert not reason.any()
    np.testing.assert_array_equal(crossings(u[::-1], y[::-1], [0.375])[0], [3])
    with_gap = crossings(np.append(u, [3, np.inf, -np.inf]), np.append(y, [np.nan, 7, 7]), [0.375])
    np.testing.assert_array_equal(with_gap[0], [3])


def test_rises_are_pooled_before_levels_are_crossed():
    # 0.4 and 0.6 pool to 0.5, so that the level is crossed once.
    where, _ = crossings(np.arange(4.0), np.array([1, 0.4, 0.6, 0]), [0.45])
    assert where[0] == pytest.approx(2.1)


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=12),
    st.floats(0.1, 10),
    st.floats(-5, 5),
    st.floats(0.05, 0.95),
)
def test_crossings_move_with_the_control(values, factor, offset, level):
    u, y = np.arange(len(values), dtype=float), np.array(values)
    here, reason = crossings(u, y, [level])
    there, again = crossings(offset + factor * u, y, [level])
    np.testing.assert_allclose(there, offset + factor * here, atol=1e-9)
    np.testing.assert_array_equal(reason, again)


def test_censored_and_missing_curves_have_a_reason_and_no_number():
    # Acceptance check T12.
    u = np.linspace(0, 1, 11)
    curves = np.stack(
        [
            np.linspace(0.8, 0, 11),
            np.linspace(1, 0.2, 11),
            np.full(11, np.nan),
            np.where(np.arange(11) == 3, 0.5, np.nan),
            np.linspace(1, 0, 11),
        ]
    )
    found, reason = level_widths(u, curves, [(0.9, 0.1)])
    assert why(reason[:, 0]).tolist() == [
        "begins_below",
        "ends_above",
        "no_curve",
        "no_curve",
        "measured",
    ]
    assert np.isnan(found[:4]).all() and found[4, 0] == pytest.approx(0.8)


def test_gaps_below_four_standard_errors_are_left_out():
    u = np.linspace(0, 1, 11)
    found, reason = level_widths(u, 1 - u, LEVELS["B"], se=0.03)
    assert why(reason).tolist() == ["measured"] * 3 + ["small_gap"] * 2
    np.testing.assert_allclose(found[:3], [0.5, 0.25, 0.125])
    assert np.isnan(found[3:]).all()


def test_single_realisation_zero_variance_and_no_width_have_a_reason_and_no_error():
    # Acceptance check T12.
    nan = np.nan
    result = log_mean([[2.0, nan, nan], [3.0, 3.0, 3.0], [nan, nan, nan], [2.0, 8.0, nan]])
    assert why(result.reason).tolist() == [
        "single_realisation",
        "zero_variance",
        "no_width",
        "measured",
    ]
    assert np.isnan(result.se[:3]).all() and np.isnan(result.mean[2])
    assert result.mean[3] == pytest.approx(np.log(4))
    assert result.se[3] == pytest.approx(np.log(4) / 2)
    np.testing.assert_array_equal(result.n, [1, 3, 0, 2])
    np.testing.assert_array_equal(result.n_left_out, [2, 0, 3, 1])


def test_fitted_width_in_other_coordinates_is_the_distance_of_the_converted_ends():
    schedule = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}
    u = np.linspace(-4, 8, 30)
    k = np.round(1e4 * curve("hill", u, 0.9, 0.1, np.array([[1.0], [2.0]]), 1.5))[..., None]
    fits = fit_curves("hill", u, k, 1e4)
    own = fitted_width(fits, "hill")
    np.testing.assert_allclose(own, fits["width"], rtol=1e-12)
    in_t, in_beta = (fitted_width(fits, "hill", (0.9, 0.1), c, schedule) for c in ("t", "beta"))
    np.testing.assert_allclose(in_beta, in_t * (0.02 - 1e-4) / 3000, rtol=1e-9)
    ends = fits["half_point"] + np.array([[-0.5], [0.5]]) * own
    np.testing.assert_allclose(
        in_t, np.diff(convert(ends, "ln_kappa", "t", schedule), axis=0)[0], rtol=1e-9
    )
    unresolved = {**fits, "status": np.array([0, 4])}
    assert np.isnan(fitted_width(unresolved, "hill")[1])


def test_without_scatter_the_three_estimators_agree():
    u = np.linspace(-6, 8, 2000)
    y = np.broadcast_to(curve("hill", u, 1, 0, 1, 1.5), (1, 3, u.size))
    fits = fit_curves("hill", u, 1e4 * y[..., None], 1e4)
    by_fit = seed_fit(fits, "hill", (0.7, 0.3))
    by_levels = seed_levels(u, y, (0.7, 0.3), none)
    options = {"protocol": "trained_once", "n_samples": 5, "rng": stream("agree")}
    by_mean, samples = mean_levels(u, y, (0.7, 0.3), none, **options)
    closed = np.log(width("hill", 1.5, 0.7, 0.3))
    for estimate in (by_fit, by_levels, by_mean):
        assert estimate.mean[0] == pytest.approx(closed, abs=1e-5)
        assert why(estimate.reason[0]) == "zero_variance" and np.isnan(estimate.se[0])
    np.testing.assert_allclose(samples, closed, atol=1e-5)
    alone, samples = mean_levels(u, y[:, :1], (0.7, 0.3), none, **options)
    assert why(alone.reason[0]) == "single_realisation" and np.isnan(samples).all()


def test_shifted_realisations_broaden_the_mean_curve_only():
    u = np.linspace(-8, 10, 400)
    shift = np.linspace(-1, 1, 9)[:, None]
    y = curve("hill", u, 1, 0, 1 + shift, 2.0)[None]
    closed = np.log(width("hill", 2.0))
    by_levels = seed_levels(u, y, (0.9, 0.1), none)
    assert by_levels.mean[0] == pytest.approx(closed, abs=2e-3)
    options = {"protocol": "trained_once", "n_samples": 50, "rng": stream("shifted")}
    by_mean, samples = mean_levels(u, y, (0.9, 0.1), none, **options)
    assert by_mean.mean[0] > closed + 0.1
    assert by_mean.se[0] == pytest.approx(samples[:, 0].std(ddof=1))


@pytest.mark.parametrize("protocol", ["trained_once", "trained_at_each_level"])
def test_bootstrap_of_seed_fits_has_the_spread_of_their_mean(protocol):
    u = np.linspace(-4, 8, 12)
    rng = stream("seed_fit", protocol=protocol)
    p = curve("hill", u, 0.8, 0.1, 1.3, 1.1)[:, None]
    k = rng.binomial(1000, np.broadcast_to(p, (2, 12, 12))).astype(float)
    fits = fit_curves("hill", u, np.swapaxes(k, -1, -2)[..., None], 1000)
    quoted = seed_fit(fits, "hill")
    options = {"protocol": protocol, "n_samples": 300, "rng": rng}
    samples = bootstrap_seed_fit("hill", u, k, 1000, **options)
    assert samples["log_width"].shape == samples["half_point"].shape == (300, 2)
    np.testing.assert_allclose(samples["log_width"].std(axis=0), quoted.se, rtol=0.4)
    assert np.all(np.abs(samples["log_width"].mean(axis=0) - quoted.mean) < quoted.se)


LADDER = 10.0 ** np.arange(4, 7.1, 0.5)
CONTROL = np.linspace(-6, 7, 66)
GAMMA = 0.27


def estimator_study(sd, seeds, replications):
    """Counts (replications, sizes, seeds, levels) of the generator of acceptance check T8."""
    rng = stream("estimator study", sd=str(sd), seeds=seeds)
    shape = (replications, LADDER.size, seeds, 1)
    plateau = (0.15 + 0.5 * np.arange(7) / 6)[:, None, None] * np.exp(
        0.03 * rng.standard_normal(shape)
    )
    slope = (0.8 * (LADDER / LADDER[0]) ** GAMMA)[:, None, None]
    fall = expit(-(CONTROL - 1.5 - sd * rng.standard_normal(shape)) * slope)
    return rng.binomial(10_000, 0.01 + (plateau - 0.01) * fall).astype(float)


def covered(law):
    return np.mean((law.low <= GAMMA) & (law.high >= GAMMA))


@pytest.mark.slow
@pytest.mark.parametrize("sd", [0.0, 0.05, 0.15])
def test_exponent_of_seed_fits_is_unbiased_and_covered(sd):
    # Acceptance check T8, and with it the bias of the level sets.
    k = estimator_study(sd, 10, 100)
    fits = fit_curves("hill", CONTROL, k[..., None], 10_000)
    assert (fits["status"] == 0).all()
    quoted = seed_fit(fits, "hill", (0.7, 0.3))
    law = weighted_power_law(LADDER, quoted.mean, quoted.se)
    assert law.gamma.mean() == pytest.approx(GAMMA, abs=0.003)
    assert covered(law) >= 0.9

    def normalised(y):
        return normalise(y, "chance_plateau", plateau=y[..., :5].mean(axis=-1), floor=0.01)

    by_levels = seed_levels(CONTROL, k / 1e4, (0.7, 0.3), normalised)
    biased = weighted_power_law(LADDER, by_levels.mean, by_levels.se)
    assert 0.255 < biased.gamma.mean() < 0.268
    assert covered(biased) < 0.5
