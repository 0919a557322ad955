"""Belief propagation: exact on trees, near it for weak couplings, right in the limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from spin_models import dense, enumerated, tree, uniform

from netphase.errors import InputError
from netphase.inverse_ising.belief_propagation import Cavity
from netphase.streams import stream

QUANTITIES = ("free_energy", "magnetisation", "moments")


def settled(fields, couplings):
    cavity = Cavity(couplings)
    return cavity.bethe(fields, cavity.propagate(fields, tolerance=1e-12))


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 12), st.integers(0, 10_000), st.sampled_from([0.1, 1.0, 3.0]))
def test_exact_on_trees(n, seed, deviation):
    fields, couplings = tree(stream("test", seed=seed), n, deviation)
    cavity = Cavity(couplings)
    messages = cavity.propagate(fields, tolerance=1e-11)
    found, exact = cavity.bethe(fields, messages), enumerated(fields, couplings)
    # A tree is done after as many sweeps as its longest path has bonds, and one to see it.
    assert messages.iterations <= n + 1
    np.testing.assert_allclose(found.magnetisation, exact.magnetisation, atol=1e-10)
    bonds = couplings != 0
    np.testing.assert_allclose(found.moments[bonds], exact.moments[bonds], atol=1e-10)
    for quantity in ("free_energy", "energy", "entropy"):
        assert getattr(found, quantity) == pytest.approx(getattr(exact, quantity), abs=1e-10)


@pytest.mark.parametrize(
    ("deviation", "known"), [(0.05, (1.4e-4, 3e-4, 1.6e-2)), (0.1, (1.2e-3, 7e-3, 8e-2))]
)
def test_as_near_the_truth_as_known_for_weak_couplings(deviation, known):
    errors = []
    for draw in range(9):
        fields, couplings = dense(stream("test", draw=draw), 12, deviation, 0.1)
        found = settled(fields, couplings)
        exact = enumerated(fields, couplings)
        differences = (getattr(found, name) - getattr(exact, name) for name in QUANTITIES)
        errors.append([np.abs(difference).max() for difference in differences])
    errors = np.median(errors, axis=0) / (12, 1, 1)
    np.testing.assert_array_less(errors, 2 * np.array(known))
    np.testing.assert_array_less(np.array(known) / 2, errors)


def plain_sweep(fields, couplings, m):
    """The equations as they are printed."""
    u = np.arctanh(np.tanh(couplings) * m)
    cavity = fields[:, np.newaxis] + u.sum(axis=0)[:, np.newaxis] - u.T
    return np.tanh(cavity)


@pytest.mark.parametrize(
    ("n", "deviation", "field"), [(5, 0.3, 0.2), (40, 0.1, 3.0), (33, 2.0, 9.0)]
)
def test_a_sweep_is_what_the_equations_say(n, deviation, field):
    rng = stream("test")
    fields, couplings = dense(rng, n, deviation, field)
    start = rng.uniform(-0.9, 0.9, (n, n))
    after = Cavity(couplings).propagate(fields, start, tolerance=0, max_iterations=1)
    expected = plain_sweep(fields, couplings, start)
    np.testing.assert_allclose(after.values, expected, atol=1e-8)
    np.testing.assert_allclose(after.magnetisation, np.diagonal(expected), atol=1e-14)
    norm = np.sqrt(np.sum((after.values - start) ** 2, axis=1)).max()
    assert after.change == pytest.approx(norm)


@pytest.mark.parametrize("coupling", [0.5, 1.5])
def test_magnet_where_all_spins_meet(coupling):
    """Curie-Weiss: m = tanh(J m + h); below the critical point m keeps the sign it began with."""
    n = 400
    for sign in (1, -1):
        fields, couplings = uniform(n, 0.05 * sign, coupling)
        start = np.full((n, n), 0.9)
        m = Cavity(couplings).propagate(fields, start, tolerance=1e-12).magnetisation
        branch = (0.0, 1.0) if sign > 0 or coupling > 1 else (-1.0, 0.0)
        if coupling > 1:
            branch = (0.5, 1.0)
        limit = brentq(lambda m, h=fields[0]: np.tanh(coupling * m + h) - m, *branch)
        np.testing.assert_allclose(m, limit, atol=3 / n)


def test_spin_glass_at_high_temperature():
    """Sherrington-Kirkpatrick: F / n = -ln 2 - J^2 / 4 without field, above the critical point."""
    n, strength = 600, 0.4
    fields, couplings = dense(stream("test"), n, strength / np.sqrt(n))
    found = settled(fields, couplings)
    assert found.free_energy / n == pytest.approx(-np.log(2) - strength**2 / 4, abs=2 / n)
    assert found.entropy / n == pytest.approx(np.log(2) - strength**2 / 4, abs=4 / n)


def test_saturated_spins_stay_finite():
    """Fields and couplings beyond what tanh can tell from 1."""
    fields, couplings = uniform(20, 30.0, 800.0)
    found = settled(fields, couplings)
    assert np.all(found.magnetisation == 1) and found.entropy == pytest.approx(0, abs=1e-9)
    assert found.energy == pytest.approx(-20 * 30 - 800 * 19 / 2)


def test_what_does_not_converge_says_so():
    fields, couplings = dense(stream("test"), 60, 1.0)
    fields += 0.1
    messages = Cavity(couplings).propagate(fields, max_iterations=50)
    assert messages.iterations == 50 and messages.change > 1e-6


def test_what_is_no_model_is_refused():
    fields, couplings = dense(stream("test"), 5, 1.0)
    for h, j in (
        (fields[:4], couplings),
        (fields * np.nan, couplings),
        (fields, couplings + np.eye(5)),
        (fields, np.triu(couplings)),
        (fields, np.where(couplings, np.inf, 0)),
    ):
        with pytest.raises(InputError):
            Cavity(j).propagate(h)
