"""Maximum-likelihood fits of transition curves: recovery, coverage, two roads, flags."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, curve_fit, isotonic_regression, minimize, minimize_scalar
from scipy.stats import betabinom, binom

from netphase.errors import InputError
from netphase.streams import stream
from netphase.transitions import fit_kernels
from netphase.transitions.curves import DEFAULT_FAMILIES, FAMILIES, curve, half_point, width
from netphase.transitions.fits import (
    QUANTITIES,
    STATUS,
    akaike_weights,
    fit_curves,
    fit_runs,
    profile_intervals,
)

U = np.linspace(-5, 8, 40)
GRIDS = {"ln_kappa": U, "kappa": np.exp(U), "t": np.linspace(0, 3000, 40)}
CENTRES = {"ln_kappa": 1.3, "kappa": 30.0, "t": 1100.0}
SLOPES = {"ln_kappa": 0.9, "kappa": 0.05, "t": 0.004}


def truth(family):
    coordinate = FAMILIES[family].coordinate
    slope = FAMILIES[family].slope or SLOPES[coordinate]
    return GRIDS[coordinate], CENTRES[coordinate], slope


def outcome(fit):
    return list(STATUS)[int(fit["status"])]


def beta_binomial(p, n, rho, shape, rng):
    p = np.broadcast_to(p[:, None], shape)
    if rho:
        p = rng.beta(p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho)
    return rng.binomial(n, p).astype(float)


@pytest.mark.parametrize("likelihood", ["binomial", "beta_binomial", "gaussian"])
@pytest.mark.parametrize("family", FAMILIES)
def test_noiseless_curves_give_back_their_parameters(family, likelihood):
    # Acceptance check T1.
    u, centre, slope = truth(family)
    p = curve(family, u, 0.83, 0.07, centre, slope)[:, None]
    k, n = (p, 0.01) if likelihood == "gaussian" else (1e4 * p, 1e4)
    fit = fit_curves(family, u, k, n, likelihood=likelihood)
    assert outcome(fit) == "fitted"
    expected = {
        "plateau": 0.83,
        "floor": 0.07,
        "centre": centre,
        "half_point": half_point(family, centre, slope),
        "slope": slope,
        "width": width(family, slope),
        "r2": 1,
    }
    for name, value in expected.items():
        assert fit[name] == pytest.approx(value, rel=1e-6), name
    assert fit["rho"] == pytest.approx(0, abs=1e-9)
    assert fit["deviance"] == pytest.approx(0, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(DEFAULT_FAMILIES[:3]),
    st.floats(0.3, 1),
    st.floats(0, 0.2),
    st.floats(-2, 5),
    st.floats(0.5, 3.5),
)
def test_search_finds_every_noiseless_curve_that_the_levels_resolve(
    family, plateau, floor, centre, slope
):
    p = curve(family, U, plateau, floor, centre, slope)[:, None]
    fit = fit_curves(family, U, 1e4 * p, 1e4)
    assert outcome(fit) == "fitted"
    assert fit["centre"] == pytest.approx(centre, abs=1e-5)
    assert fit["slope"] == pytest.approx(slope, rel=1e-5)


@settings(deadline=None)
@given(st.floats(0.001, 1), st.floats(1e-8, 3), st.integers(0, 400))
def test_rising_sums_are_the_sums(p, theta, k):
    i = np.arange(k)
    term = p + i * theta
    sums = [np.log(term), 1 / term, term**-2, i / term, (i / term) ** 2, i / term**2]
    found = fit_kernels.rising(p, theta, float(k))
    np.testing.assert_allclose(found, [s.sum() for s in sums], rtol=2e-7, atol=1e-8)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 4),
    st.floats(0.4, 0.95),
    st.floats(0.02, 0.3),
    st.floats(-1, 1),
    st.floats(-0.5, 1),
    st.floats(0.1, 4),
    st.sampled_from([0, 1, 2]),
)
def test_derivatives_of_the_likelihood_are_those_of_its_values(
    shape, plateau, floor, half, ln_slope, inflation, kind
):
    u = np.append(-np.inf, np.linspace(-2, 2, 7))
    k = np.array([80, 85, 70, 60, 40, 22, 18, 9.0])
    k, n = (k / 100, np.full(8, 0.05)) if kind == 2 else (k, np.full(8, 100.0))
    x = np.array([plateau, floor, half, ln_slope, inflation if kind == 1 else 0.0])

    def evaluate(x):
        gradient, scale, hessian = np.empty(5), np.empty(5), np.empty((5, 5))
        value = fit_kernels.evaluate(shape, -0.2, kind, u, k, n, 100.0, x, gradient, hessian, scale)
        return value, gradient, np.tril(hessian) + np.tril(hessian, -1).T

    size = 5 if kind == 1 else 4
    _, gradient, hessian = evaluate(x)
    steps = np.full(5, 1e-6)
    numeric = approx_fprime(x, lambda y: evaluate(y)[0], steps)[:size]
    scale = 1 + np.abs(gradient[:size]).max()
    np.testing.assert_allclose(gradient[:size], numeric, atol=1e-3 * scale)
    second = -approx_fprime(x, lambda y: evaluate(y)[1], steps)[:size, :size]
    scale = 1 + np.abs(hessian[:size, :size]).max()
    np.testing.assert_allclose(hessian[:size, :size], second, atol=1e-3 * scale)


def test_log_likelihood_and_aicc_agree_with_scipy():
    u, n = np.linspace(-4, 8, 14), 300
    p = curve("hill", u, 0.8, 0.1, 1.3, 1.1)
    k = beta_binomial(p, n, 0.02, (14, 3), stream("test_fits"))
    for likelihood, parameters in (("binomial", 4), ("beta_binomial", 5)):
        fit = fit_curves("hill", u, k, n, likelihood=likelihood)
        m = curve("hill", u, *(fit[name] for name in ("plateau", "floor", "centre", "slope")))
        m = np.broadcast_to(m[:, None], k.shape)
        if likelihood == "binomial":
            value = binom.logpmf(k, n, m).sum()
            saturated = binom.logpmf(k, n, k / n).sum()
            assert fit["deviance"] == pytest.approx(2 * (saturated - value))
        else:
            odds = (1 - fit["rho"]) / fit["rho"]
            value = betabinom.logpmf(k, n, m * odds, (1 - m) * odds).sum()
        assert fit["log_likelihood"] == pytest.approx(value, rel=1e-9)
        correction = 2 * parameters * (parameters + 1) / (42 - parameters - 1)
        assert fit["aicc"] == pytest.approx(2 * parameters - 2 * value + correction)
        assert (fit["n_points"], fit["dof"]) == (42, 38)


def test_gaussian_fits_agree_with_weighted_least_squares():
    rng = stream("gaussian")
    se = np.linspace(0.01, 0.03, U.size)
    y = curve("probit", U, 2.5, -1.0, 1.3, 0.9) + se * rng.standard_normal(U.size)
    fit = fit_curves("probit", U, y[:, None], se[:, None], likelihood="gaussian")

    def probit(u, *parameters):
        return curve("probit", u, *parameters)

    theirs, covariance = curve_fit(
        probit, U, y, (2, 0, 1, 1), sigma=se, absolute_sigma=True, ftol=1e-14, xtol=1e-14
    )
    ours = [fit[name] for name in ("plateau", "floor", "centre", "slope")]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    # Those errors come from the Jacobian only, ours from all second derivatives.
    errors = [fit[f"{name}_se"] for name in ("plateau", "floor", "half_point")]
    np.testing.assert_allclose(errors, np.sqrt(np.diag(covariance))[:3], rtol=0.1)


@pytest.mark.parametrize("rho", [0.0, 0.003, 0.03])
@pytest.mark.parametrize("family", ["hill", "inv_weibull"])
def test_profile_intervals_cover(family, rho):
    # Acceptance check T2, for one study's eleven levels and for a dense grid.
    for levels, n in ((11, 360), (66, 10000)):
        u = np.linspace(-4, 8, levels)
        p = curve(family, u, 0.8, 0.1, 1.3, 1.1)
        k = beta_binomial(p, n, rho, (400, levels, 1), stream("cover", rho=str(rho), n=n))
        for likelihood in ("beta_binomial", "binomial")[: 1 if rho else 2]:
            fit = fit_curves(family, u, k, n, likelihood=likelihood)
            ends = profile_intervals(family, u, k, n, fit, likelihood=likelihood)
            fitted = fit["status"] == 0
            assert fitted.mean() > 0.9
            for name, value in (
                ("half_point", half_point(family, 1.3, 1.1)),
                ("width", width(family, 1.1)),
            ):
                low, high = ends[f"{name}_low"][fitted], ends[f"{name}_high"][fitted]
                covered = np.mean((low <= value) & (value <= high))
                assert 0.9 <= covered <= 0.99, (levels, likelihood, name)
                assert np.all(low < fit[name][fitted]) and np.all(fit[name][fitted] < high)


@pytest.mark.parametrize("rho", [0.003, 0.03])
def test_parameters_and_rho_are_recovered_from_pooled_counts(rho):
    u = np.linspace(-4, 8, 22)
    p = curve("hill", u, 0.8, 0.1, 1.3, 1.1)
    k = beta_binomial(p, 1000, rho, (200, 22, 10), stream("pooled", rho=str(rho)))
    fit = fit_curves("hill", u, k, 1000)
    assert np.all(fit["status"] == 0)
    expected = {"plateau": 0.8, "floor": 0.1, "half_point": 1.3, "slope": 1.1, "rho": rho}
    for name, value in expected.items():
        values = fit[name]
        # Maximum likelihood takes 4 of 220 degrees of freedom from rho.
        bias = rho * 4 / 220 if name == "rho" else 0.0
        tolerance = 4 * values.std() / np.sqrt(200) + bias
        assert values.mean() == pytest.approx(value, abs=tolerance), name
    for name in ("plateau", "floor", "half_point", "width"):
        assert fit[f"{name}_se"].mean() == pytest.approx(fit[name].std(), rel=0.2)


def test_profile_ends_are_where_the_profile_says():
    # The profile by another road: scipy maximises the likelihood with the slope held fixed.
    u, n = np.linspace(-4, 8, 14), 300
    k = beta_binomial(curve("hill", u, 0.8, 0.1, 1.3, 1.1), n, 0, (14, 1), stream("profile"))
    fit = fit_curves("hill", u, k, n, likelihood="binomial")
    ends = profile_intervals("hill", u, k, n, fit, likelihood="binomial")

    def loss(half):
        def without(x):
            plateau, floor, slope = x
            m = np.clip(curve("hill", u, plateau, floor, half, slope), 1e-9, 1 - 1e-9)
            return -binom.logpmf(k[:, 0], n, m).sum()

        start = [fit["plateau"], fit["floor"], fit["slope"]]
        best = minimize(without, start, method="Nelder-Mead", options={"xatol": 1e-9})
        return 2 * (best.fun + fit["log_likelihood"])

    for end in ("half_point_low", "half_point_high"):
        assert loss(float(ends[end])) == pytest.approx(3.8415, abs=1e-3)
    inside = (ends["half_point_low"], ends["half_point_high"])
    lowest = minimize_scalar(loss, bounds=inside, method="bounded")
    assert lowest.x == pytest.approx(fit["half_point"], abs=1e-3)


def test_units_of_the_control_change_nothing_but_the_units():
    k = beta_binomial(curve("hill", U, 0.8, 0.1, 1.3, 1.1), 500, 0.01, (U.size, 4), stream("units"))
    here, there = fit_curves("hill", U, k, 500), fit_curves("hill", 7 + 1e3 * U, k, 500)
    for name in ("width", "half_point_se", "width_se"):
        assert there[name] == pytest.approx(1e3 * here[name], rel=1e-5)
    assert there["half_point"] == pytest.approx(7 + 1e3 * here["half_point"], rel=1e-6)
    for name in ("plateau", "rho", "aicc", "r2", "plateau_se"):
        assert there[name] == pytest.approx(here[name], rel=1e-5)


def test_order_of_levels_padding_and_batch_change_nothing():
    k = beta_binomial(curve("hill", U, 0.8, 0.1, 1.3, 1.1), 500, 0.01, (U.size, 4), stream("order"))
    fit = fit_curves("hill", U, k, 500)
    padded = np.concatenate([k, np.full((U.size, 2), np.nan)], axis=1)
    batch = np.stack([np.full_like(padded, np.nan), padded])
    for other in (
        fit_curves("hill", U[::-1], k[::-1], 500),
        fit_curves("hill", U, padded, 500),
        {name: value[1] for name, value in fit_curves("hill", U, batch, 500).items()},
    ):
        for name in QUANTITIES:
            np.testing.assert_allclose(other[name], fit[name], rtol=1e-9, err_msg=name)


def test_clean_level_sees_the_plateau_only():
    p = curve("hill", U, 0.8, 0.1, 1.3, 1.1)
    k = (1e4 * p)[:, None]
    clean = fit_curves("hill", np.append(-np.inf, U), np.vstack([[[8000.0]], k]), 1e4)
    assert clean["half_point"] == pytest.approx(1.3, abs=1e-8)
    assert clean["plateau_se"] < fit_curves("hill", U, k, 1e4)["plateau_se"]


def test_right_family_wins_and_the_weights_say_so():
    u, centre, slope = truth("inv_weibull")
    p = curve("inv_weibull", u, 0.9, 0.1, centre, slope)
    k = beta_binomial(p, 2000, 0, (50, u.size, 1), stream("families"))
    aicc = np.stack([fit_curves(f, u, k, 2000)["aicc"] for f in ("hill", "probit", "inv_weibull")])
    weights = akaike_weights(aicc, axis=0)
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    assert np.mean(weights.argmax(axis=0) == 2) > 0.95
    two = akaike_weights(np.array([10.0, 12.0, np.nan]))
    assert two == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0])
    assert np.isnan(akaike_weights(np.full(3, np.nan))).all()


def test_active_bound_of_the_floor_is_stored():
    p = curve("hill", U, 0.9, 0.1, 1.3, 1.1)
    k = beta_binomial(p, 2000, 0, (U.size, 1), stream("bound"))
    free = fit_curves("hill", U, k, 2000)
    above = fit_curves("hill", U, k, 2000, floor_limits=(0.2, 1.0))
    below = fit_curves("hill", U, k, 2000, floor_limits=(0.0, 0.05))
    assert [int(fit["floor_bound"]) for fit in (free, above, below)] == [0, 1, 2]
    assert (above["floor"], below["floor"]) == (0.2, 0.05)
    assert np.isnan(above["floor_se"]) and free["floor_se"] > 0
    certain = fit_curves("hill", U, np.round(2000 * curve("hill", U, 1, 0, 1.3, 4))[:, None], 2000)
    assert (certain["plateau"], certain["plateau_bound"]) == (1, 2)
    assert (certain["floor"], certain["floor_bound"]) == (0, 1)
    assert outcome(certain) == "fitted"


@pytest.mark.parametrize(
    ("fractions", "status"),
    [
        (np.full((11, 3), 0.1), "no_fall"),
        (np.ones((11, 1)), "no_fall"),
        (np.linspace(0.1, 0.9, 11)[:, None], "no_fall"),
        (np.full((11, 3), np.nan), "too_few_levels"),
        (np.where(np.arange(11) < 4, 0.5, np.nan)[:, None], "too_few_levels"),
        (np.where(np.arange(11) < 4, 0.9, 0.1)[:, None], "unresolved"),
        (curve("hill", np.arange(11.0), 0.9, 0.1, 12, 1)[:, None], "unresolved"),
    ],
)
def test_curves_without_a_transition_are_flagged(fractions, status):
    # Acceptance check T12.
    for likelihood in ("binomial", "beta_binomial"):
        k = np.round(1000 * fractions)
        fit = fit_curves("hill", np.arange(11.0), k, 1000, likelihood=likelihood)
        assert outcome(fit) == status
        assert fit["n_points"] == np.isfinite(fractions).sum()
        ends = profile_intervals("hill", np.arange(11.0), k, 1000, fit, likelihood=likelihood)
        assert np.isnan(list(ends.values())).all()
        if status != "unresolved":
            assert np.isnan([fit[name] for name in ("plateau", "half_point", "width", "r2")]).all()


def test_noise_about_chance_is_not_taken_for_a_transition():
    for rho in (0.0, 0.02):
        k = beta_binomial(np.full(11, 0.1), 360, rho, (100, 11, 10), stream("chance", r=str(rho)))
        for chosen in (k, k[..., :1]):
            fit = fit_curves("hill", np.arange(11.0), chosen, 360)
            assert np.mean(fit["status"] == list(STATUS).index("no_fall")) > 0.95
            assert np.mean(fit["status"] == 0) < 0.02


def test_floor_that_the_levels_do_not_reach_is_flagged():
    # Acceptance check T12.
    u = np.linspace(-4, 8, 25)
    for last, reached in ((25, 1), (12, 0)):
        k = (1e4 * curve("hill", u, 0.9, 0.1, 1.3, 1.1))[:last, None]
        assert fit_curves("hill", u[:last], k, 1e4)["floor_reached"] == reached


@pytest.mark.parametrize(
    ("k", "n", "likelihood", "message"),
    [
        (0.5, 0.0, "gaussian", "standard error"),
        (0.5, -1.0, "gaussian", "standard error"),
        (1.0, 0.0, "binomial", "number of samples"),
        (11.0, 10.0, "beta_binomial", "count"),
        (-1.0, 10.0, "beta_binomial", "count"),
        (1.0, 10.0, "poisson", "poisson"),
    ],
)
def test_impossible_input_is_refused(k, n, likelihood, message):
    # Acceptance check T12: zero error bars.
    with pytest.raises(InputError, match=message):
        fit_curves("hill", np.arange(11.0), np.full((11, 1), k), n, likelihood=likelihood)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 100))
def test_decreasing_curve_agrees_with_scipy(values, seed):
    y = np.array(values)
    weights = np.random.default_rng(seed).uniform(0.1, 3, y.size)
    expected = isotonic_regression(y, weights=weights, increasing=False).x
    gaps = np.concatenate([y, [np.nan]])[None], np.concatenate([weights, [1.0]])[None]
    np.testing.assert_allclose(fit_kernels.decreasing(*gaps)[0, :-1], expected, atol=1e-12)


def test_fit_runs_names_everything():
    u = np.linspace(-4, 8, 12)
    t = np.linspace(0, 3000, 12)
    p = curve("hill", u, 0.9, 0.1, np.array([1.0, 2.0])[:, None], 1.5)[..., None]
    counts = stream("runs").binomial(500, np.broadcast_to(p, (2, 12, 3)))
    counts[1, 4, 2] = -1
    runs = xr.Dataset(
        {"n_correct": (("size", "step", "realisation"), counts)},
        {"size": [8, 16], "step": np.arange(12), "n_samples": 500},
    )
    controls = xr.Dataset({"ln_kappa": ("step", u), "t": ("step", t)})
    pooled = fit_runs(runs, controls, pool=True)
    assert pooled.width.dims == ("size", "family")
    direct = fit_curves("hill", u, np.where(counts < 0, np.nan, counts), 500)
    np.testing.assert_array_equal(pooled.width.sel(family="hill"), direct["width"])
    np.testing.assert_array_equal(pooled.n_points.sel(family="hill"), [36, 35])
    np.testing.assert_allclose(pooled.akaike_weight.sum("family"), 1)
    single = fit_runs(runs, controls, pool=False)
    assert single.width.dims == ("size", "realisation", "family")
    assert (single.status.sel(family="hill") == 0).all()
    assert {*single.coordinate.values} == {"ln_kappa", "t"}
    for variable in single.values():
        assert {"units", "long_name"} <= set(variable.attrs)
