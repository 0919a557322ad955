"""Means over the realisations: their variance, the correlations of their draws, missing ones."""

import numpy as np
import pytest
from run_cubes import counts

from netphase.streams import stream
from netphase.transitions.mean_accuracy import BINOMIAL_FREEDOM, draw_means

N_TEST = 2000


def test_draws_have_the_variance_of_the_mean():
    """Many realisations: that of theirs, with their correlations. One: the binomial variance."""
    generator = np.random.default_rng(2)
    accuracy = counts(np.array([[0.3, 0.6]]), 400, generator, spread=3.0)
    mean, se, draws = draw_means(accuracy, N_TEST, 40_000, generator)
    np.testing.assert_allclose(mean, accuracy.mean(axis=2))
    exact = np.cov(accuracy[0]) / 400
    np.testing.assert_allclose(np.cov(draws[:, 0].T), exact, rtol=0.04)
    np.testing.assert_allclose(se[0] ** 2, np.diag(exact), rtol=0.02)

    mean, se, draws = draw_means(accuracy[..., :1], N_TEST, 40_000, generator)
    binomial = mean * (1 - mean) / N_TEST
    np.testing.assert_allclose(se**2, binomial, rtol=2e-3)
    inside = np.mean(np.abs(draws - mean) < 2.776 * se, axis=0)  # t(0.975, 4)
    assert BINOMIAL_FREEDOM == 4 and inside == pytest.approx(0.95, abs=0.005)


def test_levels_err_independently_and_sizes_of_a_level_together():
    generator = np.random.default_rng(3)
    common = generator.normal(0.5, 0.02, (1, 1, 10)).repeat(2, axis=0).repeat(2, axis=1)
    _, _, draws = draw_means(common, 10**9, 20_000, generator)
    correlation = np.corrcoef(draws.reshape(len(draws), -1).T)
    np.testing.assert_allclose(correlation[0, 1], 1, atol=1e-6)
    np.testing.assert_allclose(correlation[:2, 2:], 0, atol=0.03)


def test_missing_realisations_are_as_if_never_planned():
    accuracy = counts(np.array([[0.3, 0.6]]), 5, np.random.default_rng(4))
    holes = np.pad(accuracy, ((0, 0), (0, 0), (0, 3)), constant_values=np.nan)
    for a, b in zip(
        *(draw_means(x, N_TEST, 5, stream("test of mean accuracy"))[:2] for x in (accuracy, holes)),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    nothing = np.full((1, 2, 3), np.nan)
    assert all(
        np.isnan(x).all() for x in draw_means(nothing, N_TEST, 5, stream("test of mean accuracy"))
    )
