"""The network from Green's functions to densities: form, bits, and learning."""

import numpy as np
import pytest

from netphase.errors import InputError
from netphase.spectral import green_functions
from netphase.spectral.networks import SpectralNetwork
from netphase.streams import stream

BETA, SIGMA = 10.0, 1e-2
OMEGA = green_functions.frequencies(8.0, 101)
STEP = OMEGA[1] - OMEGA[0]
TIMES = green_functions.imaginary_times(17, BETA)
KERNEL = green_functions.kernel(TIMES, OMEGA, BETA)
TRAINING = green_functions.gaussians(2048, OMEGA, stream("densities to learn from"))
NEW = green_functions.gaussians(100, OMEGA, stream("new densities"))


def green(densities):
    clean = green_functions.green_function(densities, TIMES, OMEGA, BETA)
    return green_functions.noised(clean, SIGMA, stream("noise of new densities"))


def trained(epochs=8, consistency=0.0):
    network = SpectralNetwork(KERNEL, STEP, SIGMA, epochs=epochs, consistency=consistency)
    return network.fit(TRAINING, stream("network"))


@pytest.fixture(scope="module")
def network():
    return trained()


def test_densities_are_positive_and_normalised(network):
    found = network.predict(green(NEW))
    assert found.min() >= 0
    assert found.sum(axis=1) * STEP == pytest.approx(np.ones(100), abs=1e-5)


def test_same_stream_gives_the_same_bits(network):
    assert np.array_equal(trained().predict(green(NEW)), network.predict(green(NEW)))


def test_training_brings_densities_nearer(network):
    few, many = (
        green_functions.errors(one.predict(green(NEW)), NEW, OMEGA)["wasserstein"].mean()
        for one in (trained(epochs=1), network)
    )
    mean = green_functions.errors(TRAINING.mean(axis=0), NEW, OMEGA)["wasserstein"].mean()
    assert many < 0.8 * few
    assert many < 0.5 * mean


def test_consistency_fits_the_data_better(network):
    def chi2(one):
        residual = one.predict(green(NEW)) @ KERNEL.T * STEP - green(NEW)
        return np.median((residual**2).mean(axis=1)) / SIGMA**2

    assert chi2(trained(consistency=0.01)) < chi2(network)


@pytest.mark.parametrize("values", [np.ones((2, 16)), np.full((2, 17), np.nan)])
def test_what_is_no_green_function_is_refused(network, values):
    with pytest.raises(InputError, match="green"):
        network.predict(values)
