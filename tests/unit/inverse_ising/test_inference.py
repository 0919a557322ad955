"""Ising models of ensembles of weights whose law is known: all methods, all blocks."""

import json

import numpy as np
import pytest
import xarray as xr

from netphase.errors import InputError
from netphase.inverse_ising.heat_bath import Chains
from netphase.inverse_ising.inference import METHODS, QUALITIES, infer, weights_of
from netphase.streams import stream
from netphase.weights.ensembles import pack
from netphase.weights.symmetry import orbits

LAYERS = (3, 4, 4, 2)
N = 3 * 4 + 4 * 4 + 4 * 2


@pytest.fixture(scope="module")
def law():
    """Fields and couplings that do not change with the names of hidden units."""
    known, rng = orbits(LAYERS), stream("law")
    h = rng.normal(0, 0.3, known.single.max() + 1)[known.single]
    values = rng.normal(0, 0.04, known.pair.max() + 1)
    return h, np.where(known.pair >= 0, values[known.pair], 0)


@pytest.fixture(scope="module")
def ensemble(law):
    rng = stream("networks")
    chains = Chains(rng.choice([-1, 1], (5000, N)), rng)
    chains.sweep(*law, 50)
    return xr.Dataset(
        {"weights": (("trial", "byte"), pack(chains.spins), {"n": N})},
        {"trial": np.arange(5000)},
        {"layers": np.array(LAYERS)},
    )


OPTIONS = {
    "propagation": {"rate_couplings": 0.05, "rate_fields": 0.1, "steps": 400},
    "pseudolikelihood": {"penalty": 0.0},
    "persistent_chains": {"n_chains": 500, "updates": 600, "rate_couplings": 0.2},
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_law(ensemble, law, method):
    found = infer(ensemble, "full", method, stream("infer"), options=OPTIONS.get(method))
    error = np.linalg.norm(found.J.values - law[1]) / np.linalg.norm(law[1])
    assert error < {"closed_form": 0.4, "propagation": 0.4}.get(method, 0.15)
    assert float(found.sampled_c) < float(found.independent)
    assert set(QUALITIES) <= set(found) and found.energy.shape == (5000,)
    assert float(found.implied_samples) == pytest.approx(5000, rel=0.6)
    orbit = orbits(LAYERS).single
    # Belief propagation begins at random messages, and ends near the same.
    assert all(np.ptp(found.h.values[orbit == k]) < 1e-3 for k in range(orbit.max() + 1))


def test_blocks_are_models_of_their_own(ensemble, law):
    sizes = {"left_boundary": 12, "interior": 16, "right_boundary": 8, "full": N}
    for block, n in sizes.items():
        assert weights_of(ensemble, block).shape == (5000, n)
    found = infer(ensemble, "interior", "closed_form", stream("infer"))
    assert found.sizes["weight"] == 16 and len(np.unique(found.J.values.round(9))) == 1 + 3
    with pytest.raises(InputError, match="middle is no block of these networks"):
        infer(ensemble, "middle", "closed_form", stream("infer"))
    with pytest.raises(InputError, match="guess is none of the methods"):
        infer(ensemble, "interior", "guess", stream("infer"))


def test_without_symmetry_the_moments_are_those_of_the_networks(ensemble):
    found = infer(ensemble, "interior", "closed_form", stream("infer"), symmetrise=False)
    spins = weights_of(ensemble, "interior")
    np.testing.assert_allclose(found.m, spins.mean(axis=0))
    assert json.loads(found.attrs["flags"]).keys() <= {"unstable"}
