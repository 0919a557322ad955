"""The contract of learners: the interface by which a study trains and tests them.

A learner is trained by `fit` and tested by `predict`, as in scikit-learn; its random numbers come
from named streams alone. It knows nothing of noise, levels, data sets and files. Whoever adds one
writes a module with a factory `(n_classes, **options) -> Ladder`, names it in
`netphase.learners.registry.LEARNERS`, and describes its options in the schema.
"""

import time
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from netphase.streams import stream

STOP_REASONS = ("max_iter", "tol")


class Streams:
    """The named random streams of one training: `rng(purpose, **coordinates)` is a generator.

    Each is a pure function of its purpose and coordinates and of the key of the training, whatever
    else was drawn before it.

    Parameters
    ----------
    key : coordinates of the training: data set, diffusion step, realisation, ...
    """

    def __init__(self, **key: int | str):
        self.key = key

    def __call__(self, purpose: str, **coordinates: int | str) -> np.random.Generator:
        return stream(purpose, **self.key, **coordinates)

    def without(self, *names: str) -> "Streams":
        """Streams that trainings share which differ in these coordinates only."""
        return Streams(**{name: value for name, value in self.key.items() if name not in names})


class Learner(Protocol):
    """A classifier of one size.

    X : float32 (samples, *shape of one sample), zero mean and unit variance over the training
    samples of clean data; y : (samples,) integers 0 ... n_classes - 1, every class present. The
    factory is given n_classes and the options of the configuration. A job has one thread; the same
    X, y, rng and options give the same bits.

    Attributes
    ----------
    n_parameters : numbers that training sets, known after `fit`
    loss_curve_, max_iter, stop_reason_ : optional, of a learner that goes by epochs: the mean
        training loss of each, the most that there may be, and an index into STOP_REASONS
    """

    n_parameters: int

    def fit(self, X: np.ndarray, y: np.ndarray, rng: Streams) -> "Learner":
        """Train; all random numbers are draws of rng(purpose, ...), with the size in its name."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Labels (samples,), integers among those that `fit` was given."""


class Ladder(Protocol):
    """Learners of several sizes, trained on the same samples, all at once or one after another.

    Like `Learner`, but for an axis of sizes that comes first in all its results.

    Attributes
    ----------
    sizes : (sizes,) integers, ascending or not
    dtype : of the X that it wants
    reads_packed : whether X may come as integers of which the learner sees scale * X, scale being a
        keyword of `fit`: a minibatch at a time costs less memory to decode than all samples
    n_parameters : (sizes,)
    cpu_seconds_ : (sizes,) process CPU seconds of training
    loss_curve_, stop_reason_ : optional, of each size; with max_iter, the most epochs of any
    """

    sizes: list[int]
    dtype: np.dtype
    reads_packed: bool
    n_parameters: np.ndarray
    cpu_seconds_: np.ndarray

    def fit(self, X: np.ndarray, y: np.ndarray, rng: Streams) -> "Ladder":
        """Train every size."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Labels (sizes, samples)."""


class OneByOne:
    """The ladder of learners of one size each, trained one after another.

    Parameters
    ----------
    learners : one for each size
    dtype : of the X that they want
    """

    reads_packed = False

    def __init__(self, learners: Mapping[int, Learner], dtype: str = "float32"):
        self.sizes, self.learners = list(learners), list(learners.values())
        self.dtype = np.dtype(dtype)

    def fit(self, X: np.ndarray, y: np.ndarray, rng: Streams) -> "OneByOne":
        self.cpu_seconds_ = np.zeros(len(self.sizes))
        for k, learner in enumerate(self.learners):
            start = time.process_time()
            learner.fit(X, y, rng)
            self.cpu_seconds_[k] = time.process_time() - start
        for name in ("loss_curve_", "stop_reason_"):
            if all(hasattr(learner, name) for learner in self.learners):
                setattr(self, name, [getattr(learner, name) for learner in self.learners])
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.stack([learner.predict(X) for learner in self.learners])

    @property
    def n_parameters(self) -> np.ndarray:
        return np.array([learner.n_parameters for learner in self.learners])

    @property
    def max_iter(self) -> int:
        return max(learner.max_iter for learner in self.learners)
