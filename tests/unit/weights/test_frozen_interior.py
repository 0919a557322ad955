"""Networks with frozen blocks: frozen weights stay, and all others train as without."""

import numpy as np
import pytest
import xarray as xr

from netphase.data import datasets
from netphase.data.principal_components import project
from netphase.errors import InputError
from netphase.streams import stream
from netphase.weights.frozen_interior import ARMS, pixels, train
from netphase.weights.networks import FROZEN, Engine
from netphase.weights.symmetry import blocks

LAYERS = (12, 16, 9, 4)
SETTINGS = {
    "hidden": [10, 12],
    "samples": None,
    "epochs": 3,
    "batch_size": 32,
    "rate": 0.3,
    "penalty": 1e-5,
    "draws": 10,
    "scored": 200,
    "variant": "corrected",
}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    return datasets.read("digits", {"source": "digits", "test_samples": 360}, [folder], folder)


@pytest.fixture(scope="module")
def samples():
    rng = stream("samples")
    return rng.normal(size=(300, LAYERS[0])), rng.integers(0, LAYERS[-1], 300)


def states(samples, marks, **how):
    rates = np.full(marks[-1], 0.3)
    return list(Engine(LAYERS, 32).course(*samples, rates, stream("net"), marks, **how))


def test_marks_do_not_change_a_network(samples):
    seen = states(samples, [7, 8, 60])
    whole = Engine(LAYERS, 32).train(*samples, np.full(60, 0.3), [stream("net")])
    assert np.array_equal(seen[-1].theta, whole.theta[0])
    assert np.array_equal(np.concatenate([state.losses for state in seen]), whole.losses[0])
    (short,) = states(samples, [7])
    assert np.array_equal(short.theta, seen[0].theta)


def test_courses_do_not_disturb_each_other(samples):
    engine, rates = Engine(LAYERS, 32), np.full(40, 0.3)
    pair = [engine.course(*samples, rates, stream("net", k=k), [20, 40]) for k in range(2)]
    (_, last), (_, other) = zip(*zip(*pair, strict=True), strict=True)
    for k, found in enumerate((last, other)):
        alone = engine.train(*samples, rates, [stream("net", k=k)])
        assert np.array_equal(found.theta, alone.theta[0])


@pytest.mark.parametrize("block", list(filter(None, ARMS.values())))
def test_frozen_weights_stay_and_others_learn(samples, block):
    own = blocks(LAYERS)[block]
    start, middle, end = states(samples, [0, 30, 60], frozen=block)
    assert np.array_equal(np.abs(end.theta[own]), np.full(own.stop - own.start, FROZEN))
    assert abs(np.sign(end.theta[own]).mean()) < 5 / np.sqrt(own.stop - own.start)
    assert np.array_equal(start.theta[own], end.theta[own])
    others = np.delete(np.arange(len(end.theta)), own)
    assert np.all(start.theta[others] != end.theta[others])
    assert np.all(np.abs(middle.theta[others]) < FROZEN)
    # All begin where the network that is trained whole begins.
    (free,) = states(samples, [0])
    assert np.array_equal(start.theta[others], free.theta[others])


def test_signs_are_drawn_anew_only_where_this_is_asked_for(samples):
    own = blocks(LAYERS)["interior"]
    seen = states(samples, [10, 20, 30], frozen="interior", redraw=True)
    signs = np.sign([state.theta[own] for state in seen])
    agreement = signs @ signs.T / signs.shape[1]
    assert np.all(np.abs(agreement[np.triu_indices(3, 1)]) < 5 / np.sqrt(signs.shape[1]))


def test_a_minibatch_of_all_samples_is_all_samples():
    """Where nothing is trained and almost nothing random, all steps have the loss of the signs."""
    rng = stream("test")
    x, y = rng.normal(size=(48, 5)), rng.integers(0, 3, 48)
    deviations = []
    for batch_size in (48, 32):
        engine = Engine((5, 3), batch_size)
        (state,) = engine.course(x, y, np.full(100, 0.1), rng, [100], frozen="full")
        z = x @ np.sign(state.theta).reshape(3, 5).T
        expected = np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(48), y])
        assert state.losses.mean() == pytest.approx(expected, abs=0.1)
        deviations.append(state.losses.std())
    assert state.losses.mean() == pytest.approx(expected, abs=0.4 * float(deviations[1]))
    assert deviations[0] < 0.02 < 0.1 < deviations[1]


def test_pixels_are_images_over_their_largest(digits):
    found = pixels(digits)
    assert found.input.dtype == np.float32
    assert np.array_equal(found.input.values.reshape(digits.image.shape) * 16, digits.image)
    components = project(digits, 3)
    for name in ("label", "split"):
        assert found[name].identical(components[name])
    # As many numbers as centred components of all orders carry.
    centred = found.input - found.input[found.split.values == 0].mean("sample")
    power = (centred[found.split.values == 0] ** 2).sum()
    kept = (project(digits, 64).input[found.split.values == 0] ** 2).sum()
    assert float(kept) == pytest.approx(float(power), rel=1e-4)


@pytest.fixture(scope="module")
def trained(digits):
    return train(pixels(digits), 0, dataset="digits", settings=SETTINGS)


def test_arms_learn_and_are_reproducible(digits, trained):
    found, cost = trained
    assert dict(found.sizes) == {"run": 1, "arm": 4, "epoch": 3}
    assert np.all(cost.train_seconds > 0) and cost.arm.identical(found.arm)
    assert np.all(found.mean_accuracy.isel(epoch=-1) > 0.25)
    assert np.all(found.mean_accuracy.diff("epoch") > 0)
    assert len(np.unique(found.mean_accuracy.isel(epoch=0))) == len(ARMS)
    shorter, _ = train(pixels(digits), 0, dataset="digits", settings=SETTINGS | {"epochs": 2})
    xr.testing.assert_identical(shorter, found.isel(epoch=slice(2)))
    other, _ = train(pixels(digits), 1, dataset="digits", settings=SETTINGS | {"epochs": 1})
    assert np.all(other.mean_accuracy.values != found.isel(epoch=[0]).mean_accuracy.values)


def test_variants_differ_after_the_first_epoch_of_frozen_arms_alone(digits, trained):
    paper, _ = train(pixels(digits), 0, dataset="digits", settings=SETTINGS | {"variant": "paper"})
    same = (paper.mean_accuracy == trained[0].mean_accuracy).isel(run=0)
    assert same.sel(arm="free").all() and same.isel(epoch=0).all()
    assert not same.isel(epoch=slice(1, None)).sel(arm=list(ARMS)[1:]).any()


def test_impossible_settings_are_refused(digits):
    inputs = project(digits, 5)
    for change, message in (
        ({"hidden": [10]}, "hidden: .* no interior"),
        ({"samples": 1400}, "samples: 1400 are asked for, but 1293"),
    ):
        with pytest.raises(InputError, match=message):
            train(inputs, 0, dataset="digits", settings=SETTINGS | change)
