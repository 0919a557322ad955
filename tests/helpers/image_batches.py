"""Small data sets of images, as the workflow stores them."""

import numpy as np
import xarray as xr
from sklearn.datasets import load_digits


def digits(n_train: int, n_test: int) -> xr.Dataset:
    """The first of scikit-learn's digits, training images before test images."""
    images = load_digits().images[: n_train + n_test].astype(np.uint8)
    split = np.repeat([0, 1], (n_train, n_test)).astype(np.int8)
    return xr.Dataset({"image": (("sample", "y", "x"), images), "split": ("sample", split)})
