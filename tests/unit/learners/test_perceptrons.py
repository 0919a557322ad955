"""The ladder engine against scikit-learn, against finite differences, and against itself."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from netphase.learners import perceptron_kernels
from netphase.learners.perceptrons import STOP_REASONS, MLPLadder, Parameters
from netphase.streams import stream


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    train, test, y_train, y_test = train_test_split(X, y, test_size=360, stratify=y, random_state=0)
    mean, deviation = train.mean(), train.std()
    return (train - mean) / deviation, y_train, (test - mean) / deviation, y_test


def reference(X, y, h, seed, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return MLPClassifier((h,), random_state=seed, **options).fit(X, y)


def ours(X, y, h, seed, dtype, **options):
    rng = np.random.RandomState(seed)
    ladder = MLPLadder([h], dtype=dtype, **options)
    return ladder.fit(np.ascontiguousarray(X, dtype), y, init=[rng], order=rng)


@pytest.mark.parametrize("h", [2, 16, 128])
def test_double_precision_repeats_scikit_learn(digits, h):
    """Same draws, a partial last batch, up to 200 epochs: the same network to rounding."""
    X, y, X_test, _ = digits
    expected, ladder = reference(X, y, h, seed=3), ours(X, y, h, seed=3, dtype="float64")
    assert ladder.n_iter_ == [expected.n_iter_]
    np.testing.assert_allclose(ladder.loss_curve_[0], expected.loss_curve_, rtol=0, atol=1e-12)
    for got, want in zip(
        ladder.coefs_[0] + ladder.intercepts_[0],
        expected.coefs_ + expected.intercepts_,
        strict=True,
    ):
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-11)
    assert np.array_equal(ladder.predict(X_test)[0], expected.predict(X_test))


@pytest.mark.parametrize("h", [2, 16, 128])
def test_single_precision_stays_within_rounding_of_scikit_learn(digits, h):
    X, y, X_test, _ = digits
    expected, ladder = reference(X, y, h, seed=3), ours(X, y, h, seed=3, dtype="float32")
    steps_per_epoch = -(-len(X) // 200)
    first_300 = 300 // steps_per_epoch
    difference = np.abs(
        np.subtract(ladder.loss_curve_[0][:first_300], expected.loss_curve_[:first_300])
    )
    assert difference.max() < 1e-5
    assert ladder.n_iter_ == [expected.n_iter_]
    np.testing.assert_allclose(ladder.loss_curve_[0], expected.loss_curve_, rtol=0, atol=1e-4)
    assert np.array_equal(ladder.predict(X_test)[0], expected.predict(X_test))


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 1437, "max_iter": 20},
        {"batch_size": 5000, "max_iter": 20},
        {"batch_size": 7, "max_iter": 2},
        {"alpha": 1.0, "max_iter": 20},
        {"tol": 0.05, "n_iter_no_change": 2, "max_iter": 100},
    ],
)
def test_options_mean_what_they_mean_to_scikit_learn(digits, options):
    X, y, _, _ = digits
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Got `batch_size`")
        expected = reference(X, y, 8, seed=1, **options)
    ladder = ours(X, y, 8, seed=1, dtype="float64", **options)
    assert ladder.n_iter_ == [expected.n_iter_]
    np.testing.assert_allclose(ladder.loss_curve_[0], expected.loss_curve_, rtol=0, atol=1e-12)


def test_stop_reasons(digits):
    X, y, _, _ = digits
    stopped = ours(X, y, 8, seed=1, dtype="float32", tol=0.05, n_iter_no_change=2)
    assert STOP_REASONS[stopped.stop_reason_[0]] == "tol" and stopped.n_iter_[0] < 200
    ran_out = ours(X, y, 8, seed=1, dtype="float32", max_iter=5)
    assert STOP_REASONS[ran_out.stop_reason_[0]] == "max_iter" and ran_out.n_iter_ == [5]


def ladder_of(X, y, hidden, dtype="float64", **options):
    return MLPLadder(hidden, dtype=dtype, **options).fit(
        np.ascontiguousarray(X, dtype),
        y,
        init=[stream("init", hidden=h) for h in hidden],
        order=stream("shuffle"),
    )


def test_a_size_does_not_notice_the_others_nor_their_stopping(digits):
    """Sizes that stop early are cut out of the matrices; the rest go on as if alone."""
    X, y, _, _ = digits
    options = {"tol": 5e-3, "max_iter": 120}
    together = ladder_of(X, y, [3, 20, 50], **options)
    assert len(set(together.n_iter_)) == 3, "the test needs three different stops"
    for k, h in enumerate([3, 20, 50]):
        alone = ladder_of(X, y, [h], **options)
        assert alone.n_iter_[0] == together.n_iter_[k]
        np.testing.assert_allclose(alone.loss_curve_[0], together.loss_curve_[k], atol=1e-10)
        np.testing.assert_allclose(alone.coefs_[0][0], together.coefs_[k][0], atol=1e-9)


def test_compaction_copies_the_survivors_bit_for_bit():
    p = Parameters([3, 20, 5], 7, 4, np.dtype(np.float32))
    for flat in (p.theta, p.m, p.v):
        for k in range(3):
            for block in p.blocks(flat, k):
                block[...] = stream("blocks", k=k).random(block.shape)
    fewer = p.keep([0, 2])
    for new, old in ((fewer.theta, p.theta), (fewer.m, p.m), (fewer.v, p.v)):
        for position, k in enumerate([0, 2]):
            for a, b in zip(fewer.blocks(new, position), p.blocks(old, k), strict=True):
                assert np.array_equal(a, b)


def test_packed_input_trains_like_its_decoded_values(digits):
    X, y, X_test, _ = digits
    scale = np.float32(0.048)
    packed = np.clip(np.rint(X / scale), -127, 127).astype(np.int8)
    rng = [np.random.RandomState(0) for _ in range(2)]
    a = MLPLadder([16], max_iter=30).fit(packed, y, init=rng[:1], order=rng[0], scale=scale)
    b = MLPLadder([16], max_iter=30).fit(packed * scale, y, init=rng[1:], order=rng[1])
    assert a.loss_curve_ == b.loss_curve_
    assert np.array_equal(a.predict(packed), b.predict(packed * scale))


def test_same_streams_same_bits(digits):
    X, y, _, _ = digits
    a, b = (ladder_of(X, y, [2, 16], dtype="float32", max_iter=20) for _ in range(2))
    for k in range(2):
        assert a.loss_curve_[k] == b.loss_curve_[k]
        assert np.array_equal(a.coefs_[k][0], b.coefs_[k][0])


def test_a_step_against_finite_differences():
    """Adam's first step moves every weight by the learning rate against its gradient's sign."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 5)), rng.integers(0, 3, 40)
    rate = 1e-6
    state = np.random.RandomState(0)
    before = MLPLadder([4], dtype="float64", max_iter=0, batch_size=40)
    before.fit(X, y, init=[state], order=state)
    state = np.random.RandomState(0)
    after = MLPLadder([4], dtype="float64", max_iter=1, batch_size=40, learning_rate=rate)
    after.fit(X, y, init=[state], order=state)

    def loss(weights):
        W1, W2, b1, b2 = weights
        logits = np.maximum(X @ W1 + b1, 0) @ W2 + b2
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        penalty = 0.5 * 1e-4 * ((W1**2).sum() + (W2**2).sum()) / len(X)
        return -log_p[np.arange(len(y)), y].mean() + penalty

    weights = before.coefs_[0] + before.intercepts_[0]
    assert after.loss_curve_[0][0] == pytest.approx(loss(weights), rel=1e-12)
    for part, (old, new) in enumerate(
        zip(weights, after.coefs_[0] + after.intercepts_[0], strict=True)
    ):
        for place in np.ndindex(old.shape):
            gradient = 0.0
            for sign in (1, -1):
                moved = [w.copy() for w in weights]
                moved[part][place] += sign * 1e-6
                gradient += sign * loss(moved) / 2e-6
            if abs(gradient) > 1e-4:
                step = new[place] - old[place]
                assert step == pytest.approx(-rate * np.sign(gradient), rel=1e-3)


def test_divergence_shows_as_nan():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3)).astype(np.float32) * np.float32(1e30)
    y = rng.integers(0, 3, 200)
    ladder = MLPLadder([4], max_iter=3, learning_rate=1e30)
    ladder.fit(X, y, init=[rng], order=rng)
    assert not np.isfinite(ladder.loss_curve_[0][-1])


@pytest.mark.parametrize(
    ("X", "y", "n_init", "message"),
    [
        (np.zeros((4, 2)), np.zeros(3, int), 1, "one label per row"),
        (np.zeros((4, 2)), np.zeros(4, int), 2, "one stream per hidden size"),
        (np.zeros((4, 2)), np.array([0, 1, 2, 5]), 1, "labels must lie in 0 .. 2"),
        (np.zeros((2, 4)).T, np.zeros(4, int), 1, "C-contiguous"),
    ],
)
def test_what_does_not_fit_together_is_refused(X, y, n_init, message):
    with pytest.raises(ValueError, match=message):
        MLPLadder([2]).fit(X, y, init=[None] * n_init, order=None, n_classes=3)


ONE_FIT = """
import hashlib
import numpy as np
from netphase.learners.perceptrons import MLPLadder

rng = np.random.default_rng(0)
X, y = rng.standard_normal((410, 20)).astype(np.float32), rng.integers(0, 3, 410)
ladder = MLPLadder([2, 16], max_iter=5).fit(X, y, init=[rng, rng], order=rng)
weights = b"".join(part.tobytes() for coefs in ladder.coefs_ for part in coefs)
print(hashlib.sha256(weights + np.array(ladder.loss_curve_).tobytes()).hexdigest())
"""


def test_bits_do_not_depend_on_what_was_compiled_before(tmp_path):
    """Jobs that start together find numba's cache in any state between empty and complete."""

    def fit(hash_seed):
        environment = os.environ | {
            "NUMBA_CACHE_DIR": str(tmp_path),
            "PYTHONHASHSEED": str(hash_seed),
            "PYTHONPATH": str(Path(perceptron_kernels.__file__).parents[2]),
        }
        run = [sys.executable, "-c", ONE_FIT]
        return subprocess.run(run, env=environment, capture_output=True, text=True, check=True)

    digests = {fit(hash_seed=0).stdout}
    for kernel in ("second_layers", "adam"):
        for entry in tmp_path.rglob(f"*{kernel}*"):
            entry.unlink()
        digests.add(fit(hash_seed=1).stdout)
    assert len(digests) == 1
