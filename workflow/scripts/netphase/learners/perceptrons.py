"""One-hidden-layer perceptrons of many sizes, trained side by side with scikit-learn's semantics.

All sizes of a ladder read the same minibatch, so their first layers are one matrix and both of
its products are single large GEMMs; netphase.learners.perceptron_kernels does the rest.
"""

import logging
import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from netphase.jobs.progress import Progress
from netphase.learners import perceptron_kernels as kernels
from netphase.learners.contract import STOP_REASONS, Streams

ALIGNMENT = 16
PREDICT_ROWS = 2000

log = logging.getLogger(__name__)


def _aligned(n):
    return -(-n // ALIGNMENT) * ALIGNMENT


class Parameters:
    """Weights, Adam moments and gradient of some sizes, each a flat array (W1 | W2 | b1 | b2).

    W1 : (units, features) and W2 of each size : (outputs, hidden), padded with zero rows to
    multiples that the GEMM kernels like; b1 : (units,), b2 : (sizes, classes).

    Parameters
    ----------
    sizes : hidden units of each network
    n_features, n_classes : numbers of inputs and outputs, the same for all sizes
    dtype : of all four arrays

    Attributes
    ----------
    theta, m, v, grad : weights, first and second moments, gradient; zeros at first
    units, n_outputs : all hidden units; classes with their padding
    places : where W2, b1 and b2 begin in each array
    """

    def __init__(self, sizes, n_features, n_classes, dtype):
        self.sizes = np.asarray(sizes, np.int64)
        self.n_features, self.n_classes = n_features, n_classes
        self.units = int(self.sizes.sum())
        self.n_outputs = _aligned(n_classes)
        start_2 = _aligned(self.units) * n_features
        start_b1 = start_2 + self.units * self.n_outputs
        start_b2 = start_b1 + self.units
        self.places = (start_2, start_b1, start_b2)
        total = start_b2 + len(self.sizes) * n_classes
        self.theta, self.m, self.v, self.grad = (np.zeros(total, dtype) for _ in range(4))

    def first_layer(self, flat):
        """View W1 of all sizes, (units with their padding, features)."""
        return flat[: self.places[0]].reshape(-1, self.n_features)

    def blocks(self, flat, k):
        """Views (W1, W2, b1, b2) of size k: (h, features), (classes, h), (h,), (classes,)."""
        h = int(self.sizes[k])
        unit = int(self.sizes[:k].sum())
        start_2, start_b1, start_b2 = self.places
        place_2 = start_2 + unit * self.n_outputs
        place_b2 = start_b2 + k * self.n_classes
        return (
            self.first_layer(flat)[unit : unit + h],
            flat[place_2 : place_2 + h * self.n_outputs].reshape(-1, h)[: self.n_classes],
            flat[start_b1 + unit : start_b1 + unit + h],
            flat[place_b2 : place_b2 + self.n_classes],
        )

    def keep(self, kept):
        """The chosen sizes alone, with their moments, in new contiguous arrays."""
        fewer = Parameters(self.sizes[kept], self.n_features, self.n_classes, self.theta.dtype)
        for name in ("theta", "m", "v"):
            old, new = getattr(self, name), getattr(fewer, name)
            for position, k in enumerate(kept):
                targets, sources = fewer.blocks(new, position), self.blocks(old, k)
                for target, source in zip(targets, sources, strict=True):
                    target[...] = source
        return fewer


class MLPLadder:
    """A ladder of D-h-C classifiers (ReLU, softmax, Adam), one for each hidden size.

    Training follows sklearn.neural_network.MLPClassifier step by step (its defaults are ours): the
    same initial distribution and order of draws, minibatches with a shorter last one, L2 penalty
    alpha/batch on the weights, Adam with epsilon outside the bias correction, and the stop after
    more than `n_iter_no_change` epochs without a gain of `tol` in training loss. Two classes also
    get a softmax, where scikit-learn uses one logistic output. Source: Seidler & Abel (2024) train
    this model with scikit-learn.

    Parameters
    ----------
    hidden : hidden sizes, each at least 1
    dtype : float32 or float64, of all parameters and sums except the losses (float64)

    Attributes
    ----------
    coefs_, intercepts_ : per size, [W1 (D, h), W2 (h, C)] and [b1 (h,), b2 (C,)]
    loss_curve_ : per size, mean training loss of each epoch
    n_iter_, stop_reason_ : per size, epochs done and index into STOP_REASONS
    cpu_seconds_ : (sizes,) process CPU seconds; an epoch is shared out by floating-point operations
    """

    def __init__(
        self,
        hidden: Sequence[int],
        *,
        max_iter: int = 200,
        batch_size: int = 200,
        learning_rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        alpha: float = 1e-4,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        dtype: str = "float32",
    ):
        self.hidden = list(hidden)
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.constants = (learning_rate, beta_1, beta_2, epsilon, alpha)
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.dtype = np.dtype(dtype)

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        *,
        init: Sequence[np.random.Generator | np.random.RandomState],
        order: np.random.Generator | np.random.RandomState,
        scale: float = 1.0,
        n_classes: int | None = None,
        progress: Callable[[int, np.ndarray], None] | None = None,
    ) -> "MLPLadder":
        """Train every size on the same minibatches.

        In one piece, since the loop over the epochs and its stopping rule share all their state.

        Parameters
        ----------
        X : (samples, features), C-contiguous; the network sees scale * X, so X may be packed int8
        y : (samples,) integers 0 .. n_classes - 1
        init : one stream per size, for its initial weights
        order : stream of the shuffles; the very same RandomState as init[0] gives, for one size,
            the draws of MLPClassifier(random_state=...)
        progress : called after each epoch with its number and the losses of the sizes still running

        Raises
        ------
        ValueError : shapes, labels or streams that do not fit together
        """
        n, n_features = X.shape
        self.n_classes_ = int(y.max()) + 1 if n_classes is None else n_classes
        if y.shape != (n,) or len(init) != len(self.hidden):
            raise ValueError("y needs one label per row of X, init one stream per hidden size")
        if y.min() < 0 or y.max() >= self.n_classes_:
            raise ValueError(f"labels must lie in 0 .. {self.n_classes_ - 1}")
        if not X.flags.c_contiguous:
            raise ValueError("X must be C-contiguous")
        self.scale = self.dtype.type(scale)
        y = y.astype(np.int32)
        K = len(self.hidden)
        self.coefs_, self.intercepts_ = [None] * K, [None] * K
        self.loss_curve_ = [[] for _ in range(K)]
        self.n_iter_, self.stop_reason_ = [0] * K, [STOP_REASONS.index("max_iter")] * K
        self.cpu_seconds_ = np.zeros(K)

        parameters = Parameters(self.hidden, n_features, self.n_classes_, self.dtype)
        self._initialise(parameters, init)
        best, stalled = np.full(K, np.inf), np.zeros(K, int)
        running = list(range(K))
        permutation = np.arange(n)
        step = 0
        for epoch in range(self.max_iter):
            start = time.process_time()
            draw = np.arange(n)
            order.shuffle(draw)
            permutation = permutation[draw]
            losses, step = self._epoch(X, y, permutation, parameters, step)
            work = parameters.sizes / parameters.units
            self.cpu_seconds_[running] += (time.process_time() - start) * work
            for k, loss in zip(running, losses, strict=True):
                self.loss_curve_[k].append(float(loss))
                self.n_iter_[k] = epoch + 1
                stalled[k] = stalled[k] + 1 if loss > best[k] - self.tol else 0
                best[k] = min(best[k], loss)
            if progress is not None:
                progress(epoch + 1, losses)
            stopped = [k for k in running if stalled[k] > self.n_iter_no_change]
            if stopped:
                self._store(parameters, running, stopped)
                for k in stopped:
                    self.stop_reason_[k] = STOP_REASONS.index("tol")
                kept = [i for i, k in enumerate(running) if k not in stopped]
                running = [running[i] for i in kept]
                if not running:
                    break
                parameters = parameters.keep(kept)
        self._store(parameters, running, running)
        return self

    def _initialise(self, parameters, init):
        # scikit-learn draws W1, b1, W2, b2 in double precision, biases with the weights' bound.
        for k, rng in enumerate(init):
            W1, W2, b1, b2 = parameters.blocks(parameters.theta, k)
            for W, b in ((W1, b1), (W2, b2)):
                bound = math.sqrt(6.0 / sum(W.shape))
                W[...] = rng.uniform(-bound, bound, W.shape[::-1]).T
                b[...] = rng.uniform(-bound, bound, b.size)

    def _epoch(self, X, y, permutation, parameters, step):
        p = parameters
        n = len(permutation)
        W1, gradient_W1 = p.first_layer(p.theta), p.first_layer(p.grad)
        losses = np.zeros(len(p.sizes))
        batch = min(self.batch_size, n)
        buffers = self._buffers(p, batch)
        for first in range(0, n, batch):
            rows = permutation[first : first + batch]
            if len(rows) < batch:
                buffers = self._buffers(p, len(rows))
            Xb, A, dA, L, top, total = buffers
            kernels.gather(X, self.scale, rows, Xb)
            np.dot(W1, Xb.T, out=A)
            kernels.second_layers(
                A, dA, L, y[rows], p.theta, p.grad, p.sizes, p.n_classes, p.places,
                losses, top, total,
            )  # fmt: skip
            np.dot(dA, Xb, out=gradient_W1)
            step += 1
            kernels.adam(
                p.theta, p.grad, p.m, p.v, p.sizes, (p.n_features, p.n_outputs), p.places,
                len(rows), step, self.constants, losses,
            )  # fmt: skip
        return losses / n, step

    def _buffers(self, p, batch):
        return (
            np.empty((batch, p.n_features), self.dtype),
            np.empty((_aligned(p.units), batch), self.dtype),
            np.zeros((_aligned(p.units), batch), self.dtype),
            np.empty((p.n_outputs, batch), self.dtype),
            np.empty(batch, self.dtype),
            np.empty(batch, self.dtype),
        )

    def _store(self, parameters, running, finished):
        for k in finished:
            W1, W2, b1, b2 = parameters.blocks(parameters.theta, running.index(k))
            self.coefs_[k] = [W1.T.copy(), W2.T.copy()]
            self.intercepts_[k] = [b1.copy(), b2.copy()]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class, (sizes, samples), for rows packed like those of `fit`."""
        classes = np.empty((len(self.hidden), len(X)), np.int64)
        W1 = np.concatenate([coefs[0] for coefs in self.coefs_], axis=1)
        b1 = np.concatenate([intercepts[0] for intercepts in self.intercepts_])
        edges = np.cumsum([0, *self.hidden])
        for first in range(0, len(X), PREDICT_ROWS):
            rows = slice(first, first + PREDICT_ROWS)
            A = np.maximum(X[rows].astype(self.dtype) * self.scale @ W1 + b1, 0)
            for k, (_, W2) in enumerate(self.coefs_):
                logits = A[:, edges[k] : edges[k + 1]] @ W2 + self.intercepts_[k][1]
                classes[k, rows] = logits.argmax(axis=1)
        return classes


class Perceptrons(MLPLadder):
    """The ladder of perceptrons under the contract `netphase.learners.contract.Ladder`.

    Its initial weights are the same at every noise level of a realisation, and on all data sets of
    one shape: differences between levels are not those of other initial weights.

    Parameters
    ----------
    n_classes : classes of the outputs
    hidden, options : of `MLPLadder`
    """

    reads_packed = True

    def __init__(self, n_classes: int, *, hidden: Sequence[int], **options: float | str):
        super().__init__(hidden, **options)
        self.n_classes, self.sizes = n_classes, list(hidden)

    def fit(self, X: np.ndarray, y: np.ndarray, rng: Streams, scale: float = 1.0) -> "Perceptrons":
        shared, messages = rng.without("dataset", "step"), Progress(log)

        def progress(epoch, losses):
            messages.info(
                "epoch %d: %d sizes running, loss %s", epoch, len(losses), losses.round(4)
            )

        return super().fit(
            X.reshape(len(X), -1),
            y,
            init=[shared("init", hidden=h) for h in self.hidden],
            order=rng("shuffle"),
            scale=scale,
            n_classes=self.n_classes,
            progress=progress,
        )

    def predict(self, X: np.ndarray) -> np.ndarray:
        return super().predict(X.reshape(len(X), -1))

    @property
    def n_parameters(self) -> np.ndarray:
        """Weights and biases: h (D + 1) + C (h + 1) of h hidden units, D inputs and C classes."""
        n_features, hidden = len(self.coefs_[0][0]), np.asarray(self.hidden)
        return hidden * (n_features + 1) + self.n_classes * (hidden + 1)
