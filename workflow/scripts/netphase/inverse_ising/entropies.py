"""Entropies of the models of an ensemble, of its parts, and under permutations of hidden units."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.inverse_ising.belief_propagation import TOLERANCE, Cavity
from netphase.inverse_ising.inference import infer, weights_of
from netphase.inverse_ising.references import identity
from netphase.inverse_ising.thermodynamic_integration import integrate
from netphase.statistics.intervals import student_half_width
from netphase.weights.ensembles import pack
from netphase.weights.permutations import rename_at_random, share_renamed, sort_units
from netphase.weights.symmetry import blocks

log = logging.getLogger(__name__)


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
        attrs={"title": "Entropy of an Ising model", **identity(model)},
    )


def integrate_parts(
    model: xr.Dataset,
    ensemble: xr.Dataset,
    rng: np.random.Generator,
    *,
    n_parts: int,
    options: Mapping,
) -> xr.Dataset:
    """Entropies of a model and of the models of parts of its ensemble, by `integrate_entropy`.

    The scatter of the parts estimates the error of the whole; their distance from it, the bias due
    to the finite number of networks.

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
    """Entropies of networks with ordered hidden units, and of mixtures with permuted copies.

    The units of every network are sorted by their mean input over the test images of one class;
    of a mixture, a share consists of pairs of a network and its copy with permuted hidden units
    (Zou & Huang 2021, Fig. 10). Moments are not averaged over orbits: the effect of permutations is
    what is measured.

    Parameters
    ----------
    method, options : of the inference
    ratios : shares, 0 for none
    label : the class whose images sort the units

    Returns
    -------
    xarray.Dataset
        Results of `integrate_entropy` over (ratio, block); the last ratio, 1, stands for all
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
    coords = {"ratio": ("ratio", [*ratios, 1.0], {"long_name": "share of permuted networks"})}
    whole = xr.concat(rows, "ratio", combine_attrs="drop").assign_coords(coords)
    title = "Entropy of networks and of copies with permuted hidden units"
    return whole.assign_attrs(title=title, method=method, label=label)


def entropy_interval(one: xr.Dataset) -> tuple[float, float, float]:
    """Entropy of the whole ensemble's model with the ends of its 95 % interval.

    Student's t over the models of disjoint parts of the ensemble, whose scatter is joined with the
    error of the chains.

    Parameters
    ----------
    one : of `integrate_parts`
    """
    parts = one.entropy.values[1:]
    n = parts.size
    error = np.hypot(parts.std(ddof=1) / np.sqrt(n), float(one.entropy_se[0]))
    value, half = float(one.entropy[0]), student_half_width(error, n - 1)
    return value, value - half, value + half
