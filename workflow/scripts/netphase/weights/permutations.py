"""Permutations of hidden units, under which the output of a network is invariant.

With 15 units in each of two hidden layers every network is one of (15!)^2 with the same outputs
(Zou & Huang 2021, Fig. 10). Weights are in the flat order of `netphase.weights.symmetry`.
"""

from collections.abc import Sequence

import numpy as np

from netphase.weights.kernels import SLOPE


def matrices(weights: np.ndarray, layers: Sequence[int]) -> list[np.ndarray]:
    """Matrices (..., output, input) of flat weights (..., n)."""
    parts, start = [], 0
    for columns, rows in zip(layers, layers[1:], strict=False):
        block = weights[..., start : start + rows * columns]
        parts.append(block.reshape(*weights.shape[:-1], rows, columns))
        start += rows * columns
    return parts


def rename(weights: np.ndarray, layers: Sequence[int], orders: Sequence[np.ndarray]) -> np.ndarray:
    """Permute the hidden units of a network (n,): unit k of a layer was unit order[k] before."""
    whole = [np.arange(layers[0]), *orders, np.arange(layers[-1])]
    parts = matrices(weights, layers)
    return np.concatenate(
        [
            part[np.ix_(after, before)].ravel()
            for part, before, after in zip(parts, whole, whole[1:], strict=False)
        ]
    )


def rename_at_random(
    weights: np.ndarray, layers: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """Permute the hidden units of each network (network, n) by a random order of its own."""
    renamed = np.empty_like(weights)
    for k, one in enumerate(weights):
        renamed[k] = rename(one, layers, [rng.permutation(n) for n in layers[1:-1]])
    return renamed


def sort_units(weights: np.ndarray, layers: Sequence[int], inputs: np.ndarray) -> np.ndarray:
    """Sort the hidden units of networks (network, n) in descending order of their mean input.

    Parameters
    ----------
    inputs : (samples, inputs), averaged over: images of one class
    """
    named = []
    for one in weights:
        a, orders = inputs, []
        for part in matrices(one, layers)[:-1]:
            z = a @ part.T
            orders.append(np.argsort(-z.mean(axis=0), kind="stable"))
            a = np.where(z > 0, z, SLOPE * z) / np.sqrt(part.shape[1])
        named.append(rename(one, layers, orders))
    return np.stack(named)


def share_renamed(
    weights: np.ndarray, layers: Sequence[int], ratio: float, rng: np.random.Generator
) -> np.ndarray:
    """As many networks, a share `ratio` of them pairs of a network and its permuted copy.

    Of M networks r / (2 - r) M enter with a permuted copy each, and the rest of M unchanged:
    of all, M (2 - r) / 2 are different (Zou & Huang 2021).
    """
    n = len(weights)
    n_pairs = round(ratio / (2 - ratio) * n)
    return np.concatenate([weights, rename_at_random(weights[:n_pairs], layers, rng)])
