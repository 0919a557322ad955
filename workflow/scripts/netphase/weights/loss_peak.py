"""Peak of the test cross-entropy against the layer width: double descent."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from netphase.runs.aggregation import aggregate


def compare(networks: Sequence[xr.Dataset]) -> xr.Dataset:
    """Losses of all networks, and the shape of the test cross-entropy of each kind.

    Parameters
    ----------
    networks : as of `netphase.weights.double_descent.train`; NaN at a layer width that a kind lacks

    Returns
    -------
    xarray.Dataset
        Losses and errors over (kind, width, repeat) and ``alpha(width)``; over kind, of the means
        over the repeats: ``peak_width``, where the test cross-entropy is largest, ``peak_ratio``,
        that value over the one at the largest width, and ``trend``, its rank correlation
        (Spearman) with the width.
    """
    whole = aggregate(networks, ("kind", "width", "repeat"))
    words = {
        "peak_width": "layer width of the largest test cross-entropy",
        "peak_ratio": "largest test cross-entropy over that at the largest layer width",
        "trend": "rank correlation of test cross-entropy and layer width",
    }
    rows = []
    for kind in whole.kind.values:
        mean = whole.test_cross_entropy.sel(kind=kind).mean("repeat").dropna("width")
        widths, values = mean["width"].values, mean.values
        trend = spearmanr(widths, values).statistic if len(widths) > 1 else np.nan
        rows.append((widths[values.argmax()], values.max() / values[-1], trend))
    return whole.assign(
        {
            name: ("kind", np.array(values, float), {"long_name": text, "units": "1"})
            for (name, text), values in zip(words.items(), zip(*rows, strict=True), strict=True)
        }
    )
