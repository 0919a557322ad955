"""Chunks of trained networks: stored as bits, chosen, and the same in whatever chunks."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netphase.data import datasets
from netphase.data.principal_components import project
from netphase.streams import stream
from netphase.weights.ensembles import learning_rates, pack, train_chunk, unpack

SETTINGS = {
    "hidden": [8, 8],
    "samples": None,
    "steps": 300,
    "batch_size": 32,
    "rates": [1.0, 0.05],
    "penalty": 1e-5,
    "draws": 10,
    "scored": 200,
    "choose_on": "test",
}


@given(st.integers(1, 5), st.integers(1, 50), st.integers(0, 99))
def test_weights_survive_their_packing(n_networks, n, seed):
    weights = stream("test", seed=seed).choice([-1, 1], (n_networks, n)).astype(np.int8)
    packed = pack(weights)
    assert packed.shape == (n_networks, -(-n // 8)) and packed.dtype == np.uint8
    assert np.array_equal(unpack(packed, n), weights)


def test_rates_go_from_first_to_last():
    rates = learning_rates(1000, 1.0, 0.1)
    assert rates[0] == 1 and rates[500] == pytest.approx(0.55)
    assert rates[-1] == pytest.approx(0.1, abs=1e-5) and np.all(np.diff(rates) < 0)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    spec = {"source": "digits", "test_samples": 360}
    return project(datasets.read("digits", spec, [folder], folder), 12)


def chunk(inputs, trials, **changes):
    names = {"dataset": "digits", "scenario": "small"}
    networks, cost = train_chunk(inputs, trials, **names, settings=SETTINGS | changes)
    assert (cost.train_seconds > 0).all() and cost.trial.identical(networks.trial)
    return networks


def test_a_network_does_not_depend_on_its_chunk(inputs):
    whole, part = chunk(inputs, range(4)), chunk(inputs, [2])
    xr.testing.assert_identical(whole.sel(trial=[2]), part)
    other = chunk(inputs, [2], choose_on="validation")
    assert not np.array_equal(other.weights, part.weights)
    assert other.attrs["chosen_on"] == "validation"
    assert whole.weights.attrs["n"] == 12 * 8 + 8 * 8 + 8 * 10
    assert np.all(whole.accuracy >= whole.mean_accuracy) and float(whole.test_accuracy.min()) > 0.4
