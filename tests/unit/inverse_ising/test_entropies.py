"""The interval of an entropy holds the scatter of the parts and the error of the chains."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import t as student

from netphase.inverse_ising.entropies import entropy_interval


def entropies(values, error):
    values = np.asarray(values, float)
    return xr.Dataset(
        {"entropy": ("part", values), "entropy_se": ("part", np.full(values.size, error))}
    )


def test_without_scatter_the_error_of_the_chains_remains():
    value, low, high = entropy_interval(entropies([0.5, 0.5, 0.5], 0.01))
    assert value == 0.5 and value - low == pytest.approx(high - value)
    assert high - value == pytest.approx(12.706 * 0.01, rel=1e-3)


def test_without_that_error_it_is_students_interval_of_the_parts():
    parts = np.array([0.4, 0.5, 0.55, 0.6])
    value, low, high = entropy_interval(entropies([0.5, *parts], 0.0))
    ends = student.interval(0.95, 3, scale=parts.std(ddof=1) / 2)
    np.testing.assert_allclose([low - value, high - value], ends)
