"""Training jobs of deep networks: their variables, their shared networks, and their learning."""

import itertools

import numpy as np
import pytest
import torch
import xarray as xr

from netphase.criticality.deep_networks import Initialisation
from netphase.criticality.deep_training import (
    batches,
    chosen_variance,
    of_choice,
    of_variances,
    parts,
    train,
)
from netphase.data import datasets

SETTINGS = {
    "kind": "perceptron",
    "width": 32,
    "side": 14,
    "samples": None,
    "scored": 100,
    "steps": 120,
    "marks": 4,
    "batch_size": 32,
    "learning_rate": 0.1,
    "double_softmax": False,
}
VARIANCES = [0.3, 1.76]


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    spec = {"source": "digits", "test_samples": 360}
    return datasets.read("digits", spec, [folder], folder)


def trained(digits, variances=VARIANCES, depth=8, realisation=0, **changes):
    return train(
        digits,
        of_variances(variances, 0.05),
        network="mlp",
        name="digits",
        realisation=realisation,
        depth=depth,
        settings=SETTINGS | changes,
    )


def test_deep_networks_learn_near_criticality_alone(digits):
    accuracies, cost = trained(digits)
    assert dict(accuracies.sizes) == {
        "dataset": 1, "depth": 1, "initialisation": 2, "realisation": 1, "step": 4,
    }  # fmt: skip
    assert accuracies.step.values.tolist() == [30, 60, 90, 120]
    ordered, critical = accuracies.test_accuracy.isel(step=-1).squeeze().values
    assert ordered < 0.3 and critical > 0.6
    assert accuracies.weight_variance.values.tolist() == [VARIANCES]
    assert accuracies.attrs["n_test"] == 100 and float(cost.train_seconds.sum()) > 0
    for data in (accuracies, cost):
        for name, variable in data.variables.items():
            assert (
                "long_name" in variable.attrs
                and ("units" in variable.attrs)
                or (variable.dtype.kind in "UOT")
            ), name


def test_results_do_not_depend_on_what_else_is_trained(digits):
    both, alone = trained(digits)[0], trained(digits, VARIANCES[1:])[0]
    for name in ("train_accuracy", "test_accuracy"):
        # Two samples of a few hundred may fall to the other side by rounding.
        np.testing.assert_allclose(
            both[name].sel(initialisation="1.76"), alone[name].sel(initialisation="1.76"), atol=0.02
        )
    xr.testing.assert_identical(trained(digits)[0], both)
    assert not trained(digits, realisation=1)[0].test_accuracy.equals(both.test_accuracy)


def test_of_one_step_the_accuracy_met_is_that_before_it(digits):
    accuracies, _ = trained(digits, steps=1, marks=5, batch_size=1437, scored=None)
    assert accuracies.step.values.tolist() == [1]
    still, _ = trained(digits, steps=1, marks=1, batch_size=1437, learning_rate=1e-12)
    xr.testing.assert_equal(accuracies.train_accuracy, still.train_accuracy)


def test_subnormal_numbers_are_there_again_after_training(digits):
    trained(digits, steps=1, marks=1)
    assert np.array([1e-310])[0] * 0.5 > 0


def test_batches_are_epochs_of_permutations():
    found = list(itertools.islice(batches(10, 4, realisation=0), 7))
    assert [len(rows) for rows in found] == [4, 4, 2, 4, 4, 2, 4]
    epochs = [np.concatenate(found[k : k + 3]) for k in (0, 3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert (epochs[0] != epochs[1]).any()
    other = next(batches(10, 4, realisation=1))
    assert (other != found[0]).any()


def test_parts_are_the_first_samples(digits):
    known, unseen, image = parts(digits, SETTINGS | {"samples": 50}, "digits")
    assert image == (8, 8) and len(known.labels) == 50 and len(unseen.labels) == 100
    first = digits.image.values[digits.split.values == 0][:50].reshape(50, 64) / 16
    np.testing.assert_allclose(known.images, first.astype(np.float32))
    assert torch.equal(
        unseen.labels, torch.from_numpy(digits.label.values[digits.split.values == 1][:100]).long()
    )


def test_usual_initialisations_beside_the_chosen_one():
    found = of_choice(1.7, 0.05)
    assert found["chosen"] == Initialisation(1.7, 0.05)
    # Glorot: uniform within sqrt(6 / (inputs + outputs)); He: variance 2 / inputs.
    assert found["xavier"].scale(30, 10) == pytest.approx(np.sqrt(6 / 40) / np.sqrt(3))
    assert found["he"].scale(30, 10) == pytest.approx(np.sqrt(2 / 30))
    assert found["xavier"].bias_variance == found["he"].bias_variance == 0


def test_the_choice_is_where_least_is_lost_at_the_end():
    optimum = np.zeros((2, 2, 2, 3))
    optimum[1, 0, 1, 2] = 1.8
    cascade = xr.Dataset(
        {"optimum_mean": (("dataset", "decoder", "metric", "layer"), optimum)},
        {"dataset": ["digits", "other"], "decoder": ["ridge", "adam"],
         "metric": ["relative_entropy", "error"]},
        {"quoted": "ridge"},
    )  # fmt: skip
    assert chosen_variance(cascade, "other") == 1.8
