"""Intervals of shares of independent trials, such as the accuracy on a test set."""

import numpy as np
import xarray as xr

from netphase.statistics.intervals import Z_975


def binomial_half_width(share: xr.DataArray, n: int | xr.DataArray) -> xr.DataArray:
    """Half of the 95 % interval of a share of n independent trials: 1.96 sqrt(p (1 - p) / n)."""
    return Z_975 * np.sqrt(share * (1 - share) / n)
