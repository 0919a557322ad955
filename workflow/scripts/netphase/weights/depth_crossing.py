"""Layer width from which deep networks of binary weights surpass the shallow one."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.runs.aggregation import aggregate
from netphase.statistics.intervals import N_COPIES, PERCENTILES

LEAST_SHARE = 0.95
"""Share of the resampled copies that must cross for an interval of the crossing."""


def first_crossing(widths: np.ndarray, lead: np.ndarray) -> np.ndarray:
    """Least layer width at which a lead (..., widths) becomes positive, by linear interpolation.

    NaN where it does not: the lead is positive, or is not, at all widths.
    """
    turns = (lead[..., :-1] <= 0) & (lead[..., 1:] > 0)
    k = turns.argmax(axis=-1)[..., np.newaxis]
    before, after = (np.take_along_axis(lead, k + i, -1)[..., 0] for i in (0, 1))
    low, high = widths[k[..., 0]], widths[k[..., 0] + 1]
    there = turns.any(axis=-1)
    share = np.divide(before, before - after, out=np.full(before.shape, np.nan), where=there)
    return low + share * (high - low)


def compare(networks: Sequence[xr.Dataset], rng: np.random.Generator) -> xr.Dataset:
    """Compare deep networks of all layer widths with the shallow one, with their crossing.

    Parameters
    ----------
    networks : as of `netphase.weights.depth.train`, the layer width 0 among them
    rng : of the copies, in which the repeats of each width are resampled

    Returns
    -------
    xarray.Dataset
        The accuracies over (width, repeat, step), 0 for the shallow networks; ``crossing``, where
        the mean accuracy at the last step crosses, with the ends of its 95 % interval
        ``crossing_low`` and ``crossing_high`` (bootstrap; NaN if less than LEAST_SHARE of the
        copies cross) and ``crossing_share``, the share of the copies that cross.
    """
    whole = aggregate(networks, ("width", "repeat", "step"))
    last = whole.mean_accuracy.isel(step=-1).transpose("width", "repeat").values
    widths = whole["width"].values[1:].astype(float)
    mean = last.mean(axis=1)
    crossing = float(first_crossing(widths, mean[1:] - mean[0]))
    rows = rng.integers(last.shape[1], size=(N_COPIES, *last.shape))
    copies = np.take_along_axis(last[np.newaxis], rows, axis=2).mean(axis=2)
    crossings = first_crossing(widths, copies[:, 1:] - copies[:, :1])
    crossings = crossings[np.isfinite(crossings)]
    share = len(crossings) / N_COPIES
    ends = np.quantile(crossings, PERCENTILES) if share >= LEAST_SHARE else (np.nan, np.nan)
    words = {
        "crossing": (crossing, "layer width from which deep networks surpass the shallow one"),
        "crossing_low": (ends[0], "lower end of the 95 % interval of crossing"),
        "crossing_high": (ends[1], "upper end of the 95 % interval of crossing"),
        "crossing_share": (share, "share of the resampled copies that cross"),
    }
    return whole.assign(
        {
            name: ((), np.float64(value), {"long_name": text, "units": "1"})
            for name, (value, text) in words.items()
        }
    )
