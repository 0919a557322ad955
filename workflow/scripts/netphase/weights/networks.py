"""Networks of binary weights, trained through the mean and the variance of each weight.

P(w = 1) = sigma(theta), so that mu = tanh(theta / 2) and the variance is 1 - mu^2. A unit sees the
sum of many weights and is given a Gaussian of the same mean and variance, drawn anew for every
sample (local reparametrisation; Zou & Huang 2021, eqs. 1 to 6):

    z_i = sum_j mu_ij a_j + eps_i sqrt(sum_j (1 - mu_ij^2) a_j^2),
    a_i = LeakyReLU(z_i) / sqrt(fan-in of its own layer), slope 0.1; the outputs are z themselves.

The loss is the cross-entropy of their softmax, plus penalty / 2 sum theta^2. No unit has a bias.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from netphase.weights import kernels
from netphase.weights.kernels import LANES, NORMALS, ROWS
from netphase.weights.symmetry import blocks

START_DEVIATION = 0.1
FROZEN = 10.0
"""|theta| of a frozen weight, which all but never differs from its sign."""


class Trained(NamedTuple):
    """theta (networks, weights), and the loss of every step (networks, steps)."""

    theta: np.ndarray
    losses: np.ndarray


class Engine:
    """Buffers of one architecture and batch size, in which one network after another is trained.

    Parameters
    ----------
    layers : numbers of units, inputs and classes included
    batch_size : a multiple of 16
    dtype : of all arithmetic
    """

    def __init__(self, layers: Sequence[int], batch_size: int, dtype: type = np.float32) -> None:
        if batch_size % ROWS:
            raise ValueError(f"the batch size is {batch_size}, not a multiple of {ROWS}")
        self.layers, self.batch_size, self.dtype = tuple(layers), batch_size, np.dtype(dtype)
        widths = np.array(layers)
        strides = -(-widths // LANES) * LANES
        at_units = np.insert(np.cumsum(batch_size * strides), 0, 0)[:-1]
        # A tile of the gradient has ROWS rows, of inputs.
        sizes = strides[1:] * strides[:-1]
        at_weights = np.insert(np.cumsum(sizes), 0, 0)[:-1]
        self.layout = (widths, strides, at_units, at_weights)
        n_units, n_weights = int((batch_size * strides).sum()), int(sizes.sum())
        self.places = np.concatenate(
            [
                (at + np.arange(rows)[:, np.newaxis] + np.arange(columns) * stride).ravel()
                for at, rows, columns, stride in zip(
                    at_weights, widths[1:], widths[:-1], strides[1:], strict=True
                )
            ]
        )
        self.mask, *rest = _from_cache_lines(7, n_weights, self.dtype)
        self.mask[self.places] = 1
        self.mu, self.var, slopes = (tuple(rest[k : k + 2]) for k in (0, 2, 4))
        self.buffers = _from_cache_lines(9, n_units, self.dtype)
        hidden = n_units - int(batch_size * strides[0])
        self.work = (
            *slopes,
            np.zeros(hidden, np.uint16),
            np.zeros(batch_size, np.int64),
        )
        quantiles = ndtri((np.arange(NORMALS) + 0.5) / NORMALS)
        self.table = (quantiles / quantiles.std()).astype(self.dtype)

    @property
    def n_weights(self) -> int:
        return len(self.places)

    def pad(self, inputs: np.ndarray) -> np.ndarray:
        """Inputs (samples, inputs) with zeros up to a whole number of vectors, unless they are."""
        stride = self.layout[1][0]
        if inputs.shape[1] == stride and inputs.dtype == self.dtype:
            return inputs
        padded = np.zeros((len(inputs), stride), self.dtype)
        padded[:, : inputs.shape[1]] = inputs
        return padded

    def train(
        self,
        inputs: np.ndarray,
        labels: np.ndarray,
        rates: np.ndarray,
        generators: Sequence[np.random.Generator],
        penalty: float = 1e-5,
    ) -> Trained:
        """Train one network for each generator, on minibatches drawn with replacement.

        Parameters
        ----------
        inputs, labels : (samples, inputs) and (samples,)
        rates : (steps,), Adam's learning rate
        generators : each determines a network entirely
        """
        theta = np.zeros((len(generators), self.n_weights), self.dtype)
        losses = np.empty((len(generators), len(rates)), np.float32)
        for k, rng in enumerate(generators):
            (trained,) = self.course(inputs, labels, rates, rng, [len(rates)], penalty)
            theta[k], losses[k] = trained
        return Trained(theta, losses)

    def course(
        self,
        inputs: np.ndarray,
        labels: np.ndarray,
        rates: np.ndarray,
        rng: np.random.Generator,
        marks: Iterable[int],
        penalty: float = 1e-5,
        *,
        frozen: str | None = None,
        redraw: bool = False,
    ) -> Iterator[Trained]:
        """Yield the states of one network during training: theta (weights,), losses since the last.

        Parameters
        ----------
        inputs, labels, rates, penalty : as for `train`
        rng : determines the network; the marks do not
        marks : numbers of training steps after which a state is yielded, ascending
        frozen : block (`netphase.weights.symmetry.blocks`) whose weights are not trained, but
            FROZEN at random signs, as Zou & Huang (2021) did with the interior
        redraw : whether new signs are drawn after each mark
        """
        images, labels = self.pad(inputs), labels.astype(np.int64)
        own = np.zeros_like(self.mask)
        own[self.places] = rng.normal(0, START_DEVIATION, self.n_weights)
        start = rng.integers(1 << 64, dtype=np.uint64)
        held, ends = np.empty(0, int), (0, 0)
        if frozen is not None:
            held = self.places[blocks(self.layers)[frozen]]
            # Whole layers, so that only padding lies between them.
            ends = (int(held.min()), int(held.max()) + 1)
        averages = (np.zeros_like(own), np.zeros_like(own))
        done = 0
        for k, mark in enumerate(marks):
            if redraw or k == 0:
                own[held] = FROZEN * rng.choice([-1, 1], len(held))
            losses = kernels.train(
                self.layout, images, labels, own, self.mask, rates[done:mark], done, ends, penalty,
                self.batch_size, start, self.table, self.mu, self.var, self.buffers, averages,
                self.work,
            )  # fmt: skip
            done = mark
            yield Trained(own[self.places], losses)

    def accuracy(self, weights: np.ndarray, inputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Share of the samples that networks of weights (networks, n) classify correctly.

        Parameters
        ----------
        weights : (networks, n), any numbers, in the flat order of `netphase.weights.symmetry`
        """
        n, n_batch = len(inputs), self.batch_size
        whole = -(-n // n_batch) * n_batch
        images, truth = np.zeros((whole, self.layout[1][0]), self.dtype), np.full(whole, -1)
        images[:n, : inputs.shape[1]], truth[:n] = inputs, labels
        own, right = np.zeros_like(self.mask), np.empty(len(weights))
        for k, w in enumerate(weights):
            own[self.places] = w
            right[k] = kernels.count_right(
                self.layout, images.ravel(), truth, own, n_batch, self.buffers[0], self.buffers[2]
            )
        return right / n

    def sample(
        self,
        theta: np.ndarray,
        inputs: np.ndarray,
        labels: np.ndarray,
        n_draws: int,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, float, float]:
        """Draw binary weights from one theta (n,); the best, its accuracy and the mean accuracy.

        The best is chosen by the given samples, which are therefore no test samples.
        """
        draws = draw(theta, n_draws, rng)
        accuracies = self.accuracy(draws, inputs, labels)
        best = int(accuracies.argmax())
        return draws[best], float(accuracies[best]), float(accuracies.mean())


def _from_cache_lines(count: int, size: int, dtype: np.dtype) -> tuple[np.ndarray, ...]:
    """Zeros (count arrays of `size`), each from the start of a cache line, none a page apart."""
    line, apart = 64 // dtype.itemsize, 7
    step = (-(-size // line) + apart) * line
    memory = np.zeros(count * step + line, dtype)
    start = -memory.ctypes.data % 64 // dtype.itemsize
    return tuple(memory[start + k * step :][:size] for k in range(count))


def draw(theta: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Binary weights (draws, n) int8 of P(w = 1) = sigma(theta)."""
    positive = rng.random((n_draws, len(theta))) < 1 / (1 + np.exp(-theta))
    return np.where(positive, np.int8(1), np.int8(-1))
