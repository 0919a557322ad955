"""Reference networks of an ensemble for its models, and the attributes of a model."""

import json

import numpy as np
import xarray as xr

from netphase.inverse_ising.inference import weights_of
from netphase.inverse_ising.landscapes import ENERGIES, energy_bands

LARGEST_FIELD = 3.0


def fields_towards(n_fields: int) -> np.ndarray:
    """Fields x towards a reference, evenly from -3 to 3 (Zou & Huang 2021)."""
    return np.linspace(-LARGEST_FIELD, LARGEST_FIELD, n_fields)


def references(
    model: xr.Dataset, ensemble: xr.Dataset, n_references: int
) -> tuple[np.ndarray, xr.Dataset]:
    """Weights (band, reference, n) of networks of high, medium and low energy, and their trials.

    Returns
    -------
    weights : (3, references, n) float64 of -1 and 1
    known : ``reference_energy`` per weight and ``trial``, both (band, reference); the attribute
        ``flags`` says where a band has fewer different networks than requested
    """
    spins = weights_of(ensemble, model.attrs["block"])
    chosen = energy_bands(model.energy.values, n_references)
    places = np.stack([chosen[band] for band in ENERGIES])
    flags = json.loads(model.attrs["flags"])
    fewest = min(len(set(row)) for row in places.tolist())
    if fewest < n_references:
        flags["few_references"] = f"an energy band has {fewest} of {n_references} networks"
    dims = ("band", "reference")
    words = {"long_name": "energy of the reference per weight", "units": "1"}
    known = xr.Dataset(
        {
            "reference_energy": (dims, model.energy.values[places], words),
            "trial": (
                dims,
                ensemble.trial.values[places].astype(np.int32),
                {"long_name": "number of the network"},
            ),
        },
        {"band": ("band", list(ENERGIES), {"long_name": "energy band of the reference"})},
        {
            "block": model.attrs["block"],
            "method": model.attrs["method"],
            "flags": json.dumps(flags),
        },
    )
    return spins[places].astype(np.float64), known


def add_flag(found: xr.Dataset, name: str, reason: str) -> None:
    """Add a name with its reason to the attribute ``flags`` (JSON) of a result."""
    found.attrs["flags"] = json.dumps(json.loads(found.attrs["flags"]) | {name: reason})


def identity(model: xr.Dataset) -> dict[str, str]:
    """Attributes that identify a model: block, method and flags."""
    return {name: model.attrs[name] for name in ("block", "method", "flags")}
