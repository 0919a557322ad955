"""Landscapes of an Ising model around networks of its ensemble.

Each function takes a model as `netphase.inverse_ising.inference.infer` returns it and the ensemble
that it was inferred from.
"""

import logging

import numpy as np
import xarray as xr

from netphase.inverse_ising.heat_bath import Chains, observe
from netphase.inverse_ising.inference import orbits_of
from netphase.inverse_ising.landscapes import (
    DIRECTIONS,
    entropy_landscape,
    hysteresis,
    iso_energy,
)
from netphase.inverse_ising.methods import rms
from netphase.inverse_ising.references import add_flag, fields_towards, references
from netphase.inverse_ising.thermodynamic_integration import sweep_field
from netphase.jobs.progress import Progress
from netphase.weights.symmetry import average

HYSTERESIS = {
    "area": "area between both directions of the sweep, in d and x",
    "largest": "largest difference of the distances of both directions",
    "jump": "largest change of the distance between two neighbouring fields",
    "first": "first field with two phases",
    "last": "last field with two phases",
}

log = logging.getLogger(__name__)


def explore(
    model: xr.Dataset, ensemble: xr.Dataset, *, n_references: int, n_fields: int
) -> xr.Dataset:
    """Entropy landscapes around the references, by belief propagation in both directions.

    Returns
    -------
    xarray.Dataset
        Results of `netphase.inverse_ising.landscapes.entropy_landscape` over (band, reference,
        direction, x), and HYSTERESIS and ``reference_energy`` over (band, reference).
    """
    weights, found = references(model, ensemble, n_references)
    h, couplings, x = model.h.values, model.J.values, fields_towards(n_fields)
    bands, loops, progress = [], [], Progress(log)
    for k, band in enumerate(weights):
        landscapes = [entropy_landscape(h, couplings, one, x) for one in band]
        bands.append(xr.concat(landscapes, "reference"))
        loops.append([(*loop[:3], *loop.window) for loop in map(hysteresis, landscapes)])
        progress.info("references of %d of %d energy bands", k + 1, len(weights))
    whole = xr.concat(bands, found.band)
    for name, values in zip(HYSTERESIS, np.moveaxis(np.array(loops), -1, 0), strict=True):
        found[name] = ("band", "reference"), values, {"long_name": HYSTERESIS[name], "units": "1"}
    missed = int((~whole.converged).sum())
    if missed:
        add_flag(
            found, "not_converged", f"{missed} of {whole.converged.size} points of the landscape"
        )
    return found.merge(whole, combine_attrs="override").assign_attrs(
        title="Entropy landscapes around networks of an ensemble"
    )


def trace_iso_energy(
    model: xr.Dataset, ensemble: xr.Dataset, *, n_references: int, n_fields: int
) -> xr.Dataset:
    """Landscapes among the configurations that have the energy of their reference, of low energy.

    Returns
    -------
    xarray.Dataset
        Results of `netphase.inverse_ising.landscapes.iso_energy` over (reference, x), and
        ``free_d`` and ``free_s`` of the landscape without that condition.
    """
    weights, known = references(model, ensemble, n_references)
    h, couplings, x = model.h.values, model.J.values, fields_towards(n_fields)
    rows = []
    for one, energy in zip(weights[-1], known.reference_energy.values[-1], strict=True):
        row = iso_energy(h, couplings, one, x, energy)
        free = entropy_landscape(h, couplings, one, x).isel(direction=DIRECTIONS.index("up"))
        for name in ("d", "s"):
            row[f"free_{name}"] = free[name].where(free.converged).drop_vars("direction")
        row["reference_energy"] = (), energy, known.reference_energy.attrs
        rows.append(row)
        log.info("%d of %d references", len(rows), n_references)
    found = xr.concat(rows, "reference").assign_attrs(known.attrs)
    missed = int(found.beta.isnull().sum())
    if missed:
        add_flag(
            found, "no_temperature", f"{missed} of {found.beta.size} points have no temperature"
        )
    return found


def sweep_by_chains(
    model: xr.Dataset,
    ensemble: xr.Dataset,
    rng: np.random.Generator,
    *,
    n_references: int,
    n_fields: int,
) -> xr.Dataset:
    """The landscape's distances by Markov chains, which need no belief propagation.

    Returns
    -------
    xarray.Dataset
        ``d(band, reference, direction, x)``, ``area`` and ``largest`` over (band, reference) as of
        HYSTERESIS, and ``flipped``, the deviation of the moments of chains that begin in the
        mirror image of the data, root mean square; ``straight`` of those that begin in the data.
    """
    weights, found = references(model, ensemble, n_references)
    h, couplings, x = model.h.values, model.J.values, fields_towards(n_fields)
    d = np.stack(
        [[sweep_field(h, couplings, one, x, rng) for one in band] for band in weights]
    )  # (band, reference, direction, x)
    found["d"] = ("band", "reference", "direction", "x"), d
    found = found.assign_coords(
        direction=("direction", list(DIRECTIONS), {"long_name": "direction of the sweep"}),
        x=("x", x, {"long_name": "field towards the reference", "units": "1"}),
    )
    apart = np.abs(d[:, :, 0] - d[:, :, 1])
    loops = {"area": np.trapezoid(apart, x, axis=-1), "largest": apart.max(axis=-1)}
    for name, values in loops.items():
        found[name] = ("band", "reference"), values, {"long_name": HYSTERESIS[name], "units": "1"}
    found["d"].attrs = {"long_name": "distance from the reference, by chains", "units": "1"}
    for name, sign, text in (("straight", 1, "the data"), ("flipped", -1, "their mirror image")):
        chains = Chains.independent(sign * model.m.values, 200, rng)
        m, c, _ = observe(h, couplings, chains, relax=100, n_measurements=100)
        if model.attrs["symmetrised"]:
            m, c = average(m, c, orbits_of(ensemble, model.attrs["block"]))
        words = {"long_name": f"deviation of moments, chains that begin at {text}", "units": "1"}
        found[name] = (), rms(m, c, model.m.values, model.c.values), words
    return found.assign_attrs(title="Distances in a field, by Markov chains")
