"""Landscapes of independent weights have closed forms, by every method."""

import numpy as np
import pytest
from weight_models import N

from netphase.inverse_ising.landscapes import entropy_bound
from netphase.inverse_ising.references import references
from netphase.inverse_ising.weight_space import explore, sweep_by_chains, trace_iso_energy
from netphase.streams import stream


def closed_form(h, reference, x):
    """d and s of independent weights in a field towards a reference."""
    m = np.tanh(h + np.multiply.outer(x, reference))
    return (1 - m @ reference / len(h)) / 2, entropy_bound((1 + m) / 2).mean(axis=-1)


def test_landscape_of_independent_weights(law, exact):
    h, ensemble = law
    found = explore(exact, ensemble, n_references=2, n_fields=13)
    weights, _ = references(exact, ensemble, 2)
    assert found.d.shape == (3, 2, 2, 13) and found.converged.all()
    for band in range(3):
        for k in range(2):
            d, s = closed_form(h, weights[band, k], found.x.values)
            here = found.isel(band=band, reference=k)
            np.testing.assert_allclose(here.d, [d, d], atol=1e-9)
            np.testing.assert_allclose(here.s, [s, s], atol=1e-9)
    assert float(found.area.max()) < 1e-9 and np.isnan(found["first"]).all()


def test_iso_energy_keeps_the_energy(law, exact):
    h, ensemble = law
    found = trace_iso_energy(exact, ensemble, n_references=1, n_fields=5).isel(reference=0)
    weights, _ = references(exact, ensemble, 1)
    known = np.isfinite(found.beta.values)
    assert known.any()
    for x, beta in zip(found.x.values[known], found.beta.values[known], strict=True):
        energy = -h @ np.tanh(beta * h + x * weights[2, 0]) / N
        assert energy == pytest.approx(float(found.reference_energy), abs=1e-3)
    d, s = closed_form(h, weights[2, 0], found.x.values)
    np.testing.assert_allclose(found.free_d, d, atol=1e-9)
    np.testing.assert_allclose(found.free_s, s, atol=1e-9)


def test_sweeps_by_chains_agree_with_the_closed_form(law, exact):
    h, ensemble = law
    found = sweep_by_chains(exact, ensemble, stream("sweep"), n_references=1, n_fields=5)
    weights, _ = references(exact, ensemble, 1)
    for band in range(3):
        d, _ = closed_form(h, weights[band, 0], found.x.values)
        np.testing.assert_allclose(found.d[band, 0], [d, d], atol=0.01)
    assert float(found.largest.max()) < 0.02
    assert max(float(found.straight), float(found.flipped)) < 0.01
