"""Permutation symmetry: number of orbits, and no mixing between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netphase.streams import stream
from netphase.weights.symmetry import average, blocks, implied_samples, moments, orbits

DEEP = (20, 15, 15, 10)


def counts(known):
    return np.bincount(known.single), np.bincount(known.pair[known.pair >= 0])


def test_deep_network_has_as_many_orbits_as_known():
    known = orbits(DEEP)
    single, pair = counts(known)
    assert len(known.single) == 675 and pair.sum() == 2 * 227_475
    assert (len(single), len(pair)) == (31, 763)
    # Every pair is counted twice.
    assert single.min() == 15
    assert (np.median(pair) / 2, pair.max() / 2) == (210, 22_050)


def test_blocks_are_those_of_the_paper():
    known, parts = orbits(DEEP), blocks(DEEP)
    assert parts == {
        "left_boundary": slice(0, 300),
        "interior": slice(300, 525),
        "right_boundary": slice(525, 675),
        "full": slice(0, 675),
    }
    sizes = {name: tuple(map(len, counts(known.of(part)))) for name, part in parts.items()}
    # Same input: 20 with another unit; two inputs: 190 with the same unit and 190 with another.
    assert sizes["left_boundary"] == (20, 20 + 2 * 190)
    # Same first unit, same second unit, neither.
    assert sizes["interior"] == (1, 3)
    assert sizes["right_boundary"] == (10, 10 + 2 * 45)
    assert sizes["full"] == (31, 763)


def test_without_hidden_units_nothing_is_equal():
    known = orbits((20, 10))
    single, pair = counts(known)
    assert np.all(single == 1) and np.all(pair == 2) and len(pair) == 200 * 199 // 2
    assert blocks((20, 10)) == {"full": slice(0, 200)}


def rename(layers, rng):
    """Places of the weights after a random renaming of all hidden units."""
    units = [np.arange(n) for n in layers]
    for hidden in range(1, len(layers) - 1):
        units[hidden] = rng.permutation(layers[hidden])
    places, start = [], 0
    for depth, (columns, rows) in enumerate(zip(layers, layers[1:], strict=False)):
        own = start + np.arange(rows * columns).reshape(rows, columns)
        places.append(own[np.ix_(units[depth + 1], units[depth])].ravel())
        start += rows * columns
    return np.concatenate(places)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(2, 4), min_size=2, max_size=5), st.integers(0, 1000))
def test_renaming_stays_within_orbits(layers, seed):
    known, places = orbits(layers), rename(layers, stream("test", seed=seed))
    assert np.array_equal(known.single[places], known.single)
    assert np.array_equal(known.pair[np.ix_(places, places)], known.pair)
    assert np.array_equal(known.pair, known.pair.T)


@pytest.mark.parametrize("layers", [(2, 3, 2), (2, 2, 3, 2)])
def test_orbits_are_no_finer_than_the_renamings(layers):
    """Joining what random renamings carry into one another gives exactly the orbits."""
    known, rng = orbits(layers), stream("test")
    n = len(known.single)
    joined = np.arange(n * n).reshape(n, n)
    for _ in range(300):
        places = rename(layers, rng)
        joined = np.minimum(joined, joined[np.ix_(places, places)])
        joined = np.minimum(joined, joined.T)
    for _ in range(10):
        joined = joined.ravel()[joined]
    inside = known.pair >= 0
    pairs = np.unique(np.stack([known.pair[inside], joined[inside]]), axis=1)
    assert pairs.shape[1] == known.pair.max() + 1
    assert len(np.unique(np.diagonal(joined))) == known.single.max() + 1


def test_averages_and_the_samples_behind_them():
    layers, n_samples = (6, 8, 8, 4), 4000
    known, rng = orbits(layers), stream("test")
    truth = np.tanh(rng.normal(0, 0.5, known.single.max() + 1))[known.single]
    weights = np.where(rng.random((n_samples, len(truth))) < (1 + truth) / 2, 1, -1).astype(np.int8)
    m, c = moments(weights)
    np.testing.assert_allclose(m, weights.mean(axis=0))
    np.testing.assert_allclose(c, np.einsum("si,sj->ij", weights, weights, dtype=float) / n_samples)
    averaged, pairs = average(m, c, known)
    errors = [np.sqrt(np.mean((values - truth) ** 2)) for values in (m, averaged)]
    n_single = known.single.max() + 1
    assert errors[1] / errors[0] == pytest.approx(np.sqrt(n_single / len(truth)), rel=0.5)
    assert np.all(np.diagonal(pairs) == 1)
    inside = known.pair >= 0
    np.testing.assert_allclose(pairs[inside], np.outer(truth, truth)[inside], atol=0.03)
    again = average(averaged, pairs, known)
    np.testing.assert_allclose(again[0], averaged, atol=1e-15)
    assert implied_samples(m, known) == pytest.approx(n_samples, rel=4 * np.sqrt(2 / len(truth)))
