"""Cascades: closed forms of measures, ridge regressions, and reconstructions at both ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from image_batches import digits
from sklearn.linear_model import Ridge

from netphase.criticality import reconstruction
from netphase.criticality.reconstruction import (
    SMALLEST,
    cascade,
    differential_entropy,
    images_of,
    measures,
    reconstruct,
    relative_entropy,
    ridge,
)
from netphase.errors import InputError
from netphase.streams import stream

NETWORK = {"weight_variances": [0.6, 1.2, 1.8, 3.0], "bias_variance": 0.05, "side": 8}
SETTINGS = {"depth": 12, "samples": 400, "images": 50, "penalties": [1e-3, 1e-9]}
SETTINGS |= {"min_shift": False, "shown": [1, 12]}


@pytest.fixture(scope="module")
def found():
    return reconstruct(
        digits(500, 60), name="digits", realisation=0, setting=NETWORK, settings=SETTINGS
    )[0]


def test_ridge_is_that_of_scikit_learn():
    rng = stream("ridge")
    source, target = rng.standard_normal((2, 50, 6)), rng.standard_normal((2, 50, 3))
    weights, offsets = ridge(source, target, [0.1, 3.0])
    for k, penalty in enumerate((0.1, 3.0)):
        for network in range(2):
            known = Ridge(alpha=50 * penalty).fit(source[network], target[network])
            np.testing.assert_allclose(weights[k, network], known.coef_.T, atol=1e-12)
            np.testing.assert_allclose(offsets[k, network, 0], known.intercept_, atol=1e-12)


def test_a_source_that_is_constant_gives_the_mean_of_the_target():
    target = stream("target").standard_normal((30, 4))
    weights, offsets = ridge(np.full((1, 30, 5), 0.7), target, [1e-3])
    np.testing.assert_allclose(weights, 0, atol=1e-12)
    np.testing.assert_allclose(offsets[0, 0, 0], target.mean(axis=0))


def test_cascade_is_one_decoder_after_the_other():
    rng = stream("cascade")
    signals = [rng.standard_normal((2, 7, 3)) for _ in range(3)]
    decoders = [(rng.standard_normal((2, 3, 3)), rng.standard_normal((2, 1, 3))) for _ in range(3)]
    for transfer in (None, np.tanh):
        found = cascade(signals, decoders, transfer)
        for layer in range(3):
            expected = signals[layer]
            for weights, offsets in decoders[layer::-1]:
                expected = expected @ weights + offsets
                expected = expected if transfer is None else transfer(expected)
            np.testing.assert_allclose(found[layer], expected)


def test_without_a_penalty_nothing_is_lost_where_tanh_is_a_line():
    """Weak weights: a layer is affine, and an affine decoder returns the image."""
    network = NETWORK | {"weight_variances": [1e-6, 2e-6, 3e-6, 4e-6], "bias_variance": 0}
    settings = SETTINGS | {"penalties": [1e-16], "depth": 1, "shown": [1]}
    # Of digits, test images have pixels that are black in all training images.
    noise = digits(500, 60)
    noise["image"] = noise.image.dims, stream("noise").integers(0, 17, noise.image.shape)
    one = reconstruct(noise, name="noise", realisation=0, setting=network, settings=settings)[0]
    assert float(one.error.max()) < 1e-6


@given(arrays(float, (3, 5), elements=st.floats(-1, 1)), st.floats(-2, 2))
def test_relative_entropy_is_not_negative_and_blind_to_brightness(q, shift):
    p = stream("images").uniform(0, 1, (3, 5))
    # Differences at the level of SMALLEST, and flat pictures, have no shape to speak of.
    if np.ptp(q, axis=1).min() < 1e-3:
        return
    divergence = relative_entropy(p, q)
    assert (divergence >= -1e-12).all()
    np.testing.assert_allclose(relative_entropy(p, q + shift), divergence, rtol=1e-3)
    np.testing.assert_allclose(relative_entropy(q, q), 0, atol=1e-12)


def test_relative_entropy_of_two_pixels():
    p, q = np.array([[0, 1, 3]]), np.array([[0, 1, 1]])
    assert relative_entropy(p, q)[0] == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5))


def test_differential_entropy_of_gaussian_pixels():
    """Of pixels with the deviation s around the same sum: 1/2 ln(2 pi e s^2), and the switch."""
    pictures = 1 / 16 + 1e-3 * stream("pixels").standard_normal((4000, 16))
    varying = np.ones(16, bool)
    expected = 0.5 * np.log(2 * np.pi * np.e) + np.log(1e-3)
    assert differential_entropy(pictures, varying, False) == pytest.approx(expected, abs=0.05)
    assert differential_entropy(7 * pictures, varying, False) == pytest.approx(expected, abs=0.05)
    shifted = pictures - pictures.min(axis=1, keepdims=True) + SMALLEST
    assert differential_entropy(pictures, varying, True) == pytest.approx(
        differential_entropy(shifted, varying, False), rel=1e-12
    )


def test_lost_pixels_have_a_finite_entropy_and_constant_ones_do_not_count():
    pictures = np.tile([0.2, 0.3, 0.5], (10, 1))
    lost = differential_entropy(pictures, np.ones(3, bool), False)
    assert lost == pytest.approx(0.5 * np.log(2 * np.pi * np.e) + np.log(SMALLEST))
    pictures[::2, 0] += 0.1
    pictures[::2, 1] -= 0.1
    some = differential_entropy(pictures, np.array([True, True, False]), False)
    assert some > differential_entropy(pictures, np.ones(3, bool), False)


def test_layer_zero_is_the_image():
    images = stream("images").uniform(0, 1, (6, 5))
    found = measures(images, np.tile(images[::-1], (2, 1, 1, 1)), False)
    assert found["error"].shape == (1, 3)
    assert found["error"][0, 0] == 0 and found["relative_entropy"][0, 0] == 0
    assert found["error"][0, 1] == pytest.approx(((images - images[::-1]) ** 2).mean())
    assert found["relative_entropy_ratio"][0, 2] == 1


def test_images_fade_with_depth_and_the_best_network_is_neither_weak_nor_strong(found):
    error = found.error.sel(decoder="ridge 0.001").squeeze()
    assert (error.diff("layer") > -1e-3).all()
    assert int(error.isel(layer=-1).values.argmin()) in (1, 2)
    # What an ordered network returns from deep layers is the mean of the training images.
    images = images_of(digits(500, 60), "digits", 8, SETTINGS)
    blank = ((images.test - images.train.mean(axis=0)) ** 2).mean()
    assert float(error.sel(weight_variance=0.6).isel(layer=-1)) == pytest.approx(blank, rel=0.02)
    shown = found.reconstruction.sel(decoder="ridge 0.001", weight_variance=0.6, shown_layer=12)
    mean = np.broadcast_to(images.train.mean(axis=0).reshape(8, 8), shown.squeeze().shape)
    np.testing.assert_allclose(shown.squeeze(), mean, atol=0.05)


def test_a_smaller_penalty_loses_less_of_ordered_networks(found):
    last = found.error.isel(layer=-1).squeeze().sel(weight_variance=0.6)
    assert float(last.sel(decoder="ridge 1e-09")) < 0.7 * float(last.sel(decoder="ridge 0.001"))


def test_penalties_and_pictures_do_not_touch_one_another(found):
    alone = SETTINGS | {"penalties": [1e-3], "shown": [1]}
    one = reconstruct(
        digits(500, 60), name="digits", realisation=0, setting=NETWORK, settings=alone
    )[0]
    np.testing.assert_array_equal(one.error, found.error.sel(decoder=["ridge 0.001"]))
    assert found.original.dims == ("dataset", "image", "y", "x")
    assert found.sizes["image"] == reconstruction.N_SHOWN


def test_everything_is_described(found):
    for variable in found.variables.values():
        assert variable.attrs["long_name"] and variable.attrs["units"]


def test_too_few_images_are_refused():
    with pytest.raises(InputError, match=r"cascade\.images: digits has only 1 images"):
        images_of(digits(5, 1), "digits", 8, SETTINGS)
