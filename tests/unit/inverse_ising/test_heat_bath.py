"""Markov chains draw from the distribution of their model, and keep their books."""

import numpy as np
import pytest
from scipy.stats import chisquare
from spin_models import dense, enumerated

from netphase.inverse_ising.heat_bath import Chains, energies, observe
from netphase.streams import stream


def test_states_are_as_frequent_as_they_should_be():
    rng = stream("test")
    fields, couplings = dense(rng, 4, 0.8, 0.5)
    chains = Chains(np.ones((20_000, 4)), rng)
    chains.sweep(fields, couplings, 30)
    states = np.array([[1 - 2 * (k >> i & 1) for i in range(4)] for k in range(16)])
    p = np.exp(-energies(fields, couplings, states))
    codes = ((1 - chains.spins) / 2 @ (1 << np.arange(4))).astype(int)
    assert chisquare(np.bincount(codes, minlength=16), 20_000 * p / p.sum()).pvalue > 1e-3


def test_moments_of_an_ensemble():
    rng = stream("test")
    fields, couplings = dense(rng, 10, 0.3, 0.3)
    exact = enumerated(fields, couplings)
    m, c, energy = observe(
        fields, couplings, Chains(np.ones((500, 10)), rng), relax=50, n_measurements=200, every=2
    )
    np.testing.assert_allclose(m, exact.magnetisation, atol=5 / np.sqrt(30_000))
    np.testing.assert_allclose(c, exact.moments, atol=5 / np.sqrt(30_000))
    assert energy.shape == (200, 500)
    assert energy.mean() == pytest.approx(exact.energy, abs=5 * energy.std() / np.sqrt(30_000))


def test_energy_is_that_of_the_sum_over_pairs():
    rng = stream("test")
    fields, couplings = dense(rng, 6, 1.0, 1.0)
    s = rng.choice([-1, 1], 6)
    pairs = sum(couplings[i, j] * s[i] * s[j] for i in range(6) for j in range(i))
    assert energies(fields, couplings, s) == pytest.approx(-(fields @ s) - pairs)


def test_spins_of_no_doubt():
    """Infinite fields decide, whatever is drawn, and the same generator draws the same."""
    fields = np.array([50.0, -50.0, 0.0])
    ends = []
    for _ in range(2):
        chains = Chains(np.array([[-1, 1, 1]] * 300), stream("test"))
        assert chains.sweep(fields, np.zeros((3, 3))) >= 600
        assert np.all(chains.spins[:, :2] == (1, -1))
        ends.append(chains.spins)
    assert np.array_equal(*ends)
    assert abs(ends[0][:, 2].mean()) < 0.3
