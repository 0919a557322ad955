"""Laws that every family of noise obeys: meaning of kappa, purity, and likelihood."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from netphase.noise.families import FAMILIES, stream_name
from netphase.streams import stream

EVERY = pytest.mark.parametrize("family", FAMILIES)
KAPPA = [0.3, 1.0, 20.0]


def standardised(*shape):
    x = stream("images of this test").standard_exponential(shape)
    return ((x - x.mean()) / x.std()).astype(np.float32)


@EVERY
@pytest.mark.parametrize("kappa", KAPPA)
def test_kappa_is_the_noise_to_signal_ratio(family, kappa):
    """Mean 0, variance 1 and no correlation with x_0, within four standard errors.

    Then s = Cov(z, x_0) / Var(x_0) = 1, and the ratio is sqrt(Var(z - x_0) / Var(x_0)) = kappa.
    """
    x_0 = standardised(500, 20, 20)
    epsilon = FAMILIES[family].draw(x_0, kappa, stream("noise of this test", family=family))
    assert epsilon.shape == x_0.shape and epsilon.dtype == np.float32
    e, x = epsilon.astype(float), x_0.astype(float)
    n = e.size
    assert abs(e.mean()) < 4 / np.sqrt(n)
    assert abs(e.var() - 1) < 4 * np.sqrt(((e**4).mean() - 1) / n)
    assert abs((e * x).mean()) < 4 * np.sqrt((e**2 * x**2).mean() / n)


@EVERY
def test_noise_is_a_pure_function_of_image_kappa_and_stream(family):
    x_0 = standardised(20, 4, 4)
    before = x_0.copy()
    draw = FAMILIES[family].draw
    first, again = (draw(x_0, 2.0, stream("one")) for _ in range(2))
    assert np.array_equal(first, again) and np.array_equal(x_0, before)
    assert not np.array_equal(first, draw(x_0, 2.0, stream("other")))


@EVERY
def test_noise_beyond_the_reach_is_rare(family):
    epsilon = FAMILIES[family].draw(standardised(500, 20, 20), 1.0, stream("reach"))
    assert np.mean(np.abs(epsilon) > FAMILIES[family].reach) < 1e-5


@EVERY
@pytest.mark.parametrize("kappa", KAPPA)
def test_posterior_of_the_likelihood_is_calibrated(family, kappa):
    """Of images given a probability p to be the origin, the share p is: in ten bins of p."""
    x = standardised(6, 3).reshape(6, -1)
    origin = np.arange(120_000) % len(x)
    rng = stream("calibration", family=family)
    z = x[origin] + np.float32(kappa) * FAMILIES[family].draw(x[origin], kappa, rng)
    log_p = FAMILIES[family].log_likelihood(z, x, kappa).astype(float)
    p = np.exp(log_p - logsumexp(log_p, axis=1, keepdims=True)).ravel()
    hit = (origin[:, np.newaxis] == np.arange(len(x))).ravel()
    bins = np.minimum((10 * p).astype(int), 9)
    n = np.bincount(bins, minlength=10)
    excess = np.bincount(bins, hit - p, minlength=10)
    scatter = np.sqrt(np.bincount(bins, p * (1 - p), minlength=10))
    assert (np.abs(excess) <= 4.5 * scatter + 1e-3 * np.sqrt(n)).all()


@pytest.mark.parametrize("kappa", KAPPA)
def test_gaussian_likelihood_is_the_normal_density(kappa):
    x, rng = standardised(7, 5), stream("density")
    z = (x[:3] + kappa * rng.standard_normal((3, 5))).astype(np.float64)
    log_p = FAMILIES["gaussian"].log_likelihood(z, x.astype(np.float64), kappa)
    expected = norm.logpdf(z[:, np.newaxis], x, kappa).sum(axis=-1)
    np.testing.assert_allclose(log_p - log_p[:, :1], expected - expected[:, :1], atol=1e-5)


def test_only_the_oldest_family_has_no_name_in_its_streams():
    assert stream_name("gaussian") == {}
    assert stream_name("another") == {"family": "another"}
