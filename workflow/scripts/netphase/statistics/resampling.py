"""Bootstrap samples over the realisations, and parametric resampling of curves."""

import numpy as np

from netphase.errors import InputError
from netphase.statistics.intervals import PERCENTILES

PROTOCOLS = ("trained_at_each_level", "trained_once")


def resample(values, protocol: str, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Bootstrap samples over the realisations, drawn in the unit of the protocol.

    trained_at_each_level : a realisation is one point; realisations are drawn independently at
        every level, among those that are there
    trained_once : a realisation is a whole curve, and whole curves are drawn

    Parameters
    ----------
    values : (..., levels, realisations), NaN where missing

    Returns
    -------
    (n_samples, ..., levels, realisations)

    Raises
    ------
    InputError
        Unknown protocol.
    """
    if protocol not in PROTOCOLS:
        raise InputError(f"protocol: {protocol!r} is none of {', '.join(PROTOCOLS)}")
    values = np.asarray(values, float)
    there = np.isfinite(values)
    if protocol == "trained_once":
        there = there.any(axis=-2, keepdims=True)
    order = np.argsort(~there, axis=-1, kind="stable")
    drawn = (rng.random((n_samples, *there.shape)) * there.sum(axis=-1, keepdims=True)).astype(int)
    units = np.take_along_axis(np.broadcast_to(order, drawn.shape), drawn, axis=-1)
    shape = (n_samples, *values.shape)
    return np.take_along_axis(
        np.broadcast_to(values, shape), np.broadcast_to(units, shape), axis=-1
    )


def percentile_interval(samples) -> tuple[np.ndarray, np.ndarray]:
    """2.5 % and 97.5 % quantiles over axis 0; NaN where half the samples or more have no value."""
    samples = np.asarray(samples, float)
    there = np.isfinite(samples)
    enough = there.mean(axis=0) > 0.5
    known = np.where(there, samples, np.nan)
    known[:, ~enough] = 0
    low, high = np.nanquantile(known, PERCENTILES, axis=0)
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def resample_parametric(y, dy, n, rng) -> np.ndarray:
    """n copies of the curves with normal noise of their standard errors added: (n, sizes, points).

    Parameters
    ----------
    y, dy : (sizes, points)
    n : number of copies
    rng : numpy Generator
    """
    return y + dy * rng.standard_normal((n, *np.shape(y)))
