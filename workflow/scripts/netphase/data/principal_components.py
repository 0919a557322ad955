"""Principal components of images, the inputs of small networks."""

import numpy as np
import xarray as xr
from scipy.linalg import eigh

ROWS = 1 << 13


def project(dataset: xr.Dataset, n_components: int) -> xr.Dataset:
    """Project images on the principal components of the training images, without whitening.

    Pixels are divided by the largest of the training images. Each part is centred on its own mean,
    as Zou & Huang (2021) did.

    Parameters
    ----------
    dataset : as `netphase.data.datasets.read` returns it

    Returns
    -------
    xarray.Dataset
        ``input(sample, component)`` float32, ``label``, ``split``, and ``explained(component)``,
        the share of the variance of the training images. The largest weight of a pixel in a
        component is positive, which fixes its sign.
    """
    split = dataset["split"].values
    pixels = dataset["image"].values.reshape(len(split), -1)
    largest = float(pixels[split == 0].max())
    inputs = np.empty((len(split), n_components), np.float32)
    for part in (0, 1):
        rows = np.flatnonzero(split == part)
        mean = pixels[rows].mean(axis=0) / largest
        if part == 0:
            scatter = np.zeros((pixels.shape[1],) * 2)
            for start in range(0, len(rows), ROWS):
                centred = pixels[rows[start : start + ROWS]] / largest - mean
                scatter += centred.T @ centred
            variance, axes = eigh(scatter / (len(rows) - 1))
            axes = axes[:, ::-1][:, :n_components]
            axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(n_components)])
        for start in range(0, len(rows), ROWS):
            block = rows[start : start + ROWS]
            inputs[block] = (pixels[block] / largest - mean) @ axes
    explained = variance[::-1][:n_components] / variance.sum()
    return xr.Dataset(
        {
            "input": (
                ("sample", "component"),
                inputs,
                {"long_name": "principal component of an image", "units": "1"},
            ),
            "explained": (
                "component",
                explained,
                {"long_name": "share of the variance of the training images", "units": "1"},
            ),
            "label": dataset["label"],
            "split": dataset["split"],
        },
        attrs={"title": f"Principal components of {dataset.attrs.get('title', 'images')}"},
    )
