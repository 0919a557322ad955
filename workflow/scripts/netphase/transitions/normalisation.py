"""Curves scaled to a common height."""

import numpy as np
import xarray as xr

from netphase.errors import InputError

NORMALISATIONS = ("chance_plateau", "minmax", "max_only", "none")


def normalise(y, method: str, plateau=None, floor=None) -> np.ndarray:
    """Curves scaled to a common height; NaN where a curve has no height.

    chance_plateau : (y - floor) / (plateau - floor), floor the mean of the levels beyond
        saturation, plateau the value without noise
    minmax : (y - min y) / (max y - min y), Fig. 5 of Seidler & Abel (2024)
    max_only : y / max y
    none : y

    Parameters
    ----------
    y : (..., levels)
    plateau, floor : broadcast to (...), for chance_plateau only

    Raises
    ------
    InputError
        Unknown method, or chance_plateau without plateau and floor.
    """
    y = np.asarray(y, float)
    if method == "none":
        return y
    if method == "chance_plateau" and plateau is not None and floor is not None:
        low, high = (np.asarray(a, float)[..., np.newaxis] for a in (floor, plateau))
    elif method in ("minmax", "max_only"):
        there = np.isfinite(y)
        high = np.where(there, y, -np.inf).max(axis=-1, keepdims=True)
        low = np.where(there, y, np.inf).min(axis=-1, keepdims=True) if method == "minmax" else 0.0
    else:
        raise InputError(
            f"normalise: {method!r} cannot be used here; choose minmax, max_only, none, or "
            "chance_plateau together with plateau and floor"
        )
    height = high - low
    return (y - low) / np.where((height > 0) & np.isfinite(height), height, np.nan)


def normalise_levels(accuracy: xr.DataArray, method: str) -> xr.DataArray:
    """Apply `normalise` to curves over the dimension step, which becomes the last."""
    return xr.apply_ufunc(
        normalise,
        accuracy,
        kwargs={"method": method},
        input_core_dims=[["step"]],
        output_core_dims=[["step"]],
    )
