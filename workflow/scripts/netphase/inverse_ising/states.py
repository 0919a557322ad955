"""States of a model by the TAP equations, and the drift of chains from low energies."""

import numpy as np
import xarray as xr

from netphase.inverse_ising.references import add_flag, references
from netphase.inverse_ising.tap import distinct, tap_states
from netphase.inverse_ising.thermodynamic_integration import relax_from
from netphase.weights.networks import Engine

BATCH = 256


def find_states(
    model: xr.Dataset,
    ensemble: xr.Dataset,
    inputs: xr.Dataset,
    rng: np.random.Generator,
    *,
    n_references: int,
    starts: int,
    sweeps: int,
    scored: int,
    variant: str,
) -> xr.Dataset:
    """States of the model by the TAP equations, and the drift of chains from low energies.

    Parameters
    ----------
    inputs : as `netphase.data.principal_components.project` makes them
    starts : random magnetisations in which the TAP equations begin
    scored : test samples on which configurations of whole networks are scored

    Returns
    -------
    xarray.Dataset
        ``free_energy`` per weight and ``arrived`` over start, ``overlap`` and ``energy`` over
        (sweep, reference), and ``accuracy`` beside them where the block is the whole network;
        ``states``, the number of different free energies.
    """
    weights, known = references(model, ensemble, n_references)
    h, couplings = model.h.values, model.J.values
    states = tap_states(h, couplings, rng, starts=starts, variant=variant)
    spins, overlap, energy = relax_from(h, couplings, weights[-1], rng, sweeps)
    path = ("sweep", "reference")
    found = xr.Dataset(
        {
            "free_energy": ("start", states.free_energy, {"long_name": "TAP free energy"}),
            "arrived": ("start", states.converged, {"long_name": "whether the iteration arrived"}),
            "overlap": (path, overlap, {"long_name": "overlap with the reference"}),
            "energy": (path, energy, {"long_name": "energy per weight"}),
        },
        {"sweep": ("sweep", np.arange(sweeps + 1), {"long_name": "sweeps of the chain"})},
        known.attrs | {"title": "States and relaxation of the weights of an ensemble"},
    )
    if model.attrs["block"] == "full":
        test = np.flatnonzero(inputs.split.values == 1)[:scored]
        engine = Engine(ensemble.attrs["layers"].tolist(), BATCH)
        accuracy = engine.accuracy(
            spins.reshape(-1, len(h)), inputs.input.values[test], inputs.label.values[test]
        )
        words = {"long_name": "accuracy on test samples"}
        found["accuracy"] = path, accuracy.reshape(overlap.shape), words
    values = distinct(states.free_energy[states.converged])
    found["states"] = (), len(values), {"long_name": "different TAP free energies"}
    for variable in found.data_vars.values():
        variable.attrs["units"] = "1"
    if not states.converged.all():
        missed = int((~states.converged).sum())
        add_flag(
            found, "no_state", f"{missed} of {starts} starts of the TAP equations do not arrive"
        )
    return found
