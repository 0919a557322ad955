"""Sigmoid, width, R^2, normalisation and the fit of the noise transition."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from run_cubes import KAPPA, run_cube
from scipy.optimize import brentq, curve_fit
from sklearn.metrics import r2_score

from netphase.transitions.sigmoid import (
    STATUS,
    fit_sigmoid,
    fit_transition,
    r_squared,
    sigmoid,
    width,
)

SHAPES = st.tuples(
    st.floats(0.4, 0.98), st.floats(0.01, 0.2), st.floats(0.7, 100), st.floats(0.8, 3)
)
PARAMETERS = ("plateau", "floor", "kappa_c", "slope")


def noisy(shape, realisations, sd, seed):
    clean = sigmoid(KAPPA, *shape)[:, None]
    return clean + sd * np.random.default_rng(seed).standard_normal((KAPPA.size, realisations))


@given(SHAPES)
def test_sigmoid_has_its_half_point_and_limits(shape):
    plateau, floor, kappa_c, slope = shape
    assert sigmoid(kappa_c, *shape) == pytest.approx((plateau + floor) / 2)
    assert sigmoid(kappa_c * 1e-30, *shape) == pytest.approx(plateau)
    assert sigmoid(kappa_c * 1e30, *shape) == pytest.approx(floor)


@given(st.floats(0.7, 100), st.floats(0.8, 3))
def test_width_is_the_distance_of_the_level_sets(kappa_c, slope):
    def crossing(level):
        return brentq(lambda u: sigmoid(np.exp(u), 1, 0, kappa_c, slope) - level, -40, 40)

    assert crossing(0.1) - crossing(0.9) == pytest.approx(width(slope), abs=1e-9)


def test_sigmoid_is_the_hill_function():
    assert sigmoid(3.0, 0.9, 0.1, 1.5, 2.0) == pytest.approx(0.1 + 0.8 / (1 + 2.0**2))


@settings(deadline=None, max_examples=40)
@given(SHAPES)
def test_fit_recovers_noiseless_curves(shape):
    fit = fit_sigmoid(KAPPA, sigmoid(KAPPA, *shape)[:, None])
    assert STATUS[fit["status"]] == "fitted"
    np.testing.assert_allclose([fit[name] for name in PARAMETERS], shape, rtol=1e-6)
    assert fit["width"] == pytest.approx(width(shape[3]), rel=1e-6)
    assert fit["r2_points"] == pytest.approx(1)


@settings(deadline=None, max_examples=20)
@given(st.floats(1e-3, 1e3), st.integers(0, 100))
def test_rescaled_noise_moves_the_half_point_only(factor, seed):
    accuracy = noisy((0.9, 0.1, 1.7, 2.0), 5, 0.02, seed)
    here, there = fit_sigmoid(KAPPA, accuracy), fit_sigmoid(factor * KAPPA, accuracy)
    for name in ("kappa_c", "kappa_c_se"):
        assert there[name] == pytest.approx(factor * here[name], rel=1e-5)
    for name in ("plateau", "floor", "slope", "width", "width_se", "r2_points"):
        assert there[name] == pytest.approx(here[name], rel=1e-5)


def test_standard_errors_agree_with_curve_fit():
    accuracy = noisy((0.8, 0.1, 2.0, 1.5), 4, 0.03, 1)
    ours = fit_sigmoid(KAPPA, accuracy)
    theirs, covariance = curve_fit(
        sigmoid, np.repeat(KAPPA, 4), accuracy.ravel(), p0=(0.7, 0.2, 1.0, 1.0)
    )
    np.testing.assert_allclose([ours[name] for name in PARAMETERS], theirs, rtol=1e-4)
    errors = [ours[f"{name}_se"] for name in PARAMETERS]
    np.testing.assert_allclose(errors, np.sqrt(np.diag(covariance)), rtol=1e-3)
    relative = ours["slope_se"] / ours["slope"]
    assert ours["width_se"] == pytest.approx(ours["width"] * relative)


def test_r_squared_agrees_with_sklearn_and_has_no_value_for_constants():
    rng = np.random.default_rng(0)
    observed, predicted = rng.random((2, 50))
    assert r_squared(observed, predicted) == pytest.approx(r2_score(observed, predicted))
    assert np.isnan(r_squared(np.ones(3), np.ones(3)))


def test_the_two_readings_of_r2_obey_the_decomposition_of_variance():
    # Total = within levels + between levels, and only the second part can be explained.
    accuracy = noisy((0.6, 0.1, 1.5, 1.7), 8, 0.05, 3)
    fit = fit_sigmoid(KAPPA, accuracy)
    means = accuracy.mean(axis=1)
    within = np.sum((accuracy - means[:, None]) ** 2)
    between = 8 * np.sum((means - means.mean()) ** 2)
    unexplained = within + (1 - fit["r2_means"]) * between
    assert fit["r2_points"] == pytest.approx(1 - unexplained / (within + between))
    assert fit["r2_points"] < fit["r2_means"]


@pytest.mark.parametrize(
    ("accuracy", "status"),
    [
        (np.full((11, 3), 0.1), "no_fall"),
        (np.ones((11, 1)), "no_fall"),
        (sigmoid(1 / KAPPA, 0.9, 0.1, 1.0, 1.0)[:, None], "no_fall"),
        (np.full((11, 3), np.nan), "too_few_levels"),
        (np.where(np.arange(11) < 4, 0.5, np.nan)[:, None], "too_few_levels"),
        (np.where(np.arange(11) < 4, 0.9, 0.1)[:, None], "unresolved"),
    ],
)
def test_curves_without_a_transition_are_flagged(accuracy, status):
    fit = fit_sigmoid(KAPPA, accuracy)
    assert STATUS[fit["status"]] == status
    assert fit["n_points"] == np.isfinite(accuracy).sum()
    if status != "unresolved":
        assert np.isnan([fit[name] for name in (*PARAMETERS, "width", "r2_points")]).all()


def test_noise_about_chance_is_not_taken_for_a_transition():
    rng = np.random.default_rng(5)
    fits = [fit_sigmoid(KAPPA, rng.binomial(360, 0.1, (11, 10)) / 360) for _ in range(20)]
    outcomes = [STATUS[fit["status"]] for fit in fits]
    assert "fitted" not in outcomes and outcomes.count("no_fall") >= 17


def test_levels_without_noise_and_missing_points_do_not_enter():
    accuracy = noisy((0.9, 0.1, 1.7, 2.0), 3, 0.02, 7)
    fit = fit_sigmoid(KAPPA, accuracy)
    with_clean = fit_sigmoid(np.append(0.0, KAPPA), np.vstack([np.zeros(3), accuracy]))
    padded = fit_sigmoid(KAPPA, np.hstack([accuracy, np.full((11, 2), np.nan)]))
    assert with_clean == fit and padded == fit


def test_the_order_of_the_levels_is_free():
    accuracy = noisy((0.9, 0.1, 1.7, 2.0), 3, 0.02, 7)
    fit, reversed_ = fit_sigmoid(KAPPA, accuracy), fit_sigmoid(KAPPA[::-1], accuracy[::-1])
    assert fit == pytest.approx(reversed_, rel=1e-6)


def test_fit_transition_fits_every_curve_and_names_everything():
    runs = run_cube(sizes=(2, 128), realisations=4, spread=0.01)
    runs = runs.reindex(model=["absent", "mlp"])
    transition = fit_transition(runs)
    assert transition.plateau.dims == ("dataset", "model", "size", "split", "curve")
    cell = dict(dataset="digits", model="mlp", size=128, split="test")
    points = runs.accuracy.sel(cell)
    for curve, expected in (("mean", points), ("max", points.max("realisation", keepdims=True))):
        fit = fit_sigmoid(KAPPA, expected.transpose("step", ...))
        for name, value in fit.items():
            assert transition[name].sel(curve=curve, **cell).item() == value
    assert transition.kappa_c.sel(curve="mean", **cell) == pytest.approx(1.7, rel=0.1)
    assert (transition.converged.sel(model="absent") == 0).all()
    assert transition.plateau.sel(model="absent").isnull().all()
    np.testing.assert_array_equal(transition.converged, transition.status == 0)
    for variable in transition.values():
        assert {"units", "long_name", "references"} <= set(variable.attrs)
    assert transition.width.coordinate == "ln(kappa)"


def curve_of(values):
    values = np.atleast_2d(values)
    return xr.DataArray(
        values, dims=("size", "step"), coords={"kappa": ("step", KAPPA[: values.shape[1]])}
    )
