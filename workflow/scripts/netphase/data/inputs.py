"""Images as inputs of networks: grey, between 0 and 1, and reduced to a largest side."""

import math

import numpy as np
import xarray as xr

from netphase.errors import InputError


def inputs(dataset: xr.Dataset, side: int, name: str) -> np.ndarray:
    """Images (sample, y, x), float64, scaled so that the training images span 0 to 1.

    Colours are averaged. Larger images are reduced by the least whole factor that makes them fit,
    each pixel being the mean of a block.

    Parameters
    ----------
    dataset : ``image(sample, y, x[, channel])`` and ``split``, as of `netphase.data.datasets.read`
    side : largest number of pixels along y and along x
    name : of the data set, quoted in a refusal

    Raises
    ------
    InputError : that factor does not divide the sides, or there are no training images
    """
    image = dataset.image.values.astype(np.float64)
    train = image[dataset.split.values == 0]
    if not len(train):
        raise InputError(f"datasets.{name}: there are no training images")
    low, high = train.min(), train.max()
    image = (image - low) / (high - low)
    if image.ndim == 4:
        image = image.mean(axis=3)
    n, y, x = image.shape
    factors = math.ceil(y / side), math.ceil(x / side)
    if y % factors[0] or x % factors[1]:
        raise InputError(
            f"datasets.{name}: images of {y} x {x} cannot be pooled by a whole factor to "
            f"at most {side} pixels a side; choose another side"
        )
    blocks = image.reshape(n, y // factors[0], factors[0], x // factors[1], factors[1])
    return blocks.mean(axis=(2, 4))
