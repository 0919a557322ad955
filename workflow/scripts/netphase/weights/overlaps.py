"""Cloud of trained networks among all configurations of their weights.

The directions are found from one half of the networks, and the other half is shown.
"""

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.weights.ensembles import unpack

MOST_NETWORKS = 2000
KINDS = ("trained", "independent", "random")
"""Networks, weights drawn one by one with the means of those, and fair coins."""


def describe(ensemble: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
    """Projections and overlaps of trained networks (after Zou & Huang 2021, Fig. 2).

    One function because projections, plane and overlaps share the halves of the ensemble.

    Parameters
    ----------
    ensemble : as of `netphase.weights.selection.select`

    Returns
    -------
    xarray.Dataset
        ``place`` (kind, network, axis): components of w / |w| along the mean of the networks and
        along the leading principal component beside it; ``overlap`` (kind, pair) = w w' / N of
        disjoint pairs; ``apart``: share of trained and of random configurations on their own side
        of the plane halfway to the mean, which is the attribute ``plane``.

    Raises
    ------
    InputError
        For fewer than four networks.
    """
    n_trained = ensemble.sizes["trial"]
    if n_trained < 4:
        raise InputError(f"accept: {n_trained} networks are accepted, a cloud needs four")
    weights = unpack(ensemble["weights"].values, ensemble["weights"].attrs["n"])
    half = min(n_trained, MOST_NETWORKS) // 2
    chosen = rng.permutation(n_trained)[: 2 * half]
    known, shown = weights[chosen[:half]].astype(float), weights[chosen[half:]].astype(float)
    mean, size = known.mean(axis=0), weights.shape[1]
    signs = {
        "trained": shown,
        "independent": np.where(rng.random(shown.shape) < (1 + mean) / 2, 1.0, -1.0),
        "random": rng.choice([-1.0, 1.0], shown.shape),
    }
    towards = mean / np.linalg.norm(mean)
    beside = known - np.outer(known @ towards, towards)
    leading = np.linalg.svd(beside - beside.mean(axis=0), full_matrices=False)[2][0]
    leading *= np.sign(leading[np.abs(leading).argmax()])  # either sign is a component
    axes = np.stack([towards, leading], axis=1) / np.sqrt(size)
    places = {kind: w @ axes for kind, w in signs.items()}
    halfway = np.linalg.norm(mean) / np.sqrt(size) / 2
    right = np.append(places["trained"][:, 0] > halfway, places["random"][:, 0] < halfway)
    overlaps = {
        kind: (w[: half // 2] * w[half // 2 : half // 2 * 2]).mean(axis=1)
        for kind, w in signs.items()
    }
    words = {
        "place": (("kind", "network", "axis"), places, "component of the normalised weights"),
        "overlap": (("kind", "pair"), overlaps, "overlap of two configurations"),
    }
    found = xr.Dataset(
        {
            name: (dims, np.stack([values[kind] for kind in KINDS]), {"long_name": text})
            for name, (dims, values, text) in words.items()
        },
        {
            "kind": ("kind", list(KINDS), {"long_name": "origin of the configurations"}),
            "axis": ("axis", ["mean", "component"], {"long_name": "direction"}),
        },
        {"title": "Trained networks among all configurations of their weights", "plane": halfway},
    )
    found["apart"] = ((), right.mean(), {"long_name": "share on its own side of a plane"})
    for variable in found.data_vars.values():
        variable.attrs["units"] = "1"
    return found
