"""Every shipped learner keeps the contract: shapes, labels, seeds, counts of parameters."""

import numpy as np
import pytest
import torch

from netphase.jobs.imports import load
from netphase.learners.contract import STOP_REASONS, OneByOne, Streams
from netphase.learners.efficientnet_training import EfficientNetClassifier
from netphase.learners.registry import LEARNERS
from netphase.streams import stream

# Class 2 is never seen in training.
N_CLASSES, SEEN = 4, (0, 1, 3)
SHAPE = (8, 8)
PERCEPTRON = {
    "hidden": [3, 9], "dtype": "float32", "max_iter": 30, "batch_size": 20, "learning_rate": 0.01,
    "alpha": 1e-4, "tol": 1e-4, "n_iter_no_change": 10,
}  # fmt: skip
EFFICIENTNET = {
    "depth": 0.25, "divisor": 4, "stem_stride": 1, "dropout": 0.0, "drop_connect": 0.0,
    "epochs": 150, "warmup_epochs": 1, "batch_size": 48, "learning_rate": 0.05, "momentum": 0.9,
    "weight_decay": 5e-4, "label_smoothing": 0.0, "padding": 0, "precision": "float32",
    "device": "cpu",
}  # fmt: skip
OPTIONS = {"perceptron": PERCEPTRON, "sklearn_perceptron": PERCEPTRON}


def efficientnets(n_classes, *, widths, **options):
    """EfficientNets of several widths, in thousandths, as one ladder."""
    return OneByOne(
        {
            width: EfficientNetClassifier(n_classes, width=width / 1000, **options)
            for width in widths
        }
    )


def make(name, **changes):
    """A new ladder of two sizes."""
    if name == "efficientnet":
        return efficientnets(N_CLASSES, widths=[60, 200], **EFFICIENTNET | changes)
    return load(LEARNERS[name].path)(N_CLASSES, **OPTIONS[name])


def images(purpose, n):
    """Noisy images of three of four classes, each bright in other rows: flips change no class."""
    rng = stream(purpose)
    y = np.resize(SEEN, n).astype(np.int64)
    X = 0.5 * rng.standard_normal((n, *SHAPE))
    for image, label in zip(X, y, strict=True):
        image[2 * label : 2 * label + 2] += 2
    return X.astype(np.float32), y


TRAIN, TEST = images("train", 96), images("test", 45)


def fitted(name, **key):
    """A ladder that is trained briefly, if it is a slow one."""
    brief = {"epochs": 2} if name == "efficientnet" else {}
    return make(name, **brief).fit(*TRAIN, Streams(dataset="toy", step=0, model=name, **key))


@pytest.fixture(scope="module", params=[*LEARNERS, "efficientnet"])
def name(request):
    return request.param


@pytest.fixture(scope="module")
def ladder(name):
    """A trained ladder."""
    return make(name).fit(*TRAIN, Streams(dataset="toy", step=0, model=name, realisation=0))


@pytest.fixture(scope="module")
def brief(name):
    return fitted(name, realisation=0)


def test_predictions_are_labels_of_every_size_and_sample(ladder):
    predicted = ladder.predict(TEST[0])
    assert predicted.shape == (len(ladder.sizes), len(TEST[0])) == (2, 45)
    assert predicted.dtype.kind == "i"


def test_what_can_be_learnt_is_learnt(ladder):
    assert (ladder.predict(TEST[0])[1] == TEST[1]).mean() > 0.8


def test_no_class_is_predicted_that_was_never_seen(ladder):
    assert set(np.unique(ladder.predict(TEST[0]))) <= set(SEEN)


def test_a_sample_is_classified_alike_alone_and_among_others(ladder):
    together = ladder.predict(TEST[0])
    alone = np.concatenate([ladder.predict(TEST[0][i : i + 1]) for i in range(10)], axis=1)
    np.testing.assert_array_equal(alone, together[:, :10])


def arrays(ladder):
    """All trained numbers of each size, found where each engine keeps them."""
    if isinstance(ladder, OneByOne):
        for learner in ladder.learners:
            if isinstance(learner.network, torch.nn.Module):
                yield [p.detach().numpy() for p in learner.network.parameters()]
            else:
                yield learner.network.coefs_ + learner.network.intercepts_
    else:
        for coefs, intercepts in zip(ladder.coefs_, ladder.intercepts_, strict=True):
            yield coefs + intercepts


def test_parameters_are_as_many_as_the_trained_arrays_hold(ladder):
    counted = [sum(part.size for part in parts) for parts in arrays(ladder)]
    assert np.asarray(ladder.n_parameters).tolist() == counted
    assert counted[0] < counted[1]


def test_the_same_streams_give_the_same_bits(name, brief):
    """Whatever the state of global generators; samples and labels stay as they were."""
    X, y = TRAIN[0].copy(), TRAIN[1].copy()
    np.random.seed(5)  # noqa: NPY002
    torch.manual_seed(5)
    again = fitted(name, realisation=0)
    for one, other in zip(arrays(brief), arrays(again), strict=True):
        assert [part.tobytes() for part in one] == [part.tobytes() for part in other]
    np.testing.assert_array_equal(again.predict(TEST[0]), brief.predict(TEST[0]))
    np.testing.assert_array_equal(TRAIN[0], X)
    np.testing.assert_array_equal(TRAIN[1], y)


def test_another_realisation_gives_other_networks(name, brief):
    for one, other in zip(arrays(brief), arrays(fitted(name, realisation=1)), strict=True):
        assert not np.array_equal(one[0], other[0])


def test_cost_and_history_have_one_entry_for_each_size(ladder):
    assert ladder.cpu_seconds_.shape == (2,) and (ladder.cpu_seconds_ >= 0).all()
    if hasattr(ladder, "loss_curve_"):
        lengths = [len(curve) for curve in ladder.loss_curve_]
        assert len(lengths) == 2 and all(0 < n <= ladder.max_iter for n in lengths)
        assert all(curve[-1] < curve[0] for curve in ladder.loss_curve_)
    if hasattr(ladder, "stop_reason_"):
        assert all(STOP_REASONS[reason] for reason in ladder.stop_reason_)
        assert len(ladder.stop_reason_) == 2


def test_packed_integers_are_decoded_to_what_they_stand_for(name):
    """A ladder that reads them gives the very bits that it gives for the decoded samples."""
    ladder = make(name)
    if not ladder.reads_packed:
        assert isinstance(ladder, OneByOne)
        return
    scale, (X, y) = np.float32(0.05), TRAIN
    packed = np.rint(X / scale).astype(np.int8)
    rng = Streams(realisation=0)
    ladder.fit(packed, y, rng, scale=scale)
    decoded = make(name).fit(packed.astype(np.float32) * scale, y, rng)
    np.testing.assert_array_equal(ladder.coefs_[0][0], decoded.coefs_[0][0])
    np.testing.assert_array_equal(
        ladder.predict(packed), decoded.predict(packed.astype(np.float32) * scale)
    )


def test_streams_are_functions_of_key_purpose_and_coordinates():
    rng = Streams(dataset="toy", step=3, realisation=1)
    expected = stream("init", dataset="toy", step=3, realisation=1, size=4).random(5)
    np.testing.assert_array_equal(rng("init", size=4).random(5), expected)
    shared = stream("init", realisation=1, size=4).random(5)
    np.testing.assert_array_equal(rng.without("dataset", "step")("init", size=4).random(5), shared)
