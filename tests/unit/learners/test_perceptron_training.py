"""A training job: what it records, and that no realisation depends on its neighbours."""

import numpy as np
import pytest
import xarray as xr

from netphase.learners.perceptron_training import n_parameters, train_ladder
from netphase.learners.perceptrons import MLPLadder
from netphase.noise import cubes
from netphase.noise.schedule import levels
from netphase.streams import stream

MODEL = {
    "hidden": [2, 5],
    "engine": "wide",
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
    return train_ladder(
        noised, dataset="toy", name="mlp", model=MODEL | changes, realisations=list(realisations)
    )


@pytest.mark.parametrize("engine", ["wide", "sklearn"])
def test_a_run_carries_its_coordinates_and_consistent_counts(noised, engine):
    run, cost = train(noised, engine=engine)
    assert dict(run.sizes) == {
        "dataset": 1, "model": 1, "size": 2, "step": 1, "realisation": 3, "split": 2, "epoch": 15,
    }  # fmt: skip
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


def test_number_of_parameters_counts_the_arrays():
    rng = np.random.default_rng(0)
    ladder = MLPLadder([3, 7], max_iter=0)
    ladder.fit(np.zeros((4, 11), np.float32), np.arange(4), init=[rng, rng], order=rng)
    counted = [
        sum(part.size for part in ladder.coefs_[k] + ladder.intercepts_[k]) for k in range(2)
    ]
    assert n_parameters(np.array([3, 7]), 11, 4).tolist() == counted
