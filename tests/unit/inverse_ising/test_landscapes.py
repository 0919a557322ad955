"""Entropy landscapes: counted state by state, of independent spins, of a magnet with two phases."""

import itertools

import numpy as np
import pytest
from scipy.special import gammaln
from spin_models import dense, uniform

from netphase.inverse_ising.heat_bath import energies
from netphase.inverse_ising.landscapes import (
    energy_bands,
    entropy_bound,
    entropy_landscape,
    hysteresis,
    iso_energy,
)
from netphase.streams import stream

X = np.linspace(-3, 3, 31)


def test_bound_is_the_number_of_configurations():
    n = 10_000
    k = np.array([0, 1000, 5000, 9999, n])
    counted = (gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)) / n
    np.testing.assert_allclose(entropy_bound(k / n), counted, atol=1e-3)
    assert entropy_bound(0.5) == pytest.approx(np.log(2))


def test_independent_spins_have_a_closed_form():
    rng = stream("test")
    h, reference = rng.normal(0, 0.5, 50), rng.choice([-1, 1], 50)
    found = entropy_landscape(h, np.zeros((50, 50)), reference, X)
    m = np.tanh(h + X[:, np.newaxis] * reference)
    assert found.converged.all()
    for direction in ("up", "down"):
        one = found.sel(direction=direction)
        np.testing.assert_allclose(one.q, m @ reference / 50, atol=1e-12)
        np.testing.assert_allclose(one.e, -m @ h / 50, atol=1e-12)
        np.testing.assert_allclose(one.s, entropy_bound((1 - m) / 2).mean(axis=1), atol=1e-12)
    assert np.all(found.s <= found.s_bound + 1e-12)


def test_without_a_model_all_configurations_count():
    found = entropy_landscape(np.zeros(9), np.zeros((9, 9)), np.ones(9), X)
    np.testing.assert_allclose(found.s, found.s_bound, atol=1e-12)


def test_entropies_are_those_of_all_states():
    """The tilted ensemble of eleven spins, added up; the Bethe error is that of weak couplings."""
    rng = stream("test")
    fields, couplings = dense(rng, 11, 0.05, 0.2)
    reference = rng.choice([-1, 1], 11)
    found = entropy_landscape(fields, couplings, reference, X)
    states = np.array(list(itertools.product([-1, 1], repeat=11)))
    energy, overlap = energies(fields, couplings, states), states @ reference
    for k, x in enumerate(X):
        weight = -energy + x * overlap
        log_z = np.logaddexp.reduce(weight)
        p = np.exp(weight - log_z)
        expected = {
            "q": p @ overlap / 11,
            "e": p @ energy / 11,
            "f": -log_z / 11,
            "s": -(p @ (weight - log_z)) / 11,
        }
        for name, value in expected.items():
            assert found[name].values[:, k] == pytest.approx([value] * 2, abs=2e-3)


def test_entropy_is_the_legendre_transform_of_the_free_energy():
    """df / dx = -q, and ds / dq = -x at fixed energy weight: two derivatives by differences."""
    rng = stream("test")
    fields, couplings = dense(rng, 60, 0.05, 0.2)
    x = np.linspace(-1, 1, 201)
    found = entropy_landscape(fields, couplings, rng.choice([-1, 1], 60), x).sel(direction="up")
    middle = slice(1, -1)
    slope = np.gradient(found.f.values, x)
    np.testing.assert_allclose(slope[middle], -found.q.values[middle], atol=1e-3)
    assert np.all(np.diff(found.d) < 0)


def test_one_phase_has_no_hysteresis_and_two_have():
    n, reference = 100, np.ones(100)
    single, double = (
        hysteresis(entropy_landscape(*uniform(n, 0, j), reference, X)) for j in (0.5, 1.6)
    )
    assert single.area < 1e-4 and single.largest < 1e-4 and np.isnan(single.window).all()
    assert double.area > 0.5 and double.largest > 0.8 and double.jump > 0.5
    # The spinodal field of Curie-Weiss: m_s^2 = 1 - 1/J, x = atanh m_s - J m_s.
    m = np.sqrt(1 - 1 / 1.6)
    spinodal = abs(np.arctanh(m) - 1.6 * m)
    assert double.window == pytest.approx((-spinodal, spinodal), abs=0.2)


def test_points_that_did_not_converge_are_left_out():
    fields, couplings = dense(stream("test"), 40, 1.0, 0.1)
    found = entropy_landscape(fields, couplings, np.ones(40), X, max_iterations=30)
    assert not found.converged.all()
    judged = hysteresis(found)
    assert np.isfinite([judged.area, judged.largest, judged.jump]).all()


def test_bands_are_ordered_and_hold_the_extremes():
    energy = stream("test").normal(size=1000)
    bands = energy_bands(energy, 20)
    means = [energy[bands[name]].mean() for name in ("high", "medium", "low")]
    assert means == sorted(means, reverse=True)
    assert bands["high"][0] == energy.argmax() and bands["low"][-1] == energy.argmin()
    assert all(len(set(band)) == 20 for band in bands.values())


def test_iso_energy_of_independent_spins():
    """Spins in equal fields: at given x the energy fixes the magnetisation, hence beta."""
    n, h = 30, 0.7
    reference = np.where(np.arange(n) < 15, 1, -1)
    target = -h * 0.3
    found = iso_energy(np.full(n, h), np.zeros((n, n)), reference, np.array([-0.5, 0, 0.5]), target)
    for x, beta in zip(found.x.values, found.beta.values, strict=True):
        m = np.tanh(beta * h + x * reference)
        assert m.mean() == pytest.approx(0.3, abs=1e-3)
        row = found.sel(x=x)
        assert float(row.d) == pytest.approx((1 - m @ reference / n) / 2, abs=1e-6)
        assert float(row.s) == pytest.approx(entropy_bound((1 - m) / 2).mean(), abs=1e-6)
    nowhere = iso_energy(np.full(n, h), np.zeros((n, n)), reference, np.array([0.0]), -2.0)
    assert np.isnan(nowhere.beta).all()
