"""Gram spectra of digits in small random networks."""

import xarray as xr
from image_batches import digits

from netphase.criticality.propagation import propagate

NETWORK = {"weight_variances": [0.8, 1.2, 1.5, 1.7, 1.9, 2.5], "bias_variance": 0.05, "side": 8}
SPECTRA = {"images": 20, "width": 400, "depth": 40, "flat": 0.01, "least": 0.2}


def propagated(realisation: int, **changes) -> xr.Dataset:
    """Spectra as of `propagate`; changes of SPECTRA."""
    return propagate(
        digits(60, 10),
        name="digits",
        realisation=realisation,
        network=NETWORK,
        spectra=SPECTRA | changes,
    )[0]
