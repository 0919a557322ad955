"""Noise is mixed as the papers define it, and the scores are those of the network's predictions."""

from decimal import Decimal

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from netphase.errors import InputError
from netphase.learners import evaluation
from netphase.learners.efficientnets import Architecture, EfficientNet
from netphase.learners.evaluation import (
    batches,
    evaluate,
    logits_of,
    mixture,
    moments,
    prepare,
)
from netphase.noise.fields import field
from netphase.noise.schedule import CLEAN_STEP, levels
from netphase.runs.aggregation import aggregate
from netphase.streams import stream

DDPM = {"beta_first": 1e-4, "beta_last": 2.01e-2, "n_steps": 5000}
KAPPA = {
    0: ".0100", 100: ".175", 250: ".403", 500: ".858", 750: "1.53", 1000: "2.68", 1250: "5.00",
    1500: "10.2", 1750: "23.5", 1846: "33.5", 2000: "61.1", 2500: "601", 3000: "9.8e3",
    4000: "1.2e7", 5000: "1.1e11",
}  # fmt: skip
LAST_STEPS = {
    0.03: 6, 0.1: 49, 0.3: 183, 1: 563, 3: 1046, 10: 1492, 30: 1816, 100: 2117, 300: 2359,
    1000: 2598,
}  # fmt: skip
NOISE = {"family": "gaussian", "x0_scale": "uint8_255", "renormalise": "none"}
NOISE |= {"shared_batch": False}
SETTINGS = {"resolution": None, "head": "full", "precision": "float32", "device": "cpu"}
KEY = {"dataset": "toy", "step": 1000, "realisation": 0}
LEVELS = levels([CLEAN_STEP, 0, 300, 1000, 1846, 2598], **DDPM)
N_CLASSES, N_TEST = 7, 30


@pytest.fixture(scope="module")
def schedule():
    return levels(range(5001), **DDPM)


def test_kappa_of_the_schedule(schedule):
    for step, printed in KAPPA.items():
        last_digit = 10.0 ** Decimal(printed).as_tuple().exponent
        assert abs(schedule[step].kappa - float(printed)) < 1.01 * last_digit
    assert schedule[5000].alpha_bar == pytest.approx(8.2e-23, rel=0.05 / 8.2)


def test_last_steps_below_a_kappa(schedule):
    for kappa, step in LAST_STEPS.items():
        assert schedule[step].kappa <= kappa < schedule[step + 1].kappa


def test_kappa_between_steps(schedule):
    logarithms = np.log([level.alpha_bar for level in schedule])
    alpha_bar = np.exp(np.interp(1845.934, range(5001), logarithms))
    assert alpha_bar == pytest.approx(8.930e-4, abs=5e-8)
    assert np.sqrt((1 - alpha_bar) / alpha_bar) == pytest.approx(33.448, abs=5e-4)


@pytest.fixture(scope="module")
def images():
    return stream("images of this test").integers(0, 200, (5, 6, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize("renormalise", ["none", "divide_by_sqrt_abar"])
@pytest.mark.parametrize("form", ["ddpm", "literal_eq5"])
@pytest.mark.parametrize("scale", ["uint8_255", "unit01", "pm1", "standardised"])
def test_mixture_is_its_definition(images, scale, form, renormalise):
    """Scale the image, mix it with noise, perhaps divide, scale back."""
    y = images.astype(float)
    there, back = {
        "uint8_255": (lambda y: y, lambda x: x),
        "unit01": (lambda y: y / 255, lambda x: x * 255),
        "pm1": (lambda y: 2 * y / 255 - 1, lambda x: (x + 1) / 2 * 255),
        "standardised": (lambda z: (z - y.mean()) / y.std(), lambda x: x * y.std() + y.mean()),
    }[scale]
    epsilon = stream("noise").standard_normal(y.shape)
    noise = {"x0_scale": scale, "renormalise": renormalise}
    for level in levels([level.step for level in LEVELS], **DDPM, form=form):
        a, b = level.alpha_bar, 1 - level.alpha_bar
        if form == "ddpm":
            a, b = np.sqrt(a), np.sqrt(b)
        x = a * there(y) + b * epsilon
        expected = back(x if renormalise == "none" else x / a)
        mixed = mixture(level, moments(images), noise)
        found = mixed.signal * y + mixed.offset + mixed.noise * epsilon
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
        assert level.kappa == pytest.approx(b / a, rel=1e-12)
        assert mixed.kappa_effective == pytest.approx(b / a / there(y).std(), rel=1e-12)
        if renormalise != "none":
            assert mixed[:2] == pytest.approx((1, 0), abs=1e-12)


@settings(deadline=None)
@given(arrays(np.uint8, st.tuples(*[st.integers(1, 5)] * 3, st.just(3))))
def test_moments_are_those_of_all_pixels(images):
    expected = images.mean(dtype=float), images.std(dtype=float)
    assert moments(images) == pytest.approx(expected, rel=1e-9, abs=1e-5)


def epsilon(shape, sample, shared=False, **changes):
    """The field of an image: of Gaussian noise, only its shape counts."""
    x_0 = np.zeros(shape, np.float32)
    return field(x_0, 1.0, sample, NOISE | {"shared_batch": shared}, **KEY | changes)


def test_field_is_a_function_of_its_coordinates():
    first = epsilon((4, 4, 3), 3)
    epsilon((9,), 4)
    assert first.dtype == np.float32
    assert np.array_equal(epsilon((4, 4, 3), 3), first)
    others = [{"dataset": "other"}, {"step": 1001}, {"realisation": 1}]
    fields = [epsilon((4, 4, 3), 3, **other) for other in others]
    fields += [epsilon((4, 4, 3), sample) for sample in (0, 2, 4)]
    fields += [epsilon((4, 4, 3), 3, shared=True)]
    for one in fields:
        assert not np.isclose(one, first, atol=1e-6).any()


def test_shared_fields_are_the_same_for_512_images():
    fields = [epsilon((4, 4, 3), i, shared=True) for i in (0, 1, 511, 512, 1023, 1024)]
    same = [[np.array_equal(one, other) for other in fields] for one in fields]
    batch = np.array([0, 0, 0, 1, 1, 2])
    assert np.array_equal(same, batch[:, None] == batch)


def test_fields_are_standard_normal_and_independent():
    values = np.stack([epsilon((64, 64, 3), i) for i in range(20)])
    values = values.reshape(20, -1).astype(float)
    n = values.size
    assert abs(values.mean()) < 5 / np.sqrt(n)
    assert abs(values.var() - 1) < 5 * np.sqrt(2 / n)
    assert abs((values**4).mean() - 3) < 5 * np.sqrt(96 / n)
    for product in (values[1:] * values[:-1], values[:, 1:] * values[:, :-1]):
        assert abs(product.mean()) < 5 / np.sqrt(product.size)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("n_pixels", [1, 2 * 24, 3 * 24 + 5, 1 << 18])
def test_noised_images_do_not_depend_on_the_batch(images, monkeypatch, n_pixels, shared):
    noise = NOISE | {"x0_scale": "pm1", "shared_batch": shared}
    scale = moments(images)
    mixed = mixture(LEVELS[3], scale, noise)
    monkeypatch.setattr(evaluation, "BATCH_PIXELS", n_pixels)
    parts = list(batches(images, mixed, scale, noise, KEY))
    assert [len(part) for part in parts[:-1]] == [max(1, n_pixels // 24)] * (len(parts) - 1)
    assert {part.dtype for part in parts} == {np.dtype(np.float32)}
    monkeypatch.undo()
    (whole,) = batches(images, mixed, scale, noise, KEY)
    assert np.array_equal(np.concatenate(parts), whole)
    fields = [epsilon((6, 4, 3), i, shared) for i in range(len(images))]
    expected = mixed.signal * images + mixed.offset + mixed.noise * np.stack(fields).astype(float)
    np.testing.assert_allclose(whole, expected, atol=1e-4)


def test_clean_images_are_left_as_they_are(images):
    scale = moments(images)
    (clean,) = batches(images, mixture(LEVELS[0], scale, NOISE), scale, NOISE, KEY)
    assert np.array_equal(clean, images)


@pytest.mark.parametrize(
    ("shape", "resolution", "side", "top", "left"),
    [
        ((299, 299), 224, 261, 19, 19),
        ((299, 299), 240, 263, 18, 18),
        ((299, 299), 260, 266, 17, 17),
        ((480, 640), 224, 420, 30, 110),
        ((71, 64), 32, 32, 20, 16),
    ],
)
def test_prepared_image_is_the_centre(shape, resolution, side, top, left):
    """A black square of this place fills all of it, and its white rim every edge."""
    image = np.full((*shape, 3), 255, np.uint8)
    image[top : top + side, left : left + side] = 0
    prepared = prepare(image, resolution)
    assert prepared.shape == (resolution, resolution, 3) and prepared.dtype == np.uint8
    assert not prepared.any()
    image[:] = 255
    image[top + 1 : top + side - 1, left + 1 : left + side - 1] = 0
    prepared = prepare(image, resolution)
    for edge in (prepared[0], prepared[-1], prepared[:, 0], prepared[:, -1]):
        assert (edge > 100).all()
    assert not prepared[3:-3, 3:-3].any()


def test_pixels_that_need_no_scaling_are_kept():
    image = stream("photograph").integers(0, 256, (64, 69, 3), dtype=np.uint8)
    assert np.array_equal(prepare(image, 32), image[16:48, 19:51])
    assert prepare(image, None) is image


def network_of(n_classes=N_CLASSES, bias=None):
    """A random network; with a bias, one that gives the same logits to all images."""
    architecture = Architecture(0.0266, 0.25, 4, n_classes=n_classes)
    network = EfficientNet(architecture, (128.0,) * 3, (30.0,) * 3)
    network.initialise(stream("network of this test"))
    network.classifier.weight.data *= 1000
    if bias is not None:
        network.classifier.weight.data.zero_()
        network.classifier.bias.data.copy_(torch.tensor(bias))
    return network


def toy(classes=range(N_CLASSES)):
    """Random images, the last N_TEST of which are for testing."""
    rng = stream("data set of this test")
    n, classes = N_TEST + 12, np.array(classes, np.int16)
    label = np.concatenate([rng.choice(classes, n - classes.size), classes])
    words = {"flag_values": classes}
    return xr.Dataset(
        {
            "image": (
                ("sample", "y", "x", "channel"),
                rng.integers(0, 256, (n, 12, 12, 3), dtype=np.uint8),
            ),
            "label": ("sample", label, words),
            "split": ("sample", (np.arange(n) >= 12).astype(np.int8)),
        }
    )


def score(dataset, network, noise=NOISE, **changes):
    return evaluate(
        dataset,
        network,
        LEVELS,
        name="toy",
        model="tiny",
        realisation=0,
        settings=SETTINGS | changes,
        noise=noise,
    )


def test_scores_are_those_of_the_predictions():
    """Of scikit-learn, from the logits of the same noised images."""
    dataset, network = toy(), network_of()
    run, _ = score(dataset, network)
    images, truth = dataset.image.values[12:], dataset.label.values[12:]
    for k, level in enumerate(LEVELS):
        mixed = mixture(level, moments(images), NOISE)
        key = KEY | {"step": level.step}
        (noised,) = batches(images, mixed, moments(images), NOISE, key)
        logits = logits_of(network.eval(), noised, False)
        predicted = logits.argmax(1).numpy()
        probabilities = logits.double().softmax(1).numpy()
        options = {"average": "macro", "zero_division": 0}
        labels = range(N_CLASSES)
        expected = {
            "accuracy": metrics.accuracy_score(truth, predicted),
            "precision": metrics.precision_score(truth, predicted, **options),
            "recall": metrics.recall_score(truth, predicted, **options),
            "f1": metrics.f1_score(truth, predicted, **options),
            "n_correct": (truth == predicted).sum(),
            "top5": metrics.top_k_accuracy_score(truth, probabilities, k=5, labels=labels),
            "nll": metrics.log_loss(truth, probabilities, labels=labels),
        }
        found = {name: run[name].isel(step=k).item() for name in expected}
        assert found == pytest.approx(expected, rel=1e-4)
        assert np.array_equal(run.n_predicted[k], np.bincount(predicted, minlength=N_CLASSES))
        right = predicted[truth == predicted]
        assert np.array_equal(run.n_right[k], np.bincount(right, minlength=N_CLASSES))
        assert run.kappa[k] == level.kappa
        assert run.kappa_effective.isel(step=k).item() == mixed.kappa_effective
    assert len(set(run.accuracy.values.ravel())) > 1 and (run.n_predicted[0] > 0).sum() > 1


def test_networks_of_several_resolutions_are_joined():
    """Each sees images of a standard deviation of its own, and so of its own effective noise."""
    found = [score(toy(), network_of(), resolution=side)[0] for side in (8, 12)]
    runs = [run.assign_coords(model=[name]) for run, name in zip(found, "ab", strict=True)]
    joined = aggregate(runs)
    for run, name in zip(found, "ab", strict=True):
        effective = joined.kappa_effective.sel(dataset="toy", model=name)
        np.testing.assert_array_equal(effective, run.kappa_effective[0, 0])
    assert not np.array_equal(*joined.kappa_effective[0])


def test_clean_step_is_the_plain_prediction():
    dataset, network = toy(), network_of().eval()
    run, _ = score(dataset, network)
    with torch.inference_mode():
        x = torch.from_numpy(dataset.image.values[12:]).permute(0, 3, 1, 2).float()
        predicted = network(x).argmax(1).numpy()
    assert run.accuracy[0, 0, 0, 0, 0, 0] == (predicted == dataset.label.values[12:]).mean()


@pytest.mark.parametrize("c", [0, 3, N_CLASSES - 1])
def test_a_network_that_knows_one_answer(c):
    """It has the accuracy of that class, whatever the noise."""
    dataset = toy()
    run, _ = score(dataset, network_of(bias=np.eye(N_CLASSES)[c].tolist()))
    share = (dataset.label.values[12:] == c).mean()
    assert 0 < share < 1 and (run.accuracy == share).all()
    expected = np.log(np.e + N_CLASSES - 1) - share
    np.testing.assert_allclose(run.nll, expected, rtol=1e-6)
    assert (run.n_predicted == N_TEST * np.eye(N_CLASSES)[c]).all()


def test_closed_head_chooses_among_the_classes_of_the_data():
    dataset = toy([1, 4, 6])
    network = network_of(bias=[9.0, 1.0, 0.0, 8.0, 3.0, 7.0, 2.0])
    whole, closed = (score(dataset, network, head=head)[0] for head in ("full", "closed"))
    label = dataset.label.values[12:]
    assert (whole.n_classes, closed.n_classes) == (N_CLASSES, 3)
    assert (whole.accuracy == 0).all() and (whole.n_predicted[:, 0] == N_TEST).all()
    assert (closed.accuracy == (label == 4).mean()).all()
    assert (closed.n_predicted == N_TEST * np.eye(3)[1]).all()
    assert (closed.n_right.sum("class") == (label == 4).sum()).all()
    # Top five: of 0 3 5 4 6, and of all three.
    assert (whole.top5 == (label != 1).mean()).all() and (closed.top5 == 1).all()
    logits = np.array([1.0, 3.0, 2.0])
    expected = np.log(np.exp(logits).sum()) - logits[np.searchsorted([1, 4, 6], label)].mean()
    np.testing.assert_allclose(closed.nll, expected, rtol=1e-6)


@pytest.mark.parametrize("head", ["full", "closed"])
def test_labels_beyond_the_network_are_refused(head):
    with pytest.raises(InputError, match=r"^datasets\.toy: label 6 is none of the 5 .* tiny$"):
        score(toy(), network_of(n_classes=5), head=head)


def test_labels_of_training_images_beyond_the_network_are_refused():
    dataset = toy()
    dataset.label[:12], dataset.label[12:] = 6, dataset.label[12:] % 5
    with pytest.raises(InputError, match=r"^datasets\.toy: label 6 is none of the 5 .* tiny$"):
        score(dataset, network_of(n_classes=5), head="closed")


def test_images_of_floating_point_are_refused():
    dataset = toy()
    dataset["image"] = dataset.image / np.float32(255)
    with pytest.raises(InputError, match=r"^datasets\.toy: "):
        score(dataset, network_of())


def test_grey_images_get_three_equal_channels():
    dataset, network = toy(), network_of()
    grey = dataset.image.isel(channel=0)
    one, two = (
        score(dataset.drop_vars("image").assign(image=image), network)[0]
        for image in (grey, grey.expand_dims({"channel": 3}, axis=-1))
    )
    xr.testing.assert_identical(one, two)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("changed", [{}, {"form": "literal_eq5"}, {"shared_batch": True}])
def test_run_has_its_axes_and_its_counts_agree(precision, changed):
    run, cost = score(toy(), network_of(), NOISE | changed, precision=precision, resolution=8)
    assert dict(run.sizes) == {
        "dataset": 1, "model": 1, "size": 1, "step": len(LEVELS), "realisation": 1, "split": 1,
        "class": N_CLASSES,
    }  # fmt: skip
    dims = ("dataset", "model", "size", "step", "realisation")
    assert run.accuracy.dims == (*dims, "split") and cost.cpu_seconds.dims == dims
    assert (cost.cpu_seconds >= 0).all()
    assert run.step.values.tolist() == [level.step for level in LEVELS]
    assert run["size"].item() == run.n_parameters.item() == network_of().n_parameters
    assert run.n_samples.item() == N_TEST
    assert (run.n_predicted.sum("class") == N_TEST).all()
    assert (run.n_right <= run.n_predicted).all()
    n_correct = run.n_correct.squeeze(drop=True)
    assert n_correct.dtype == np.int64 and (run.n_right.sum("class") == n_correct).all()
    assert (run.accuracy.squeeze() * N_TEST == n_correct).all()
    assert (run.top5 >= run.accuracy).all() and (run.nll > 0).all()


def test_scores_do_not_depend_on_the_batch_but_on_the_noise(monkeypatch):
    dataset, network = toy(), network_of()
    run, _ = score(dataset, network)
    monkeypatch.setattr(evaluation, "BATCH_PIXELS", 7 * 144)
    in_batches, _ = score(dataset, network)
    xr.testing.assert_allclose(run, in_batches, rtol=1e-4)
    shared, _ = score(dataset, network, NOISE | {"shared_batch": True})
    assert shared.nll[0, 0, 0, 0] == in_batches.nll[0, 0, 0, 0]
    assert not np.isclose(shared.nll[0, 0, 0, 3:], in_batches.nll[0, 0, 0, 3:], rtol=1e-4).any()
