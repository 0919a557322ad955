"""Ensembles of weights whose law is known, their models, and results of both, as test data."""

import numpy as np
import xarray as xr

from netphase.inverse_ising.entropies import integrate_parts, rename_units
from netphase.inverse_ising.heat_bath import Chains
from netphase.inverse_ising.inference import infer
from netphase.inverse_ising.states import find_states
from netphase.inverse_ising.triples import compare_triples
from netphase.inverse_ising.weight_space import explore, sweep_by_chains, trace_iso_energy
from netphase.streams import stream
from netphase.weights.ensembles import pack
from netphase.weights.overlaps import describe
from netphase.weights.symmetry import blocks, orbits

METHODS = ("closed_form", "persistent_chains")
LAYERS = (3, 4, 4, 2)
N = 3 * 4 + 4 * 4 + 4 * 2


def independent(n_networks=2000, layers=LAYERS):
    """Networks of independent weights, whose fields depend on the orbit alone."""
    single = orbits(layers).single
    h = stream("fields").normal(0, 0.5, single.max() + 1)[single]
    chains = Chains.independent(np.tanh(h), n_networks, stream("networks"))
    accuracy = stream("accuracy").uniform(0.5, 0.6, n_networks)
    names = ("accuracy", "mean_accuracy", "test_accuracy")
    return h, xr.Dataset(
        {"weights": (("trial", "byte"), pack(chains.spins), {"n": len(h)})}
        | {name: ("trial", accuracy) for name in names},
        {"trial": np.arange(n_networks)},
        {"layers": np.array(layers), "n_trained": n_networks, "chosen_on": "test"},
    )


def model(ensemble, block="full", method="closed_form", h=None):
    """The model that a method infers; with fields h (n,) that of independent weights instead."""
    found = infer(ensemble, block, method, stream("model"))
    if h is None:
        return found
    found["h"].values[:] = h
    found["J"].values[:] = 0
    found["m"].values[:] = np.tanh(h)
    found["c"].values[:] = np.outer(np.tanh(h), np.tanh(h))
    return found


def inputs(n_samples=200):
    """Random inputs of LAYERS, a half for training and a half for testing."""
    rng = stream("inputs")
    return xr.Dataset(
        {
            "input": (("sample", "component"), rng.standard_normal((n_samples, LAYERS[0]))),
            "label": ("sample", rng.integers(0, LAYERS[-1], n_samples)),
            "split": ("sample", np.arange(n_samples) % 2),
        }
    )


def explored():
    """All that is found of independent weights: kind -> {(scenario, block, method): data set}.

    Both methods have found the same, and the shallow networks are the deep ones as one block.
    """
    h, ensemble = independent(300)
    rng, few = stream("explored"), {"n_references": 1, "n_fields": 5}
    states = {"n_references": 2, "starts": 5, "sweeps": 4, "scored": 20, "variant": "corrected"}
    ratios = {"ratios": [0], "label": 1, "options": {}}
    found = {}
    for block, place in blocks(LAYERS).items():
        one = model(ensemble, block, h=h[place])
        found[block] = {
            "models": one,
            "landscapes": explore(one, ensemble, **few),
            "states": find_states(one, ensemble, inputs(), rng, **states),
            "entropies": integrate_parts(one, ensemble, rng, n_parts=2, options={}),
            "iso_energy": trace_iso_energy(one, ensemble, **few),
        }
    found["full"] |= {
        "triples": compare_triples(one, ensemble, rng, n_weights=6, n_samples=200),
        "field_sweeps": sweep_by_chains(one, ensemble, rng, **few),
        "renaming": rename_units(ensemble, inputs(), "closed_form", rng, **ratios),
    }
    kinds = {kind: {} for kind in found["full"]}
    for scenario, shown in {"deep": list(found), "shallow": ["full"]}.items():
        for method in METHODS:
            for block in shown:
                for kind, data in found[block].items():
                    kinds[kind][scenario, block, method] = data.assign_attrs(method=method)
    cloud = describe(ensemble, rng)
    joint = {"ensembles": ensemble, "clouds": cloud}
    return kinds | {name: {"deep": one, "shallow": one} for name, one in joint.items()}


def of(found, kind, scenario="deep"):
    """(block, method) -> what was found of one kind in one scenario."""
    return {key[1:]: one for key, one in found[kind].items() if key[0] == scenario}
