"""Random networks of all variances at once: each is the same as alone."""

import numpy as np
import pytest

from netphase.criticality.random_networks import layers
from netphase.errors import InputError
from netphase.streams import stream

VARIANCES = (0.5, 1.7, 4.0)


def activations(weight_variance, bias_variance=0.05):
    inputs = stream("inputs").standard_normal((6, 9))
    return list(layers(inputs, weight_variance, bias_variance, 20, 5, stream("network")))


def test_networks_do_not_know_of_one_another():
    together = activations(VARIANCES)
    for k, variance in enumerate(VARIANCES):
        for both, alone in zip(together, activations(variance), strict=True):
            np.testing.assert_allclose(both[k], alone, rtol=1e-10)


def test_weights_of_two_variances_differ_by_a_factor():
    """Without biases, where tanh is a line: layer l goes with the power l / 2 of the variance."""
    small = activations([1e-12, 4e-12], 0)
    for layer, signal in enumerate(small, start=1):
        np.testing.assert_allclose(signal[1], 2.0**layer * signal[0], rtol=1e-6)


def test_pre_activations_have_the_variance_that_is_asked_for():
    inputs = np.ones((1, 400))
    (signal,) = layers(inputs, [2.0], 0.5, 20_000, 1, stream("wide"))
    pre_activations = np.arctanh(signal)
    assert pre_activations.var() == pytest.approx(2.5, rel=0.05)
    assert pre_activations.mean() == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("variances", [[1.0, 0.0], [np.nan], [1.0, -1.0]])
def test_what_is_no_variance_is_refused(variances):
    with pytest.raises(InputError, match="weight_variance"):
        activations(variances)
