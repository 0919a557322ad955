"""Intervals of means: Student's and by resampling, and their coverage."""

import numpy as np
from scipy.stats import norm

from netphase.statistics.intervals import (
    Z_975,
    bootstrap_mean,
    interval,
    mean_interval,
    resampled_means,
    student_half_width,
)
from netphase.streams import stream


def test_interval_of_a_mean():
    values = stream("normal").standard_normal((800, 25))
    mean, low, high = bootstrap_mean(values, stream("copies"))
    np.testing.assert_allclose(mean, values.mean(axis=-1))
    covered = ((low <= 0) & (high >= 0)).mean()
    assert 0.91 < covered < 0.96  # a little less than 95 % for few values
    assert np.isnan(bootstrap_mean(np.array([1.0, np.nan]), stream("copies"))).all()


def test_intervals_are_those_of_student():
    values = np.array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0]])
    found = interval(values)
    np.testing.assert_allclose(found.mean, [7 / 3, 3])
    half = 4.30265273 * np.std(values[0], ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(found.high - found.mean, [half, 0])
    assert np.isnan(interval(values[:, :1]).low).all()


def test_both_axes_have_the_same_interval():
    values = stream("normal").standard_normal((6, 4))
    mean, half = mean_interval(values)
    found = interval(values.T)
    np.testing.assert_allclose([mean, mean + half], [found.mean, found.high], rtol=1e-14)
    assert np.isnan(mean_interval(values[:1])[1]).all()


def test_the_interval_of_student_becomes_that_of_a_normal_distribution():
    np.testing.assert_allclose(norm.ppf(0.975), Z_975, atol=1e-4)
    np.testing.assert_allclose(student_half_width(2.0, 10**6), 2 * Z_975, atol=1e-4)
    assert np.isnan(student_half_width(1.0, 0))


def test_resampled_means_scatter_by_the_standard_error():
    values = stream("normal").standard_normal((30, 3))
    copies = resampled_means(values, stream("copies"))
    np.testing.assert_allclose(copies.std(axis=0), values.std(axis=0) / np.sqrt(30), rtol=0.1)
    np.testing.assert_allclose(copies.mean(axis=0), values.mean(axis=0), atol=0.02)
