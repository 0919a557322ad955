"""Entropies of the models of an ensemble, with their intervals."""

import numpy as np
import xarray as xr
from scipy.stats import t as student


def entropy_interval(one: xr.Dataset) -> tuple[float, float, float]:
    """Entropy of the whole ensemble's model with the ends of its 95 % interval.

    Student's t over the models of disjoint parts of the ensemble, whose scatter is joined with the
    error of the chains.

    Parameters
    ----------
    one : ``entropy`` and ``entropy_se`` over the model, the first that of the whole ensemble
    """
    parts = one.entropy.values[1:]
    n = parts.size
    error = np.hypot(parts.std(ddof=1) / np.sqrt(n), float(one.entropy_se[0]))
    value, half = float(one.entropy[0]), student.ppf(0.975, n - 1) * error
    return value, value - half, value + half
