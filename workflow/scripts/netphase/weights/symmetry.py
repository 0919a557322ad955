"""Moments of network weights, and their averages under the permutation symmetry.

The hidden units of a layer can be permuted without changing the output of a network. An ensemble of
independently trained networks is therefore invariant, and so are its exact moments: they take one
value on each orbit of weights, and of pairs of weights, under all permutations. The average over an
orbit has the statistics of many more networks (all orbits: 31 moments and 763 pair moments instead
of 675 and 227,475 for layers of 20, 15, 15 and 10 units).

Weights are counted layer by layer, each matrix (output, input) row by row: input to first hidden
layer, hidden layers, last hidden layer to output.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ROWS = 1 << 14


class Orbits(NamedTuple):
    """Numbers of the orbits of every weight (n,) and of every pair of weights (n, n).

    The diagonal of the pairs is -1: a weight with itself is no pair.
    """

    single: np.ndarray
    pair: np.ndarray

    def of(self, block: slice) -> "Orbits":
        """Orbits of the weights of a block alone, counted from 0."""
        pair = self.pair[block, block]
        single = np.unique(self.single[block], return_inverse=True)[1]
        inside = ~np.eye(len(pair), dtype=bool)
        numbered = np.full(pair.shape, -1)
        numbered[inside] = np.unique(pair[inside], return_inverse=True)[1]
        return Orbits(single, numbered)


def blocks(layers: Sequence[int]) -> dict[str, slice]:
    """Slices of the weights: boundaries and interior (Zou & Huang 2021), and the whole network."""
    sizes = [rows * columns for columns, rows in zip(layers, layers[1:], strict=False)]
    ends = np.cumsum(sizes).tolist()
    whole = {"full": slice(0, ends[-1])}
    if len(sizes) < 3:
        return whole
    return {
        "left_boundary": slice(0, ends[0]),
        "interior": slice(ends[0], ends[-2]),
        "right_boundary": slice(ends[-2], ends[-1]),
    } | whole


def orbits(layers: Sequence[int]) -> Orbits:
    """Orbits of weights and of pairs of weights under all permutations of the hidden units.

    The orbit of a weight is given by its layer and by the input or class that it touches; that of a
    pair by both, and by the hidden layers in which the two touch the same unit.

    Parameters
    ----------
    layers : numbers of units, inputs and classes included
    """
    labels, touched = [], [[] for _ in layers[1:-1]]
    n_labels = 0
    for depth, (columns, rows) in enumerate(zip(layers, layers[1:], strict=False)):
        row, column = (place.ravel() for place in np.indices((rows, columns)))
        fixed = np.zeros(rows * columns, int)
        if depth == 0:
            fixed = column
        if depth == len(layers) - 2:
            fixed = fixed * rows + row
        labels.append(n_labels + fixed)
        n_labels += fixed.max() + 1
        for hidden, units in enumerate(touched, 1):
            own = {depth: column, depth + 1: row}.get(hidden)
            units.append(np.full(rows * columns, -1) if own is None else own)
    single = np.concatenate(labels)
    first, second = np.minimum.outer(single, single), np.maximum.outer(single, single)
    key = first * n_labels + second
    for units in map(np.concatenate, touched):
        key = 2 * key + ((units[:, np.newaxis] == units) & (units >= 0))
    inside = ~np.eye(len(single), dtype=bool)
    pair = np.full(key.shape, -1)
    pair[inside] = np.unique(key[inside], return_inverse=True)[1]
    return Orbits(single, pair)


def moments(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means (n,) and raw moments <w_i w_j> (n, n) of binary weights (sample, n) of -1 and 1."""
    n_samples, n = weights.shape
    first, second = np.zeros(n), np.zeros((n, n))
    for start in range(0, n_samples, ROWS):
        part = weights[start : start + ROWS].astype(np.float32)  # sums stay exact below 2^24
        first += part.sum(axis=0)
        second += part.T @ part
    return first / n_samples, second / n_samples


def average(m: np.ndarray, c: np.ndarray, known: Orbits) -> tuple[np.ndarray, np.ndarray]:
    """Replace moments and pair moments by their averages over each orbit."""
    means = np.bincount(known.single, m) / np.bincount(known.single)
    inside = known.pair >= 0
    pairs = known.pair[inside]
    values = np.bincount(pairs, c[inside]) / np.bincount(pairs)
    averaged = np.ones_like(c)
    averaged[inside] = values[pairs]
    return means[known.single], averaged


def implied_samples(m: np.ndarray, known: Orbits) -> float:
    """Number of independent samples implied by the scatter of the moments within their orbits.

    The moment of a weight over M independent networks scatters by (1 - m^2) / M about its orbit's.
    """
    sizes = np.bincount(known.single)
    means = np.bincount(known.single, m) / sizes
    scatter = np.sum((m - means[known.single]) ** 2)
    expected = np.sum((sizes - 1) * (1 - means**2))
    return float(expected / scatter) if scatter else np.inf
