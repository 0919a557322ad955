"""Bootstrap samples keep the unit of their protocol; copies scatter by their errors."""

import numpy as np
import pytest

from netphase.errors import InputError
from netphase.statistics.resampling import percentile_interval, resample, resample_parametric
from netphase.streams import stream


def test_resampling_draws_the_unit_of_the_protocol():
    level, realisation = np.indices((5, 4))
    values = np.broadcast_to(10.0 * level + realisation, (3, 5, 4)).copy()
    values[1, 2, 3] = np.nan
    once = resample(values[0], "trained_once", 200, stream("once"))
    assert np.all(np.ptp(once % 10, axis=-2) == 0)
    each = resample(values, "trained_at_each_level", 400, stream("each"))
    np.testing.assert_array_equal(each // 10, np.broadcast_to(level, each.shape))
    assert np.mean(np.ptp(each % 10, axis=-2) == 0) < 0.05
    assert np.isfinite(each).all() and each[:, 1, 2].max() == 22
    counts = np.bincount((each[:, 0, 0] % 10).astype(int).ravel(), minlength=4)
    assert counts.sum() == 1600 and np.all(np.abs(counts - 400) < 5 * np.sqrt(300))
    with pytest.raises(InputError, match="trained_twice"):
        resample(values, "trained_twice", 1, stream("once"))


def test_percentile_interval_needs_more_than_half_of_the_samples():
    samples = np.stack([np.arange(101.0), np.where(np.arange(101) < 51, np.nan, 1.0)], axis=1)
    low, high = percentile_interval(samples)
    assert (low[0], high[0]) == (2.5, 97.5)
    assert np.isnan(low[1]) and np.isnan(high[1])


def test_resampled_curves_scatter_by_their_errors():
    y = stream("test", what="resample").standard_normal((2, 3))
    errors = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    copies = resample_parametric(y, errors, 20000, stream("test", what="parametric"))
    np.testing.assert_allclose(copies.std(axis=0), errors, rtol=0.05)
    np.testing.assert_allclose(copies.mean(axis=0), y, atol=0.02)
