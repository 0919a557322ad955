"""Permutations of hidden units: the same outputs, one order for all permutations."""

import numpy as np
import pytest

from netphase.streams import stream
from netphase.weights.networks import Engine
from netphase.weights.permutations import (
    matrices,
    rename,
    rename_at_random,
    share_renamed,
    sort_units,
)

LAYERS = (6, 5, 4, 3)
N = 6 * 5 + 5 * 4 + 4 * 3


@pytest.fixture
def networks():
    return stream("test").choice([-1, 1], (40, N)).astype(np.int8)


def test_renamed_networks_compute_the_same(networks):
    rng = stream("names")
    inputs = rng.normal(size=(200, 6))
    renamed = rename_at_random(networks, LAYERS, rng)
    assert not np.array_equal(renamed, networks)
    engine = Engine(LAYERS, 16)
    labels = rng.integers(0, 3, 200)
    before, after = (engine.accuracy(w, inputs, labels) for w in (networks, renamed))
    assert np.array_equal(before, after)
    # Every unit has kept all its weights.
    for one, other in zip(matrices(networks, LAYERS), matrices(renamed, LAYERS), strict=True):
        assert np.array_equal(one.sum(axis=(1, 2)), other.sum(axis=(1, 2)))


def test_names_are_undone(networks):
    orders = [stream("names").permutation(n) for n in (5, 4)]
    back = [np.argsort(order) for order in orders]
    once = rename(networks[0], LAYERS, orders)
    assert np.array_equal(rename(once, LAYERS, back), networks[0])


def test_one_order_for_all_names(networks):
    rng = stream("names")
    inputs = rng.normal(1, 1, (50, 6))
    ordered = sort_units(networks, LAYERS, inputs)
    assert np.array_equal(sort_units(ordered, LAYERS, inputs), ordered)
    # Units with the same mean may keep their places; weights of reals have none.
    weights = rng.normal(size=(10, N))
    same = sort_units(rename_at_random(weights, LAYERS, rng), LAYERS, inputs)
    assert np.array_equal(same, sort_units(weights, LAYERS, inputs))


@pytest.mark.parametrize(("ratio", "pairs"), [(0.0, 0), (0.5, 13), (1.0, 40)])
def test_share_of_renamed_networks(networks, ratio, pairs):
    mixed = share_renamed(networks, LAYERS, ratio, stream("names"))
    assert np.array_equal(mixed[:40], networks) and len(mixed) == 40 + pairs
    assert 2 * pairs / len(mixed) == pytest.approx(ratio, abs=0.02)
