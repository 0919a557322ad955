"""The Ising model of an ensemble of trained weights: of a block of a network, by one method."""

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.inverse_ising.heat_bath import energies
from netphase.inverse_ising.methods import (
    Inferred,
    closed_form,
    learn_by_propagation,
    persistent_chains,
    pseudolikelihood,
    quality,
    rms_pairs,
)
from netphase.weights.ensembles import unpack
from netphase.weights.symmetry import Orbits, average, blocks, implied_samples, moments, orbits

METHODS = {
    "closed_form": "pseudo-moment matching",
    "propagation": "Boltzmann learning by belief propagation",
    "pseudolikelihood": "pseudolikelihood with an l1 penalty",
    "persistent_chains": "Boltzmann learning by persistent Markov chains",
}
QUALITIES = {
    "propagated": "deviation of the moments by belief propagation; NaN: it diverges",
    "stable": "whether belief propagation that begins at the moments of the data stays there",
    "sampled": "deviation of the moments by Markov chains, means and pairs together",
    "sampled_m": "deviation of the means by Markov chains, root mean square",
    "sampled_c": "deviation of the pair moments by Markov chains, root mean square",
    "independent": "deviation of the pair moments of independent weights, root mean square",
    "implied_samples": "number of independent networks by the scatter within orbits",
}


def weights_of(ensemble: xr.Dataset, block: str) -> np.ndarray:
    """Weights (network, n) int8 of a block of all networks of an ensemble.

    Raises
    ------
    InputError : networks of these layers have no such block
    """
    parts = blocks(ensemble.attrs["layers"].tolist())
    if block not in parts:
        raise InputError(f"{block} is no block of these networks, which have {', '.join(parts)}")
    packed = ensemble["weights"]
    return unpack(packed.values, int(packed.attrs["n"]))[:, parts[block]]


def orbits_of(ensemble: xr.Dataset, block: str) -> Orbits:
    """Orbits of the weights of a block under permutations of the hidden units."""
    layers = ensemble.attrs["layers"].tolist()
    return orbits(layers).of(blocks(layers)[block])


def infer(
    ensemble: xr.Dataset,
    block: str,
    method: str,
    rng: np.random.Generator,
    *,
    symmetrise: bool = True,
    options: Mapping | None = None,
) -> xr.Dataset:
    """Infer fields and couplings of a block, and measure how well they reproduce its moments.

    In one piece, since it is the dispatch to the methods and the metadata of their common file.

    Parameters
    ----------
    ensemble : as of `netphase.weights.selection.select`
    block : left_boundary, interior, right_boundary or full
    method : of METHODS
    symmetrise : whether moments, and couplings that come from samples, are averaged over orbits
    options : of the method

    Returns
    -------
    xarray.Dataset
        ``h(weight)``, ``J(weight, other)``, ``m(weight)``, ``c(weight, other)``, ``energy(trial)``
        of all networks per weight, and QUALITIES; attribute ``flags`` (JSON: name -> reason).
    """
    spins, known = weights_of(ensemble, block), orbits_of(ensemble, block)
    plain_m, plain_c = moments(spins)
    m, c = average(plain_m, plain_c, known) if symmetrise else (plain_m, plain_c)
    same, options = known if symmetrise else None, dict(options or {})
    match method:
        case "closed_form":
            model = closed_form(m, c)
        case "propagation":
            model = learn_by_propagation(m, c, rng, **options)
        case "pseudolikelihood":
            model = pseudolikelihood(spins, **options)
            if symmetrise:
                h, j = average(model.fields, model.couplings, known)
                np.fill_diagonal(j, 0)
                model = Inferred(h, j, model.flags)
        case "persistent_chains":
            model = persistent_chains(m, c, rng, known=same, **options)
        case _:
            raise InputError(f"{method} is none of the methods {', '.join(METHODS)}")
    judged = quality(model, m, c, rng, known=same)._asdict()
    judged["independent"] = rms_pairs(np.outer(m, m), c)
    judged["implied_samples"] = implied_samples(plain_m, known)
    flags = dict(model.flags)
    n_couplings = known.pair.max() + 1 if symmetrise else len(m) * (len(m) - 1) // 2
    if len(spins) < n_couplings:
        flags["underdetermined"] = f"{len(spins)} networks for {n_couplings} couplings"
    if not judged["stable"]:
        flags["unstable"] = "belief propagation does not stay at the moments of the data"
    words = {"units": "1"}
    found = xr.Dataset(
        {
            "h": ("weight", model.fields, words | {"long_name": "field of a weight"}),
            "J": (
                ("weight", "other"),
                model.couplings,
                words | {"long_name": "coupling of two weights"},
            ),
            "m": ("weight", m, words | {"long_name": "mean of a weight"}),
            "c": (("weight", "other"), c, words | {"long_name": "mean product of two weights"}),
            "energy": (
                "trial",
                energies(model.fields, model.couplings, spins) / len(m),
                words | {"long_name": "energy of a network per weight"},
            ),
        },
        {"trial": ensemble["trial"]},
        {
            "title": f"Ising model of {block} by {METHODS[method]}",
            "block": block,
            "method": method,
            "symmetrised": int(symmetrise),
            "n_networks": len(spins),
            "flags": json.dumps(flags),
        },
    )
    for name, value in judged.items():
        found[name] = (), np.float64(value), words | {"long_name": QUALITIES[name]}
    return found
