"""Summaries of the signals and cascades of all networks, with intervals over the realisations."""

import numpy as np
import xarray as xr

from netphase.criticality.signals import bootstrap_mean


def entropy_steps(
    signals: xr.Dataset, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rise of the entropy of the last layer between neighbouring weight variances, with interval.

    Parameters
    ----------
    signals : as of `netphase.criticality.signals.join`
    rng : of the copies in which the realisations are resampled, the same for all data sets

    Returns
    -------
    mean, low, high : (datasets, weight variances - 1), interval of 95 %
    """
    last = signals.entropy.isel(layer=-1).transpose("dataset", "weight_variance", "realisation")
    return bootstrap_mean(last.diff("weight_variance").values, rng)


def lost_depth(
    signals: xr.Dataset, cascades: xr.Dataset, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth at which ordered networks lose an image, in mean-field decay lengths xi_c.

    Cutoff of the mean square error by the decoder that is quoted, over xi_c; mean over the weight
    variances at which all networks lose the image before the last layer, NaN where there is none.

    Parameters
    ----------
    signals : as of `netphase.criticality.signals.join`
    cascades : as of `netphase.criticality.cascades.join`, of the same data sets
    rng : of the copies in which the realisations are resampled, the same for all data sets

    Returns
    -------
    mean, low, high : (datasets,), interval of 95 %
    """
    cutoff = cascades.cutoff.sel(decoder=cascades.attrs["quoted"], metric="error")
    inside = (cutoff < int(cascades.layer[-1]) - 1).all("realisation")
    inside &= signals.weight_variance < signals.critical_weight_variance
    ratio = (cutoff / signals.depth_of_c).where(inside).mean("weight_variance")
    ratio = ratio.sel(dataset=signals.dataset).transpose("dataset", "realisation")
    return bootstrap_mean(ratio.values, rng)


def with_last_errors(cascades: xr.Dataset) -> xr.Dataset:
    """Add the mean error of the last layer and half of its 95 % interval to the cascades.

    ``last_error_mean`` and ``last_error_half`` over (dataset, decoder, weight_variance): mean over
    the realisations that a decoder has, 1.96 standard errors of it; NaN for one realisation.
    """
    error = cascades.error.isel(layer=-1)
    n = error.notnull().any("weight_variance").sum("realisation")
    half = 1.96 * error.std("realisation", ddof=1) / np.sqrt(n)
    units = cascades.error.attrs.get("units", "1")
    words = (
        ("last_error_mean", error.mean("realisation"), "mean square error at the last layer"),
        ("last_error_half", half, "half of the 95 % interval of last_error_mean"),
    )
    return cascades.assign(
        {
            name: values.drop_vars("layer").assign_attrs(long_name=meaning, units=units)
            for name, values, meaning in words
        }
    )
