"""Random networks of convolutions: definition, mean-field theory, residual connections."""

import itertools

import numpy as np
import pytest
import xarray as xr
from image_batches import digits
from random_convolutions import SETTINGS, convolved

from netphase.criticality.convolutions import layers, neighbourhoods, propagate
from netphase.criticality.mean_field import next_variance
from netphase.errors import InputError
from netphase.streams import stream


def test_neighbourhoods_by_their_definition():
    signal = stream("signal").standard_normal((2, 3, 4, 2))
    found = neighbourhoods(signal).reshape(2, 3, 4, 3, 3, 2)
    for y, x, dx, dy in itertools.product(range(3), range(4), range(3), range(3)):
        expected = signal[:, (y + dy - 1) % 3, (x + dx - 1) % 4]
        np.testing.assert_array_equal(found[:, y, x, dx, dy], expected)


@pytest.mark.slow
@pytest.mark.parametrize("residual", [False, True])
def test_shifted_images_give_shifted_layers(residual):
    images = stream("images").random((3, 5, 6))
    shifted = np.roll(images, (2, 3), (1, 2))
    both = (
        layers(part, 1.5, 0.1, 4, 3, stream("network"), residual=residual)
        for part in (images, shifted)
    )
    for one, other in zip(*both, strict=True):
        moved = np.roll(one.reshape(3, 5, 6, 4), (2, 3), (1, 2))
        np.testing.assert_allclose(moved, other.reshape(3, 5, 6, 4), atol=1e-12)


def test_variances_of_pre_activations_are_those_of_mean_field_theory():
    images = np.full((1, 4, 4), 0.7)  # of one colour: all pixels obey the map of a dense network
    q = 2.0 * 0.7**2 + 0.05
    for signal in layers(images, 2.0, 0.05, 2000, 5, stream("wide"), residual=False):
        assert np.arctanh(signal).var() == pytest.approx(q, rel=0.15)
        q = next_variance(q, 2.0, 0.05)


def test_residual_layers_add_the_one_before():
    images = stream("images").random((2, 4, 4))
    small = list(layers(images, 1e-12, 0, 5, 3, stream("network"), residual=True))
    first, *rest = small
    for layer in rest:
        np.testing.assert_allclose(layer, np.tanh(first), atol=1e-5)
        first = layer


def test_a_realisation_is_a_network_and_the_same_at_all_variances():
    images = digits(60, 10)
    spectra = convolved(images)
    settings = SETTINGS | {"kind": "residual", "weight_variances": [1.2], "depth": 12}
    alone = propagate(images, network="residual", name="digits", realisation=1, settings=settings)
    both = xr.merge(spectra[2:], join="outer", compat="no_conflicts")
    np.testing.assert_allclose(
        alone.gap.squeeze(), both.gap.sel(weight_variance=1.2, realisation=1, network="residual",
                                          dataset="digits", layer=slice(None, 12)),
        rtol=1e-9,
    )  # fmt: skip
    assert (both.gap.sel(realisation=0) != both.gap.sel(realisation=1)).all()


def test_bad_variances_are_refused():
    with pytest.raises(InputError, match="weight_variance"):
        next(layers(np.ones((1, 3, 3)), 0, 0.1, 2, 2, stream("none"), residual=False))
