"""Means over the repeats are those of samples, in the place of the repeats."""

import numpy as np
import xarray as xr

from netphase.statistics.intervals import mean_interval
from netphase.weights.repeats import with_means


def test_means_and_intervals_stand_beside_the_values():
    values = np.random.default_rng(0).normal(size=(3, 5, 2))
    attrs = {"long_name": "an accuracy", "units": "1"}
    found = xr.Dataset({"accuracy": (("width", "repeat", "step"), values, attrs)})
    told = with_means(found, ["accuracy"])
    mean, half = mean_interval(np.moveaxis(values, 1, 0))
    np.testing.assert_allclose(told.accuracy_mean, mean)
    np.testing.assert_allclose(told.accuracy_half, half)
    assert told.accuracy_mean.dims == told.accuracy_half.dims == ("width", "step")
    assert told.accuracy_mean.long_name == "an accuracy, mean over the repeats"
    assert np.isnan(with_means(found.isel(repeat=[0]), ["accuracy"]).accuracy_half).all()
