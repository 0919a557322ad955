"""TAP states: stationary points of their free energy, right where the theory is exact."""

import numpy as np
import pytest
from scipy.optimize import brentq
from spin_models import dense, enumerated, uniform

from netphase.inverse_ising.tap import distinct, tap_free_energy, tap_states
from netphase.streams import stream


def test_weak_couplings():
    rng = stream("test")
    fields, couplings = dense(rng, 12, 0.05, 0.2)
    found, exact = tap_states(fields, couplings, rng, starts=20), enumerated(fields, couplings)
    assert found.converged.all()
    assert np.ptp(found.free_energy) < 1e-6
    np.testing.assert_allclose(found.magnetisation[0], exact.magnetisation, atol=1e-3)
    assert found.free_energy[0] == pytest.approx(exact.free_energy / 12, abs=3e-4)


def test_fixed_points_are_stationary():
    rng = stream("test")
    fields, couplings = dense(rng, 30, 0.05, 0.5)
    m = tap_states(fields, couplings, rng, starts=1).magnetisation[0]
    for i in (0, 7, 29):
        shift = np.zeros(30)
        shift[i] = 1e-4
        up, down = (tap_free_energy(fields, couplings, m + sign * shift) for sign in (1, -1))
        assert (up - down) / 2e-4 == pytest.approx(0, abs=1e-3)


def test_spin_glass_at_high_temperature():
    """F / n = -ln 2 - J^2 / 4 for a Gaussian glass without field."""
    n, strength = 400, 0.5
    fields, couplings = dense(stream("test"), n, strength / np.sqrt(n))
    found = tap_states(fields, couplings, stream("starts"), starts=10)
    assert found.converged.all() and np.abs(found.magnetisation).max() < 1e-3
    np.testing.assert_allclose(found.free_energy, -np.log(2) - strength**2 / 4, atol=2 / n)


def test_two_phases_of_a_magnet():
    n, coupling, field = 300, 1.5, 0.02
    found = tap_states(*uniform(n, field, coupling), stream("starts"), starts=60)
    values = distinct(found.free_energy)
    assert len(values) == 2

    def mean_field(m):
        return np.tanh(coupling * m + field) - m

    for branch, value in zip(((0.5, 1), (-1, -0.5)), values, strict=True):
        m = brentq(mean_field, *branch)
        p = (1 + m) / 2
        entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
        assert value == pytest.approx(-field * m - coupling * m**2 / 2 - entropy, abs=3 / n)


def test_variant_of_the_published_programs_is_another():
    fields, couplings = dense(stream("test"), 30, 0.1, 0.5)
    ours, theirs = (
        tap_states(fields, couplings, stream("starts"), starts=3, variant=variant)
        for variant in ("corrected", "paper")
    )
    assert theirs.converged.all()
    assert np.abs(ours.magnetisation - theirs.magnetisation).max() > 1e-3


def test_groups_of_values():
    assert distinct(np.array([0.3, 0.1, 0.1004, 0.3])).tolist() == [0.1, 0.3]
    assert distinct(np.empty(0)).size == 0
