"""Spectra of random networks: limits, wide networks against their mean-field theory, phases."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from netphase.criticality.gram_spectra import (
    classify,
    critical_variance,
    entropy,
    expected_spectrum,
    growth_of_gaps,
    purity,
    spectrum,
    variance_of_no_growth,
)
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.criticality.random_networks import layers
from netphase.errors import InputError
from netphase.streams import stream

N_INPUTS, WIDTH, DEPTH = 40, 1000, 60


@pytest.fixture(scope="module")
def inputs():
    return load_digits().data[:N_INPUTS] / 16


def spectra(inputs, weight_variance, bias_variance):
    """Of one network, the same for all variances but for the size of its weights."""
    rng = stream("random network")
    network = layers(inputs, weight_variance, bias_variance, WIDTH, DEPTH, rng)
    return np.array([spectrum(activations) for activations in network])


def test_limits_of_the_entropy():
    same, orthogonal = np.tile([1.0, 2.0], (5, 1)), 3 * np.eye(5)
    assert entropy(spectrum(same)) == pytest.approx(0, abs=1e-12)
    assert purity(spectrum(same)) == pytest.approx(1)
    assert entropy(spectrum(orthogonal)) == pytest.approx(np.log(5))
    assert purity(spectrum(orthogonal)) == pytest.approx(1 / 5)


def test_spectra_have_trace_one_whatever_the_lengths():
    rng = stream("lengths")
    activations = rng.standard_normal((6, 9))
    found = spectrum(activations)
    np.testing.assert_allclose(spectrum(activations * rng.uniform(1, 9, (6, 1))), found)
    singular = np.linalg.svd(activations / np.linalg.norm(activations, axis=1)[:, np.newaxis])[1]
    np.testing.assert_allclose(found[::-1], singular**2 / 6, atol=1e-14)


def test_spectrum_of_inputs_that_overlap_alike():
    fixed = fixed_point(2.5, 0.05)
    overlap = fixed.overlap(0.05)
    gram = np.full((7, 7), overlap) + (1 - overlap) * np.eye(7)
    np.testing.assert_allclose(expected_spectrum(fixed, 0.05, 7), np.linalg.eigvalsh(gram / 7))


@pytest.mark.parametrize("weight_variance", [2.5, 4.0])
def test_chaotic_networks_end_in_the_mean_field_spectrum(inputs, weight_variance):
    found = spectra(inputs, weight_variance, 0.05)[-1]
    expected = expected_spectrum(fixed_point(weight_variance, 0.05), 0.05, N_INPUTS)
    assert 1 - found[-1] == pytest.approx(1 - expected[-1], abs=0.05)
    assert entropy(found) == pytest.approx(entropy(expected), abs=0.25)  # of finite width


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bias_variance", "below"),
    [(0.01, (1.2, 1.28)), (0.05, (1.5, 1.6)), (0.3, (2.1, 2.25))],
)
def test_the_critical_variance_from_spectra_alone(inputs, bias_variance, below):
    slopes = [
        classify(1 - spectra(inputs, w, bias_variance)[:, -1], flat=0.01, least=0.2).slope
        for w in below
    ]
    found = critical_variance(np.array(below), np.array(slopes))
    assert found == pytest.approx(critical_weight_variance(bias_variance), rel=0.05)


@pytest.mark.parametrize(
    ("weight_variance", "phase"), [(0.5, "subcritical"), (1.4, "subcritical"),
                                   (1.85, "critical"), (3.0, "supercritical")]
)  # fmt: skip
def test_phases(inputs, weight_variance, phase):
    gaps = 1 - spectra(inputs, weight_variance, 0.05)[:, -1]
    found = classify(gaps, flat=0.01, least=0.2)
    assert found.phase == phase
    if weight_variance == 0.5:  # rounding errors, which would be flat, end the series
        depth = fixed_point(weight_variance, 0.05).depth_of_c
        assert -1 / found.slope == pytest.approx(depth, rel=0.05)


def test_exact_decays_are_classified_by_their_rate():
    layer = np.arange(50)
    assert classify(0.5 * np.exp(-layer / 10), flat=0.01, least=0.2).slope == pytest.approx(-0.1)
    assert classify(0.5 / (1 + layer), flat=0.01, least=0.2).phase == "subcritical"
    assert classify(0.5 * np.exp(-layer / 60), flat=0.01, least=0.2).phase == "critical"
    assert classify(np.full(50, 0.5), flat=0.01, least=0.2).phase == "supercritical"
    assert classify(np.full(50, 0.1), flat=0.01, least=0.2).phase == "critical"
    assert critical_variance(np.array([1, 1.5, 2]), np.array([-0.3, -0.2, -0.1])) == 2.5


def test_bad_input_is_named():
    with pytest.raises(InputError, match="activations"):
        spectrum(np.zeros((3, 4)))
    with pytest.raises(InputError, match="activations"):
        spectrum(np.full((3, 4), np.nan))
    with pytest.raises(InputError, match="depth"):
        classify(np.array([0.5, 0.1, 1e-15, 1e-16]), flat=0.01, least=0.2)
    with pytest.raises(InputError, match="weight_variances"):
        critical_variance(np.array([1.0, 2.0]), np.array([-0.1, 0.0]))
    with pytest.raises(InputError, match="weight_variance"):
        next(layers(np.ones((2, 3)), 0, 0.1, 5, 2, stream("none")))


@pytest.mark.parametrize("chi", [0.6, 0.98, 1.0, 1.05])
def test_chi_of_a_map_that_is_known(chi):
    """1 / g' = 1 / (chi g) + b holds for g' = chi g / (1 + b chi g), critical or not."""
    gaps = [0.3]
    for _ in range(29):
        gaps.append(chi * gaps[-1] / (1 + 0.2 * chi * gaps[-1]))
    assert growth_of_gaps(np.array(gaps)) == pytest.approx(chi, rel=1e-6)


def test_crossing_of_chi():
    variances, growth = np.array([1.0, 1.5, 2.5]), np.array([0.8, 0.9, 1.1])
    assert variance_of_no_growth(variances, growth) == pytest.approx(2.0)
    for never in ([0.7, 0.8, 0.9], [1.1, 0.9, 1.2]):
        with pytest.raises(InputError, match="weight_variances"):
            variance_of_no_growth(variances, np.array(never))
