"""Binary and real networks on small training sets: exact gradients, known losses, a peak."""

import numpy as np
import pytest
import xarray as xr
from sklearn.metrics import log_loss

from netphase.data import datasets
from netphase.data.principal_components import project
from netphase.errors import InputError
from netphase.streams import stream
from netphase.weights.double_descent import (
    QUANTITIES,
    activations,
    binary_logits,
    compare,
    fit_real,
    gradient,
    learning_rates,
    losses,
    train,
)
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


def test_gradients_are_finite_differences(known):
    rng, step = stream("test"), 1e-6
    weights = [rng.normal(size=shape) for shape in zip(LAYERS[1:], LAYERS, strict=False)]
    inputs, truth = known.inputs.T.astype(float), np.eye(LAYERS[-1])[:, known.labels]
    found = gradient(weights, inputs, truth)
    for w, slope in zip(weights, found, strict=True):
        expected = np.empty_like(w)
        for place in np.ndindex(w.shape):
            ends, value = [], w[place]
            for sign in (1, -1):
                w[place] = value + sign * step
                ends.append(losses(activations(weights, inputs)[-1], known.labels)[0])
            w[place] = value
            expected[place] = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(slope, expected, atol=1e-8)


def test_real_networks_go_the_way_of_adam(known):
    """Algorithm 1 of Kingma & Ba (2015) in double precision, line by line."""
    rates = learning_rates(40, 0.01)
    start, found = (fit_real(known, LAYERS, part, stream("net")) for part in (rates[:0], rates))
    weights = [w.astype(float) for w in start]
    truth = np.eye(LAYERS[-1])[:, known.labels]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for t, rate in enumerate(rates, 1):
        for k, g in enumerate(gradient(weights, known.inputs.T.astype(float), truth)):
            m[k] = 0.9 * m[k] + (1 - 0.9) * g
            v[k] = 0.999 * v[k] + (1 - 0.999) * g**2
            corrected = m[k] / (1 - 0.9**t), v[k] / (1 - 0.999**t)
            weights[k] = weights[k] - rate * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    for w, expected, first in zip(found, weights, start, strict=True):
        np.testing.assert_allclose(w, expected, atol=1e-4)
        assert np.abs(w - first).max() > 0.05


def test_real_weights_begin_with_the_variance_of_their_fan_in(known):
    wide = fit_real(known, (100, 300, 300, 50), np.zeros(0), stream("net"))
    for w in wide:
        assert w.var() == pytest.approx(1 / w.shape[1], rel=0.05)
        assert w.mean() == pytest.approx(0, abs=5 * w.std() / np.sqrt(w.size))


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


def test_shape_of_known_cross_entropies():
    def made(kind, widths, values):
        return [
            xr.Dataset(
                {
                    name: (("kind", "width", "repeat"), [[[value - 1, value + 1]]])
                    for name in QUANTITIES
                },
                {"kind": [kind], "width": [width], "repeat": [0, 1]},
            )
            for width, value in zip(widths, values, strict=True)
        ]

    found = compare(
        made("real", (2, 5, 9, 30), (4, 3, 12, 5)) + made("binary", (2, 5, 9), (8, 6, 5))
    )
    real, binary = (found.sel(kind=kind) for kind in ("real", "binary"))
    assert (real.peak_width, real.peak_ratio) == (9, 12 / 5)
    assert real.trend == pytest.approx(0.6)
    assert (binary.peak_width, binary.peak_ratio, binary.trend) == (2, 8 / 5, -1)
    assert binary.test_error.sel(width=30).isnull().all()


@pytest.mark.parametrize(
    ("samples", "message"),
    [(100, "samples: 100 is no multiple of 16"), (1600, "samples: 1600 are asked for, but 1293")],
)
def test_impossible_numbers_of_samples_are_refused(inputs, samples, message):
    with pytest.raises(InputError, match=message):
        train(inputs, "real", 2, dataset="digits", settings=SETTINGS | {"samples": samples})
