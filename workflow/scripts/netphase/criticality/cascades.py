"""Cascades of all networks, joined: cutoff depths of images and optimal weight variances."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.runs.aggregation import aggregate
from netphase.statistics.intervals import ENDS, bootstrap_mean

ABSOLUTE = 1e-8
"""Differences below this are none, whatever the tolerance."""
# Measure that is best where it is largest (1) or least (-1), and the one its cutoff is read from.
METRICS = {
    "differential_entropy": (1, "differential_entropy"),
    "relative_entropy": (-1, "relative_entropy_ratio"),
    "error": (-1, "error"),
}
NAMES = {
    "differential_entropy": "differential entropy",
    "relative_entropy": "relative entropy",
    "error": "mean square error",
}
MEANINGS = {
    "cutoff": ("last layer whose measure differs from that of the last", "layer"),
    "optimum": ("weight variance at which a layer is reconstructed best", "1"),
    "optimum_mean": ("mean of optimum over the realisations", "1"),
    "optimum_low": ("lower end of the 95 % interval of optimum_mean", "1"),
    "optimum_high": ("upper end of the 95 % interval of optimum_mean", "1"),
}


def cutoff(course: np.ndarray, tolerance: float) -> np.ndarray:
    """Last layer whose value differs from that of the deepest layer (Thurn et al. 2024).

    Parameters
    ----------
    course : (..., layers), from layer 0 on
    tolerance : relative difference that counts as none

    Returns
    -------
    (...), the number of layers where none differs
    """
    differs = ~np.isclose(course, course[..., -1:], rtol=tolerance, atol=ABSOLUTE)
    n = course.shape[-1]
    return np.where(differs.any(axis=-1), n - 1 - differs[..., ::-1].argmax(axis=-1), n)


def optimum(weight_variances: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Position (...) of the maximum of values (weight_variances, ...), by a parabola.

    The parabola passes through the largest value and its neighbours; where the largest value is at
    an end, its weight variance is returned.
    """
    best = values.argmax(axis=0)
    inner = (best > 0) & (best < len(values) - 1)
    middle = best.clip(1, len(values) - 2)
    x = [weight_variances[middle + k] for k in (-1, 0, 1)]
    y = [np.take_along_axis(values, middle[np.newaxis] + k, 0)[0] for k in (-1, 0, 1)]
    rise = (y[1] - y[0]) / (x[1] - x[0])
    bend = (rise - (y[2] - y[1]) / (x[2] - x[1])) / (x[2] - x[0])
    top = (x[0] + x[1]) / 2 + np.divide(rise, 2 * bend, out=np.zeros(rise.shape), where=bend > 0)
    return np.where(inner & (bend > 0), top, weight_variances[best])


def join(found: Sequence[xr.Dataset], tolerance: float, rng: np.random.Generator) -> xr.Dataset:
    """Join the measures of all cascades; find their cutoff layers and optimal weight variances.

    Parameters
    ----------
    found : as of `netphase.criticality.reconstruction.as_dataset`
    tolerance : see `cutoff`
    rng : of the copies in which the realisations are resampled

    Returns
    -------
    xarray.Dataset
        The measures over (dataset, decoder, realisation, weight_variance, layer), NaN where a
        realisation lacks the decoder; ``cutoff`` over (dataset, decoder, realisation,
        weight_variance, metric); ``optimum`` over (dataset, decoder, realisation, layer, metric),
        layer 0 being left NaN; its mean and interval without the realisation, an interval only
        where there are two realisations. The attribute ``quoted`` names the decoder that is quoted.
    """
    dims = ("dataset", "decoder", "realisation", "weight_variance", "layer")
    whole = aggregate(found, dims).transpose(*dims)
    names = list(METRICS)
    read = [whole[source].values for _, source in METRICS.values()]
    cutoffs = np.stack([cutoff(course, tolerance) for course in read], axis=-1).astype(float)
    cutoffs[np.isnan(read[0]).any(axis=-1)] = np.nan
    signed = np.stack([sign * whole[name].values for name, (sign, _) in METRICS.items()], axis=-1)
    optima = optimum(whole.weight_variance.values, np.moveaxis(signed, 3, 0))
    optima[np.isnan(signed).any(axis=3)] = np.nan
    optima[..., 0, :] = np.nan
    ends = np.full((3, *optima.shape[:2], *optima.shape[3:]), np.nan)
    for place in np.ndindex(optima.shape[:2]):
        there = np.isfinite(optima[place][:, -1, 0])
        if there.any():
            ends[:, *place] = bootstrap_mean(np.moveaxis(optima[place][there], 0, -1), rng)
        if there.sum() < 2:
            ends[1:, *place] = np.nan
    lead = ("dataset", "decoder")
    whole["cutoff"] = (*lead, "realisation", "weight_variance", "metric"), cutoffs
    whole["optimum"] = (*lead, "realisation", "layer", "metric"), optima
    for name, values in zip(ENDS, ends, strict=True):
        whole[f"optimum_{name}"] = (*lead, "layer", "metric"), values
    for name, (meaning, units) in MEANINGS.items():
        whole[name].attrs = {"long_name": meaning, "units": units}
    whole = whole.assign_coords(metric=names)
    whole["metric"].attrs = {"long_name": "measure of a reconstruction", "units": "1"}
    whole.attrs |= {"quoted": whole.decoder.values[0], "tolerance": tolerance}
    return whole
