"""Inputs of networks: means of blocks, between 0 and 1, and refusals."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netphase.data.inputs import inputs
from netphase.errors import InputError
from netphase.streams import stream


def images(shape, high=255):
    values = stream("images").integers(0, high, shape).astype(np.uint8)
    values[0].flat[:2] = 0, high
    dims = ("sample", "y", "x", "channel")[: len(shape)]
    split = np.arange(shape[0]) % 2
    return xr.Dataset({"image": (dims, values), "split": ("sample", split)})


@given(st.integers(1, 5), st.integers(2, 5))
def test_blocks_keep_the_mean(side, factor):
    dataset = images((6, side * factor, side * factor))
    found = inputs(dataset, side, "own")
    assert found.shape == (6, side, side)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), dataset.image.mean(("y", "x")) / 255)


def test_small_images_stay_and_span_the_unit_interval():
    dataset = images((5, 8, 8), high=16)
    found = inputs(dataset, 14, "digits")
    np.testing.assert_allclose(found, dataset.image / 16)
    pooled = inputs(dataset, 4, "digits")
    assert pooled[2, 1, 3] == pytest.approx(found[2, 2:4, 6:8].mean())


def test_colours_are_averaged():
    dataset = images((4, 6, 6, 3))
    np.testing.assert_allclose(inputs(dataset, 6, "own"), dataset.image.mean("channel") / 255)


def test_the_range_is_that_of_the_training_images():
    dataset = images((4, 6, 6))
    dataset.image[1] = dataset.image[1] // 2 + 64
    rest = inputs(dataset.isel(sample=[0, 2]), 6, "own")
    np.testing.assert_allclose(inputs(dataset, 6, "own")[[0, 2]], rest)


@pytest.mark.parametrize(
    ("dataset", "side", "named"),
    [
        (images((4, 9, 9)), 5, "datasets.own: images of 9 x 9 .* 5 pixels"),
        (images((4, 8, 8)).isel(sample=[1, 3]), 8, "datasets.own: there are no training images"),
    ],
)
def test_refusals(dataset, side, named):
    with pytest.raises(InputError, match=named):
        inputs(dataset, side, "own")
