"""Deep and shallow networks of binary weights learn, the same however many are trained."""

import numpy as np
import pytest
import xarray as xr

from netphase.data import datasets
from netphase.data.principal_components import project
from netphase.streams import stream
from netphase.weights.depth import train
from netphase.weights.depth_crossing import compare

SETTINGS = {
    "samples": None,
    "steps": 400,
    "marks": 4,
    "batch_size": 64,
    "rate": 0.5,
    "penalty": 1e-5,
    "draws": 20,
    "scored": None,
    "repeats": 2,
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    spec = {"source": "digits", "test_samples": 360}
    return project(datasets.read("digits", spec, [folder], folder), 20)


def test_networks_learn_and_width_makes_the_difference(inputs):
    found = {
        width: train(inputs, width, dataset="digits", settings=SETTINGS) for width in (0, 2, 20)
    }
    for width, (accuracies, cost) in found.items():
        assert dict(accuracies.sizes) == {"width": 1, "repeat": 2, "step": 4}
        assert accuracies.step.values.tolist() == [1, 7, 54, 400]
        assert np.all(cost.train_seconds > 0)
        mean = accuracies.mean_accuracy.sel(width=width)
        assert np.all(mean.isel(step=-1) > mean.isel(step=0))
        assert np.all(np.abs(accuracies.best_accuracy - accuracies.mean_accuracy) < 0.2)
    last = {width: float(one[0].mean_accuracy[0, :, -1].mean()) for width, one in found.items()}
    assert last[2] < 0.4 < 0.7 < last[20] and last[0] > 0.65
    joined = compare([accuracies for accuracies, _ in found.values()], stream("test"))
    assert 2 < joined.crossing < 20


def test_one_mark_is_the_last_step(inputs):
    changes = {"steps": 30, "marks": 1, "repeats": 1}
    found, _ = train(inputs, 0, dataset="digits", settings=SETTINGS | changes)
    assert found.step.values.tolist() == [30]


def test_a_network_does_not_depend_on_the_number_of_repeats(inputs):
    changes = {"steps": 50, "draws": 5}
    two, one = (
        train(inputs, 3, dataset="digits", settings=SETTINGS | changes | {"repeats": n})[0]
        for n in (2, 1)
    )
    xr.testing.assert_identical(two.isel(repeat=[0]), one)
    assert not np.array_equal(*two.mean_accuracy.isel(width=0, step=-2).values)
