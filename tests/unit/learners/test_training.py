"""A training job: its record, and the independence of its realisations."""

import numpy as np
import pytest
import xarray as xr

from netphase.errors import InputError
from netphase.jobs.imports import load
from netphase.learners.contract import OneByOne
from netphase.learners.registry import LEARNERS
from netphase.learners.training import train_ladder
from netphase.noise import cubes
from netphase.noise.schedule import levels
from netphase.streams import stream

MODEL = {
    "hidden": [2, 5],
    "learner": "perceptron",
    "dtype": "float32",
    "max_iter": 15,
    "batch_size": 50,
    "learning_rate": 1e-2,
    "alpha": 1e-4,
    "tol": 1e-4,
    "n_iter_no_change": 10,
}
N_TRAIN, N_TEST = 300, 60


@pytest.fixture(scope="module")
def noised():
    """Three classes of constant images, far apart, at weak noise: easy to learn."""
    rng = stream("images of this test")
    label = rng.permutation(np.arange(N_TRAIN + N_TEST) % 3).astype(np.int16)
    image = (label[:, None, None] * 100 + rng.integers(0, 50, (label.size, 3, 3))).astype(np.uint8)
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x"), image),
            "label": ("sample", label),
            "split": (
                "sample",
                (np.arange(label.size) >= N_TRAIN).astype(np.int8),
                {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "train test"},
            ),
        }
    )
    (level,) = levels([300], beta_first=1e-4, beta_last=0.02, n_steps=3000)
    return cubes.build(dataset, "toy", level, [0, 1, 2])


def train(noised, realisations=(0, 1, 2), **changes):
    model = MODEL | changes
    shipped = LEARNERS[model["learner"]]
    return train_ladder(
        noised,
        dataset="toy",
        name="mlp",
        model=model,
        make=load(shipped.path),
        size_name=shipped.size_name,
        realisations=list(realisations),
    )


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_run_carries_its_coordinates_and_consistent_counts(noised, learner):
    run, cost = train(noised, learner=learner)
    assert dict(run.sizes) == {
        "dataset": 1, "model": 1, "size": 2, "step": 1, "realisation": 3, "split": 2, "epoch": 15,
    }  # fmt: skip
    assert (run.protocol, run.learner) == ("trained_at_each_level", learner)
    assert run["size"].long_name == "hidden units"
    assert run["kappa"].item() == float(noised["kappa"])
    assert run["n_samples"].values.tolist() == [[N_TRAIN, N_TEST]]
    assert run["n_parameters"].values.tolist() == [[[2 * 9 + 2 + 2 * 3 + 3, 5 * 9 + 5 + 5 * 3 + 3]]]
    np.testing.assert_allclose(run["accuracy"], run["n_correct"] / run["n_samples"])
    curves = run["loss_curve"].squeeze()
    assert np.array_equal(np.isfinite(curves).sum("epoch"), run["epochs"].squeeze())
    last = curves.isel(epoch=run["epochs"].squeeze() - 1)
    np.testing.assert_array_equal(last, run["final_loss"].squeeze())
    assert (cost["cpu_seconds"] >= 0).all()
    assert run["accuracy"].sel(size=5, split="test").min() > 0.8


def test_a_chunk_gives_the_bits_of_its_realisations_alone(noised):
    chunk, _ = train(noised)
    alone, _ = train(noised, [1])
    xr.testing.assert_identical(chunk.sel(realisation=[1]), alone)


def test_realisations_differ(noised):
    run, _ = train(noised)
    first, second = (run["loss_curve"].sel(realisation=r).values for r in (0, 1))
    assert not np.array_equal(first, second)


def test_a_size_starts_from_its_own_stream(noised):
    ladder, _ = train(noised, max_iter=1)
    alone, _ = train(noised, hidden=[5], max_iter=1)
    np.testing.assert_allclose(ladder["final_loss"].sel(size=[5]), alone["final_loss"], rtol=1e-5)


class Nearest:
    """The class of the nearest mean image, times a factor that only a faulty learner has not 1."""

    def __init__(self, factor):
        self.factor = factor

    def fit(self, X, y, rng):
        assert X.dtype == np.float32 and X.shape[1:] == (3, 3)
        self.means = np.stack([X[y == label].mean(axis=0) for label in range(y.max() + 1)])
        self.n_parameters = self.means.size
        return self

    def predict(self, X):
        distances = np.square(X[:, None] - self.means).sum(axis=(2, 3))
        return distances.argmin(axis=1) * self.factor


def nearest(n_classes, *, factors):
    return OneByOne({k: Nearest(factor) for k, factor in enumerate(factors)})


def train_nearest(noised, *factors):
    model = {"learner": "nearest", "factors": list(factors)}
    return train_ladder(
        noised, dataset="toy", name="mine", model=model, make=nearest, size_name="models",
        realisations=[2],
    )  # fmt: skip


def test_a_learner_without_epochs_has_scores_and_no_learning_curves(noised):
    run, cost = train_nearest(noised, 1, 1)
    assert run["accuracy"].sel(split="test").min() > 0.9
    assert set(run) == {"accuracy", "precision", "recall", "f1", "n_correct"}
    assert (run["n_parameters"] == 3 * 9).all() and run["size"].long_name == "models"
    assert cost["cpu_seconds"].shape == (1, 1, 2, 1, 1)


@pytest.mark.parametrize(
    ("factor", "named"), [(2, r"labels outside 0 \.\.\. 2"), (1.0, "predicts float64")]
)
def test_predictions_that_are_no_labels_are_refused(noised, factor, named):
    with pytest.raises(InputError, match=f"^mine: .*{named}"):
        train_nearest(noised, 1, factor)
