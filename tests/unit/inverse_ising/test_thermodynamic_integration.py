"""Entropies, drift, hysteresis and triple moments by Markov chains, against what is exact."""

import itertools

import numpy as np
import pytest
from spin_models import dense, enumerated, uniform

from netphase.inverse_ising.thermodynamic_integration import (
    integrate,
    relax_from,
    sweep_field,
    triple_moments,
)
from netphase.streams import stream


@pytest.mark.parametrize("deviation", [0.0, 0.3, 0.8])
def test_entropy_is_that_of_all_states(deviation):
    rng = stream("test")
    fields, couplings = dense(rng, 10, deviation, 0.4)
    found, exact = integrate(fields, couplings, rng), enumerated(fields, couplings)
    assert 0 < found.entropy_se < 0.01
    assert found.entropy == pytest.approx(exact.entropy / 10, abs=4 * found.entropy_se)
    assert found.energy == pytest.approx(exact.energy / 10, abs=0.02)


def test_free_spins_have_ln_2():
    found = integrate(np.zeros(50), np.zeros((50, 50)), stream("test"), n_measurements=2)
    assert found.entropy == pytest.approx(np.log(2), abs=1e-12)


def test_drift_forgets_the_start_or_not():
    n, rng = 200, stream("test")
    start = np.ones((30, n))
    for coupling, remembered in ((0.5, (0.0, 0.1)), (2.0, (0.9, 1.0))):
        spins, overlap, energy = relax_from(*uniform(n, 0, coupling), start, rng, 50)
        assert spins.shape == (51, 30, n) and np.all(overlap[0] == 1)
        assert energy[0] == pytest.approx(-coupling * (n - 1) / n / 2)
        assert remembered[0] - 0.05 <= overlap[-1].mean() <= remembered[1]
        np.testing.assert_allclose(overlap[-1], spins[-1].mean(axis=1))


def test_two_phases_show_in_both_directions_of_the_field():
    x = np.linspace(-0.3, 0.3, 7)
    reference = np.where(np.arange(200) % 2, 1, -1)
    # m = tanh(1.8 m)
    for coupling, apart in ((0.5, 0.0), (1.8, 0.930)):
        fields, couplings = uniform(200, 0, coupling)
        # Turned by the reference: the magnet's two phases are the reference and its opposite.
        couplings = couplings * np.outer(reference, reference)
        d = sweep_field(fields, couplings, reference, x, stream("test"), n_chains=30)
        assert abs(d[0, 3] - d[1, 3]) == pytest.approx(apart, abs=0.05)
        assert d[0, 0] > 0.6 and d[1, -1] < 0.4


def test_triple_moments():
    s = stream("test").choice([-1, 1], (50, 6))
    expected = [
        np.mean(s[:, i] * s[:, j] * s[:, k]) for i, j, k in itertools.combinations(range(6), 3)
    ]
    np.testing.assert_allclose(triple_moments(s), expected, atol=1e-6)
