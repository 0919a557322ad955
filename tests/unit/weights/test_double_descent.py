"""Binary and real networks on small training sets: known losses, and a peak."""

import numpy as np
import pytest
import xarray as xr
from sklearn.metrics import log_loss

from netphase.data import datasets
from netphase.data.principal_components import project
from netphase.errors import InputError
from netphase.streams import stream
from netphase.weights.double_descent import (
    binary_logits,
    learning_rates,
    losses,
    train,
)
from netphase.weights.loss_peak import compare
from netphase.weights.networks import Engine
from netphase.weights.samples import Part

LAYERS = (6, 9, 9, 4)
SETTINGS = {
    "samples": 160,
    "repeats": 2,
    "scored": None,
    "penalty": 1e-5,
    "draws": 20,
    "binary": {"steps": 400, "rate": 0.5},
    "real": {"steps": 1200, "rate": 0.01},
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    spec = {"source": "digits", "test_samples": 360}
    found = project(datasets.read("digits", spec, [folder], folder), 12)
    # Wrong labels, which only a network that learns by heart can fit, make the peak high.
    rng, label = stream("wrong labels"), found.label.values.copy()
    wrong = (rng.random(len(label)) < 0.2) & (found.split.values == 0)
    label[wrong] = rng.integers(0, 10, wrong.sum())
    return found.assign(label=found.label.copy(data=label))


@pytest.fixture
def known():
    rng = stream("samples")
    return Part(
        rng.normal(size=(50, LAYERS[0])).astype(np.float32), rng.integers(0, LAYERS[-1], 50)
    )


def test_rates_fall_tenfold_every_quarter():
    rates = learning_rates(8, 0.5)
    np.testing.assert_allclose(rates, [0.5, 0.5, 0.05, 0.05, 0.005, 0.005, 5e-4, 5e-4])


def test_losses_are_those_of_scikit_learn():
    rng = stream("test")
    z, labels = rng.normal(0, 3, (5, 200)), rng.integers(0, 5, 200)
    p = np.exp(z) / np.exp(z).sum(axis=0)
    cross_entropy, error = losses(z, labels)
    assert cross_entropy == pytest.approx(log_loss(labels, p.T, labels=range(5)))
    assert error == np.mean(p.argmax(axis=0) != labels)
    assert losses(1000 * np.eye(5), np.arange(5)) == (0, 0)


def test_binary_logits_are_those_of_the_engine(known):
    engine = Engine(LAYERS, 16)
    weights = stream("test").choice([-1.0, 1.0], (20, engine.n_weights))
    right = engine.accuracy(weights, *known)
    errors = [losses(binary_logits(w, LAYERS, known.inputs), known.labels)[1] for w in weights]
    np.testing.assert_allclose(right, 1 - np.array(errors))
    assert right.std() > 0
    # Where nothing is negative, units are linear: logits are a product of matrices.
    positive = np.abs(known.inputs)
    plain = positive.sum(axis=1) * 9 * 9 / np.sqrt(6 * 9)
    logits = binary_logits(np.ones(engine.n_weights), LAYERS, positive)
    np.testing.assert_allclose(logits, np.tile(plain, (4, 1)), rtol=1e-5)


@pytest.fixture(scope="module")
def trained(inputs):
    return [
        train(inputs, kind, width, dataset="digits", settings=SETTINGS)
        for kind in ("binary", "real")
        for width in (3, 10, 60)
    ]


def test_real_networks_fit_their_samples_and_binary_ones_do_not(trained):
    for networks, cost in trained:
        assert np.all(cost.train_seconds > 0) and cost.repeat.identical(networks.repeat)
    found = compare([networks for networks, _ in trained])
    assert dict(found[["test_error"]].sizes) == {"kind": 2, "width": 3, "repeat": 2}
    np.testing.assert_allclose(found.alpha, [(n * n + 22 * n) / 160 for n in found["width"].values])
    real, binary = (found.sel(kind=kind) for kind in ("real", "binary"))
    assert np.all(real.train_error.sel(width=60) == 0)
    assert np.all(real.train_cross_entropy.sel(width=60) < 1e-2)
    assert np.all(binary.train_cross_entropy.sel(width=60) > 0.05)
    assert float(binary.trend) == -1
    assert int(real.peak_width) == 10 and float(real.peak_ratio) > 1.3
    for kind in (real, binary):
        assert np.all(kind.test_error.mean("repeat").diff("width") < 0)


def test_a_network_does_not_depend_on_the_number_of_repeats(inputs, trained):
    for k in (0, 3):
        kind, settings = "real" if k else "binary", SETTINGS | {"repeats": 1}
        one, _ = train(inputs, kind, 3, dataset="digits", settings=settings)
        xr.testing.assert_identical(one, trained[k][0].isel(repeat=[0]))


@pytest.mark.parametrize(
    ("samples", "message"),
    [(100, "samples: 100 is no multiple of 16"), (1600, "samples: 1600 are asked for, but 1293")],
)
def test_impossible_numbers_of_samples_are_refused(inputs, samples, message):
    with pytest.raises(InputError, match=message):
        train(inputs, "real", 2, dataset="digits", settings=SETTINGS | {"samples": samples})
