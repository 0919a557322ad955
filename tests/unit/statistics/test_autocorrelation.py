"""Autocorrelation times and jackknife errors of series whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from netphase.statistics.autocorrelation import BINS, autocorrelation_time, jackknife
from netphase.streams import stream


def autoregression(phi, n, seed):
    """Stationary series x_t = phi x_{t-1} + noise."""
    rng = stream("test", phi=str(phi), seed=seed)
    noise = rng.standard_normal(n)
    noise[0] /= math.sqrt(1 - phi**2)
    return lfilter([1], [1, -phi], noise)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.7, 0.9, 0.97])
def test_autocorrelation_time_of_an_autoregression(phi):
    exact = (1 + phi) / (1 - phi) / 2
    n = 40_000
    found = [autocorrelation_time(autoregression(phi, n, seed)) for seed in range(10)]
    # Wolff (2004), eq. 42, with a window of some six autocorrelation times; plus its truncation.
    error = exact * math.sqrt(4 * (6 * exact + 1) / n)
    assert np.mean(found) == pytest.approx(exact, abs=3 * error / math.sqrt(10) + 0.01 * exact)
    assert np.std(found) < 2 * error


@settings(deadline=None, max_examples=20)
@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.sampled_from([1, -1]), st.integers(0, 100))
def test_autocorrelation_time_knows_no_origin_scale_or_direction(origin, scale, sign, seed):
    series = autoregression(0.8, 2000, seed)
    tau = autocorrelation_time(series)
    assert autocorrelation_time(origin + sign * scale * series) == pytest.approx(tau, rel=1e-6)
    assert autocorrelation_time(series[::-1]) == pytest.approx(tau, rel=1e-6)


def test_autocorrelation_time_has_no_value_where_none_can_be_read():
    assert np.isnan(autocorrelation_time(np.ones(1000)))
    assert np.isnan(autocorrelation_time(np.arange(3.0)))
    assert autocorrelation_time(autoregression(-0.5, 10_000, 0)) == pytest.approx(0.5, rel=1e-2)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 5), st.integers(0, BINS - 1), st.integers(0, 100))
def test_jackknife_closed_forms(length, left_over, seed):
    series = stream("test", seed=seed).standard_normal((2, BINS * length + left_over))
    bins = series[:, left_over:].reshape(2, BINS, length).mean(axis=2)
    mean, variance = bins.mean(axis=1), bins.var(axis=1, ddof=1)
    value, error = jackknife(lambda means: means, series)
    np.testing.assert_allclose(value, mean, atol=1e-12)
    np.testing.assert_allclose(error, np.sqrt(variance / BINS))
    # The square of a mean is too large by the variance of the mean: here the jackknife is exact.
    square, _ = jackknife(lambda means: means**2, series)
    np.testing.assert_allclose(square, mean**2 - variance / BINS, atol=1e-12)
