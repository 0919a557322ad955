"""Means over the realisations of each size, and the components of their variance."""

from typing import NamedTuple

import numpy as np


class SizeMeans(NamedTuple):
    """Statistics over the realisations of each size; the variances are those of one realisation.

    variance = sampling_variance + between_variance, the latter not below zero.
    """

    mean: np.ndarray
    se: np.ndarray
    n: np.ndarray
    variance: np.ndarray
    sampling_variance: np.ndarray
    between_variance: np.ndarray


def size_means(log_values, errors=0.0) -> SizeMeans:
    """Mean, standard error s / sqrt(S) (ddof 1) and split of the variance s^2 over realisations.

    The sampling variance is the mean of errors^2 (the error of each single fit, or the binomial one
    of each accuracy); the rest of s^2 lies between the realisations. A single realisation has
    neither a standard error nor a variance: NaN.

    Parameters
    ----------
    log_values : (..., realisations), NaN where missing (a fit that did not converge)
    errors : standard errors of the values, of a shape that broadcasts to theirs
    """
    log_values = np.asarray(log_values, float)
    present = np.isfinite(log_values)
    n = present.sum(axis=-1)
    total = np.where(present, log_values, 0).sum(axis=-1)
    mean = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    squares = np.where(present, log_values - mean[..., np.newaxis], 0) ** 2
    variance = np.divide(squares.sum(axis=-1), n - 1, out=np.full(n.shape, np.nan), where=n > 1)
    sampling = np.where(present, np.broadcast_to(errors, log_values.shape), 0) ** 2
    sampling = np.divide(sampling.sum(axis=-1), n, out=np.full(n.shape, np.nan), where=n > 0)
    se = np.sqrt(np.divide(variance, n, out=np.full(n.shape, np.nan), where=n > 1))
    return SizeMeans(mean, se, n, variance, sampling, np.maximum(variance - sampling, 0))
