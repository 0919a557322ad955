"""95 % intervals: of Student, of a normal distribution, and by resampling a mean."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

Z_975 = 1.96
"""Standard errors on either side of a normal estimate that make its 95 % interval."""
PERCENTILES = (0.025, 0.975)
"""Quantiles of resampled copies that are the ends of a 95 % interval."""
N_COPIES = 2000
"""Resampled copies behind an interval."""
ENDS = ("mean", "low", "high")


class Interval(NamedTuple):
    """A mean and the ends of its 95 % interval."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def student_half_width(error: np.ndarray, dof: int | np.ndarray) -> np.ndarray:
    """Half of a 95 % interval: t(0.975, dof) standard errors; NaN without a degree of freedom."""
    return student.ppf(0.975, dof) * error


def interval(values: np.ndarray) -> Interval:
    """Mean over the last axis with Student's interval; its ends are NaN for a single value."""
    n = values.shape[-1]
    mean = values.mean(axis=-1)
    if n < 2:
        return Interval(mean, np.full(mean.shape, np.nan), np.full(mean.shape, np.nan))
    half = student_half_width(values.std(axis=-1, ddof=1), n - 1) / np.sqrt(n)
    return Interval(mean, mean - half, mean + half)


def mean_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the first axis, and half of Student's interval; the half is NaN for one value."""
    n = len(values)
    if n < 2:
        return values.mean(axis=0), np.full(values.shape[1:], np.nan)
    error = values.std(axis=0, ddof=1) / np.sqrt(n)
    return values.mean(axis=0), student_half_width(error, n - 1)


def resampled_means(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Means (N_COPIES, ...) of values (n, ...) of which n are drawn with replacement each time."""
    n = len(values)
    return values[rng.integers(n, size=(N_COPIES, n))].mean(axis=1)


def bootstrap_mean(values: np.ndarray, rng: np.random.Generator) -> Interval:
    """Mean over the last axis with its interval by resampling that axis.

    All three are NaN where one of the values is.
    """
    copies = resampled_means(np.moveaxis(values, -1, 0), rng)
    return Interval(values.mean(axis=-1), *np.quantile(copies, PERCENTILES, axis=0))
