"""Spectra of small random networks of convolutions, plain and residual, twice each."""

import itertools

import xarray as xr

from netphase.criticality.convolutions import propagate

SETTINGS = {
    "weight_variances": [0.5, 0.8, 1.2, 1.5, 3.0],
    "bias_variance": 0.05,
    "side": 8,
    "images": 10,
    "channels": 40,
    "depth": 40,
}


def convolved(images: xr.Dataset) -> list[xr.Dataset]:
    """As of `propagate`: both realisations of the plain networks, then those of residual ones."""
    return [
        propagate(
            images,
            network=kind,
            name="digits",
            realisation=realisation,
            settings=SETTINGS | {"kind": kind},
        )
        for kind, realisation in itertools.product(("convolutional", "residual"), range(2))
    ]
