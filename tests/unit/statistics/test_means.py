"""The variance over realisations splits into that of sampling and the rest."""

import numpy as np
import pytest

from netphase.statistics.means import size_means
from netphase.streams import stream


def test_the_variance_splits_into_sampling_and_between():
    rng = stream("test", what="variance")
    values = 0.3 * rng.standard_normal((3, 4000)) + 0.4 * rng.standard_normal((3, 4000))
    means = size_means(values, 0.4)
    np.testing.assert_allclose(means.between_variance, 0.09, rtol=0.15)
    np.testing.assert_allclose(means.sampling_variance, 0.16)
    np.testing.assert_allclose(means.se, values.std(axis=1, ddof=1) / np.sqrt(4000))
    values[0, 5:] = np.nan
    values[1, 1:] = np.nan
    values[2] = np.nan
    means = size_means(values, 0.4)
    assert means.mean[0] == pytest.approx(values[0, :5].mean())
    np.testing.assert_array_equal(means.n, [5, 1, 0])
    assert np.isnan(means.se[1:]).all() and means.mean[1] == values[1, 0]
