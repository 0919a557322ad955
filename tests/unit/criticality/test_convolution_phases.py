"""Random networks of convolutions have the phases and decay lengths of mean-field theory."""

import numpy as np
import pytest
from image_batches import digits
from random_convolutions import convolved

from netphase.criticality.convolution_phases import compare
from netphase.criticality.mean_field import critical_weight_variance, fixed_point


@pytest.fixture(scope="module")
def spectra():
    return convolved(digits(60, 10))


def test_decay_lengths_and_critical_variance_are_those_of_dense_networks(spectra):
    found = compare(spectra, flat=0.01, least=0.2)
    one = found.sel(network="convolutional", dataset="digits")
    assert float(one.critical_variance) == critical_weight_variance(0.05)
    for w in (0.5, 0.8, 1.2):
        expected = fixed_point(w, 0.05).depth_of_c
        assert float(one.decay_length.sel(weight_variance=w)) == expected
        xi = -1 / one.slope.sel(weight_variance=w)
        np.testing.assert_allclose(xi, expected, rtol=0.25)
    assert (one.phase.sel(weight_variance=[0.5, 0.8, 1.2]) == 0).all()
    assert (one.phase.sel(weight_variance=3.0) == 2).all()
    assert float(one.estimate.mean()) == pytest.approx(critical_weight_variance(0.05), rel=0.15)
    assert all({"long_name", "units"} <= v.attrs.keys() for v in found.variables.values())


def test_the_identity_carries_signals_through(spectra):
    found = compare(spectra, flat=0.01, least=0.2)
    assert found.decay_length.sel(network="residual").isnull().all()
    gap = found.gap.isel(layer=-1).sel(weight_variance=1.2)
    assert (gap.sel(network="residual") > 10 * gap.sel(network="convolutional")).all()
