"""Three-weight correlations of networks and of their model, which is not fitted to them."""

import numpy as np
import xarray as xr

from netphase.inverse_ising.heat_bath import Chains
from netphase.inverse_ising.inference import weights_of
from netphase.inverse_ising.references import identity
from netphase.inverse_ising.thermodynamic_integration import triple_moments
from netphase.statistics.intervals import Z_975

TRIPLES = {"relax": 1000, "every": 10}
"""Sweeps of the chains before and between the configurations that triples are counted in."""


def compare_triples(
    model: xr.Dataset,
    ensemble: xr.Dataset,
    rng: np.random.Generator,
    *,
    n_weights: int,
    n_samples: int,
) -> xr.Dataset:
    """Moments <s_i s_j s_k> of networks and of their model, which is not fitted to them.

    Parameters
    ----------
    n_weights : weights, chosen at random, all triples of which are compared
    n_samples : configurations of the model, from chains that are 10 sweeps apart

    Returns
    -------
    xarray.Dataset
        Over triple: ``data`` and ``model``, and ``noise``, the standard error of their difference
        by the numbers of networks and of configurations.
    """
    h, couplings = model.h.values, model.J.values
    spins = weights_of(ensemble, model.attrs["block"])
    chosen = np.sort(rng.choice(len(h), min(n_weights, len(h)), replace=False))
    n_chains = min(200, n_samples)
    chains = Chains.independent(model.m.values, n_chains, rng)
    chains.sweep(h, couplings, TRIPLES["relax"])
    drawn = []
    for _ in range(-(-n_samples // n_chains)):
        chains.sweep(h, couplings, TRIPLES["every"])
        drawn.append(chains.spins[:, chosen].copy())
    drawn = np.concatenate(drawn)
    data, of_model = triple_moments(spins[:, chosen]), triple_moments(drawn)
    noise = np.sqrt((1 - data**2) / len(spins) + (1 - of_model**2) / len(drawn))
    words = {
        "data": (data, "mean product of three weights over the networks"),
        "model": (of_model, "the same over configurations of the model"),
        "noise": (noise, "standard error of their difference"),
    }
    return xr.Dataset(
        {
            name: ("triple", values, {"long_name": text, "units": "1"})
            for name, (values, text) in words.items()
        },
        attrs={"title": "Three-weight correlations", **identity(model)},
    )


def share_within_noise(triples: xr.Dataset) -> float:
    """Share of the triples whose model is within 1.96 ``noise`` of the data; 0.95 if exact.

    Parameters
    ----------
    triples : ``data``, ``model`` and ``noise``, the standard error of their difference
    """
    distance = np.abs(triples["data"] - triples["model"])
    return float((distance <= Z_975 * triples.noise).mean())
