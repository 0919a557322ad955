"""Correlations of three weights, which no model was told."""

import numpy as np
import xarray as xr


def share_within_noise(triples: xr.Dataset) -> float:
    """Share of the triples whose model lies within 1.96 ``noise`` of the data; 0.95 if exact.

    Parameters
    ----------
    triples : ``data``, ``model`` and ``noise``, the standard error of their difference
    """
    distance = np.abs(triples["data"] - triples["model"])
    return float((distance <= 1.96 * triples.noise).mean())
