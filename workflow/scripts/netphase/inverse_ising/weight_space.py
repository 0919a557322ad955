"""The space of the weights of an ensemble, seen through its Ising model.

Each function takes a model as `netphase.inverse_ising.inference.infer` returns it and the ensemble
that it was inferred from. References are networks of the ensemble, from three bands of the model's
energy.
"""

import json
import logging
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.inverse_ising.belief_propagation import TOLERANCE, Cavity
from netphase.inverse_ising.heat_bath import Chains, observe
from netphase.inverse_ising.inference import infer, orbits_of, weights_of
from netphase.inverse_ising.landscapes import (
    DIRECTIONS,
    ENERGIES,
    energy_bands,
    entropy_landscape,
    hysteresis,
    iso_energy,
)
from netphase.inverse_ising.methods import rms
from netphase.inverse_ising.tap import distinct, tap_states
from netphase.inverse_ising.thermodynamic_integration import (
    integrate,
    relax_from,
    sweep_field,
    triple_moments,
)
from netphase.jobs.progress import Progress
from netphase.weights.ensembles import pack
from netphase.weights.networks import Engine
from netphase.weights.permutations import rename_at_random, share_renamed, sort_units
from netphase.weights.symmetry import average, blocks

LARGEST_FIELD = 3.0
BATCH = 256
HYSTERESIS = {
    "area": "area between both directions of the sweep, in d and x",
    "largest": "largest difference of the distances of both directions",
    "jump": "largest change of the distance between two neighbouring fields",
    "first": "first field with two phases",
    "last": "last field with two phases",
}
TRIPLES = {"relax": 1000, "every": 10}
"""Sweeps of the chains before and between the configurations that triples are counted in."""

log = logging.getLogger(__name__)


def fields_towards(n_fields: int) -> np.ndarray:
    """Fields x towards a reference, evenly from -3 to 3 (Zou & Huang 2021)."""
    return np.linspace(-LARGEST_FIELD, LARGEST_FIELD, n_fields)


def references(
    model: xr.Dataset, ensemble: xr.Dataset, n_references: int
) -> tuple[np.ndarray, xr.Dataset]:
    """Weights (band, reference, n) of networks of high, medium and low energy, and who they are.

    Returns
    -------
    weights : (3, references, n) float64 of -1 and 1
    known : ``reference_energy`` per weight and ``trial``, both (band, reference); the attribute
        ``flags`` says where a band has fewer different networks than were asked for
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


def explore(
    model: xr.Dataset, ensemble: xr.Dataset, *, n_references: int, n_fields: int
) -> xr.Dataset:
    """Entropy landscapes around the references, by belief propagation in both directions.

    Returns
    -------
    xarray.Dataset
        What `netphase.inverse_ising.landscapes.entropy_landscape` finds, over (band, reference,
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
        _flag(found, "not_converged", f"{missed} of {whole.converged.size} points of the landscape")
    return found.merge(whole, combine_attrs="override").assign_attrs(
        title="Entropy landscapes around networks of an ensemble"
    )


def _flag(found, name, reason):
    found.attrs["flags"] = json.dumps(json.loads(found.attrs["flags"]) | {name: reason})


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
    """States of the model by the TAP equations, and how far chains drift from low energies.

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
        _flag(found, "no_state", f"{missed} of {starts} starts of the TAP equations do not arrive")
    return found


def trace_iso_energy(
    model: xr.Dataset, ensemble: xr.Dataset, *, n_references: int, n_fields: int
) -> xr.Dataset:
    """Landscapes among the configurations that have the energy of their reference, of low energy.

    Returns
    -------
    xarray.Dataset
        What `netphase.inverse_ising.landscapes.iso_energy` finds, over (reference, x), and
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
        _flag(found, "no_temperature", f"{missed} of {found.beta.size} points have no temperature")
    return found


def integrate_entropy(model: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
    """Entropy per weight by thermodynamic integration, and by belief propagation, of one model.

    Returns
    -------
    xarray.Dataset
        Without dimensions: ``entropy`` with its standard error ``entropy_se`` and the ``energy``
        by Markov chains; ``bethe_entropy``, NaN where belief propagation does not converge.
    """
    h, couplings = model.h.values, model.J.values
    chains = integrate(h, couplings, rng)
    cavity = Cavity(couplings)
    start = np.broadcast_to(model.m.values[:, np.newaxis], couplings.shape)
    messages = cavity.propagate(h, start)
    bethe = cavity.bethe(h, messages).entropy / len(h)
    words = {
        "entropy": (chains.entropy, "entropy by thermodynamic integration"),
        "entropy_se": (chains.entropy_se, "standard error of that entropy over chains"),
        "energy": (chains.energy, "energy by Markov chains"),
        "bethe_entropy": (
            bethe if messages.change <= TOLERANCE else np.nan,
            "entropy by belief propagation that begins at the data",
        ),
    }
    return xr.Dataset(
        {
            name: ((), value, {"long_name": text, "units": "1"})
            for name, (value, text) in words.items()
        },
        attrs={"title": "Entropy of an Ising model", **_identity(model)},
    )


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


def compare_triples(
    model: xr.Dataset,
    ensemble: xr.Dataset,
    rng: np.random.Generator,
    *,
    n_weights: int,
    n_samples: int,
) -> xr.Dataset:
    """Moments <s_i s_j s_k> of networks and of the model, which was not told any of them.

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
        attrs={"title": "Three-weight correlations", **_identity(model)},
    )


def integrate_parts(
    model: xr.Dataset,
    ensemble: xr.Dataset,
    rng: np.random.Generator,
    *,
    n_parts: int,
    options: Mapping,
) -> xr.Dataset:
    """What `integrate_entropy` finds for a model, and for those of parts of its ensemble.

    The scatter of the parts tells the error of the whole; their distance from it, the bias that
    the number of networks leaves.

    Parameters
    ----------
    options : of the method that the model comes from

    Returns
    -------
    xarray.Dataset
        Over part: 0 is the whole ensemble, 1 to n_parts are disjoint parts.
    """
    found = [integrate_entropy(model, rng)]
    block, method = model.attrs["block"], model.attrs["method"]
    for k in range(n_parts):
        part = ensemble.isel(trial=slice(k, None, n_parts))
        symmetrise = bool(model.attrs["symmetrised"])
        of_part = infer(part, block, method, rng, symmetrise=symmetrise, options=options)
        found.append(integrate_entropy(of_part, rng))
        log.info("%d of %d parts of the ensemble", k + 1, n_parts)
    whole = xr.concat(found, "part", combine_attrs="override")
    words = {"long_name": "part of the ensemble, 0 for the whole"}
    return whole.assign_coords(part=("part", np.arange(n_parts + 1), words))


def rename_units(
    ensemble: xr.Dataset,
    inputs: xr.Dataset,
    method: str,
    rng: np.random.Generator,
    *,
    ratios: Sequence[float],
    label: int,
    options: Mapping,
) -> xr.Dataset:
    """Entropies of networks whose hidden units stand in order, and of mixtures with renamed ones.

    The units of every network are sorted by their mean input over the test images of one class;
    of a mixture, a share is made of pairs of one network under two names (Zou & Huang 2021, Fig.
    10). Moments are not averaged over orbits: renaming is what is asked about.

    Parameters
    ----------
    method, options : of the inference
    ratios : shares, 0 for none
    label : the class whose images sort the units

    Returns
    -------
    xarray.Dataset
        What `integrate_entropy` finds over (ratio, block); the last ratio, 1, stands for all
        networks with their units in random order.

    Raises
    ------
    InputError : no test image has that class
    """
    layers = ensemble.attrs["layers"].tolist()
    shown = (inputs.split.values == 1) & (inputs.label.values == label)
    if not shown.any():
        raise InputError(f"renaming.class: no test image has the class {label}; choose another")
    in_order = sort_units(weights_of(ensemble, "full"), layers, inputs.input.values[shown])
    rows = []
    for ratio in (*ratios, 1.0):
        if ratio == 1:
            mixed = rename_at_random(in_order, layers, rng)
        else:
            mixed = share_renamed(in_order, layers, ratio, rng)
        packed = ("trial", "byte"), pack(mixed), ensemble["weights"].attrs
        numbers = {"trial": np.arange(len(mixed))}
        renamed = xr.Dataset({"weights": packed}, numbers, {"layers": ensemble.attrs["layers"]})
        found = []
        for block in blocks(layers):
            model = infer(renamed, block, method, rng, symmetrise=False, options=options)
            found.append(integrate_entropy(model, rng).assign_coords(block=block))
            log.info("share %.2f, %s", ratio, block)
        rows.append(xr.concat(found, "block", combine_attrs="override"))
    coords = {"ratio": ("ratio", [*ratios, 1.0], {"long_name": "share of renamed networks"})}
    whole = xr.concat(rows, "ratio", combine_attrs="drop").assign_coords(coords)
    title = "Entropy of networks and of their renamed copies"
    return whole.assign_attrs(title=title, method=method, label=label)


def _identity(model):
    return {name: model.attrs[name] for name in ("block", "method", "flags")}
