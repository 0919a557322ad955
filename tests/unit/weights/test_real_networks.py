"""Networks of real weights: exact gradients, Adam line by line, the scale of the first weights."""

import numpy as np
import pytest

from netphase.streams import stream
from netphase.weights.double_descent import learning_rates, losses
from netphase.weights.real_networks import activations, fit_real, gradient
from netphase.weights.samples import Part

LAYERS = (6, 9, 9, 4)


@pytest.fixture
def known():
    rng = stream("samples")
    return Part(
        rng.normal(size=(50, LAYERS[0])).astype(np.float32), rng.integers(0, LAYERS[-1], 50)
    )


def test_gradients_are_finite_differences(known):
    rng, step = stream("test"), 1e-6
    weights = [rng.normal(size=shape) for shape in zip(LAYERS[1:], LAYERS, strict=False)]
    inputs, truth = known.inputs.T.astype(float), np.eye(LAYERS[-1])[:, known.labels]
    found = gradient(weights, inputs, truth)
    for w, slope in zip(weights, found, strict=True):
        expected = np.empty_like(w)
        for place in np.ndindex(w.shape):
            ends, value = [], w[place]
            for sign in (1, -1):
                w[place] = value + sign * step
                ends.append(losses(activations(weights, inputs)[-1], known.labels)[0])
            w[place] = value
            expected[place] = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(slope, expected, atol=1e-8)


def test_real_networks_go_the_way_of_adam(known):
    """Algorithm 1 of Kingma & Ba (2015) in double precision, line by line."""
    rates = learning_rates(40, 0.01)
    start, found = (fit_real(known, LAYERS, part, stream("net")) for part in (rates[:0], rates))
    weights = [w.astype(float) for w in start]
    truth = np.eye(LAYERS[-1])[:, known.labels]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for t, rate in enumerate(rates, 1):
        for k, g in enumerate(gradient(weights, known.inputs.T.astype(float), truth)):
            m[k] = 0.9 * m[k] + (1 - 0.9) * g
            v[k] = 0.999 * v[k] + (1 - 0.999) * g**2
            corrected = m[k] / (1 - 0.9**t), v[k] / (1 - 0.999**t)
            weights[k] = weights[k] - rate * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    for w, expected, first in zip(found, weights, start, strict=True):
        np.testing.assert_allclose(w, expected, atol=1e-4)
        assert np.abs(w - first).max() > 0.05


def test_real_weights_begin_with_the_variance_of_their_fan_in(known):
    wide = fit_real(known, (100, 300, 300, 50), np.zeros(0), stream("net"))
    for w in wide:
        assert w.var() == pytest.approx(1 / w.shape[1], rel=0.05)
        assert w.mean() == pytest.approx(0, abs=5 * w.std() / np.sqrt(w.size))
