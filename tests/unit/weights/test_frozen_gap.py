"""Gaps between free and frozen networks: paired within their runs, with Student's intervals."""

import numpy as np
import xarray as xr
from scipy.stats import ttest_1samp

from netphase.streams import stream
from netphase.weights.frozen_gap import compare
from netphase.weights.frozen_interior import ARMS


def test_gaps_are_paired_within_runs():
    rng = stream("test")
    gap = np.array([0.0, 0.01, 0.1, 0.2])[:, np.newaxis]
    level, noise = rng.normal(0.7, 0.1, 5), rng.normal(0, 0.01, (5, 4, 3))
    noise[:, 0] = 0
    runs = [
        xr.Dataset(
            {
                "mean_accuracy": (("run", "arm", "epoch"), rng.random((1, 4, 3))),
                "best_accuracy": (("run", "arm", "epoch"), (level[k] - gap + noise[k])[np.newaxis]),
            },
            {"run": [k], "arm": list(ARMS), "epoch": [1, 2, 3]},
        )
        for k in range(5)
    ]
    found = compare(runs[::-1])
    assert found.run.values.tolist() == list(range(5))
    np.testing.assert_allclose(found.gap_mean, gap - noise.mean(axis=0))
    expected = ttest_1samp(gap - noise, 0).confidence_interval()
    np.testing.assert_allclose(found.gap_mean[1:] - found.gap_half[1:], expected.low[1:])
    np.testing.assert_allclose(found.gap_mean[1:] + found.gap_half[1:], expected.high[1:])
    expected = ttest_1samp(found.best_accuracy, 0).confidence_interval()
    np.testing.assert_allclose(found.best_accuracy_mean + found.best_accuracy_half, expected.high)
    assert compare(runs[:1]).gap_half.isnull().all()
