"""The Ising model on an open disc of a hyperbolic tiling: influence of its boundary.

Spins stand at the vertices of {p, q}, which are the cells of the dual tiling {q, p}: q neighbours
each, fewer at the boundary. H = -J sum over neighbours of s_i s_j, J = k_B = 1. A missing neighbour
counts nothing where the boundary is free, and as a spin up where it is fixed. The boundary holds a
finite share of all spins however large the disc is, so that the mean over all of them follows the
boundary and not the bulk (Wang, Nussinov & Ortiz 2025, arXiv:2507.21044).
"""

from collections.abc import Sequence

import numba
import numpy as np
import xarray as xr

from netphase.files.flags import flags
from netphase.hyperbolic.discs import disc, polygons
from netphase.lattices.temperatures import LEVELS_PER_UNIT, levels
from netphase.statistics.autocorrelation import BINS, autocorrelation_time
from netphase.streams import stream

BOUNDARIES = ("free", "fixed")
CENTRE = 3
"""Largest distance from the central cell of what is called the centre."""
STATUS = ("measured", "too_short")
MEASURED, TOO_SHORT = range(len(STATUS))
DISCARDED = 0.1
REFERENCES = "Wang, Nussinov & Ortiz (2025), arXiv:2507.21044"

compiled = numba.njit(cache=True, error_model="numpy")


@compiled
def heat_bath(spins, neighbours, up, layer, n_discarded, rng, out):
    """Draw each spin in turn from its distribution given the others, and measure every sweep.

    Parameters
    ----------
    spins : (cells + 1,), int8; the last is that of the missing neighbours: 0 or 1
    neighbours : (cells, width), missing ones are cell number `cells`
    up : (2 width + 1,), probability of spin up given the sum of its neighbours plus width
    out : (layers, sweeps), int64: sum of the spins of each layer
    """
    cells, width = neighbours.shape
    for t in range(-n_discarded, out.shape[1]):
        for site in range(cells):
            field = width
            for k in range(width):
                field += spins[neighbours[site, k]]
            spins[site] = 1 if rng.random() < up[field] else -1
        if t >= 0:
            for site in range(cells):
                out[layer[site], t] += spins[site]


def simulate_disc(
    neighbours: np.ndarray,
    layer: np.ndarray,
    boundary: str,
    temperature: float,
    sweeps: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the spins of each layer (layers, sweeps), and the last spins (cells,).

    It starts with all spins up and discards a tenth of the sweeps before the first one counted.

    Parameters
    ----------
    neighbours, layer : of `netphase.hyperbolic.discs.Disc`
    boundary : one of `BOUNDARIES`
    temperature : in J / k_B
    """
    cells, width = neighbours.shape
    spins = np.ones(cells + 1, np.int8)
    spins[-1] = BOUNDARIES.index(boundary)
    table = np.where(neighbours < 0, cells, neighbours).astype(np.uint32)
    fields = np.arange(-width, width + 1)
    up = 1 / (1 + np.exp(-2 * fields / temperature))
    out = np.zeros((layer.max() + 1, sweeps), np.int64)
    heat_bath(spins, table, up, layer, round(DISCARDED * sweeps), rng, out)
    return out, spins[:-1]


def simulate_discs(
    *, p: int, q: int, layers: int, temperatures: Sequence[float], sweeps: int
) -> xr.Dataset:
    """Simulate a disc with either boundary at all temperatures: the whole, its centre, its layers.

    Where the boundary is fixed, magnetisations have a sign; where it is free both signs are as
    likely, and those of the whole and of the centre are absolute values. Standard errors come from
    the autocorrelation time; values are NaN where 1/20 of the sweeps is shorter than ten of them.
    Half of the function describes the variables that the other half simulates.

    Parameters
    ----------
    p, q : spins at the vertices of {p, q}
    layers : of cells of {q, p} around the central one, which is the first
    sweeps : after those that are discarded, at least 200

    Raises
    ------
    InputError : {p, q} is not hyperbolic, or the disc too large for the memory that is free
    """
    cells = disc(q, p, layers)
    corners = polygons(q, p, cells)
    sizes = np.bincount(cells.layer)
    inner = min(CENTRE, layers - 1) + 1
    shape = (len(BOUNDARIES), len(temperatures))
    values = {name: np.full((2, *shape), np.nan) for name in ("magnetisation", "centre")}
    profile, tau = np.full((*shape, layers), np.nan), np.full(shape, np.nan)
    spins = np.zeros((*shape, sizes.sum()), np.int8)
    for place in np.ndindex(shape):
        boundary, level = BOUNDARIES[place[0]], levels(temperatures)[place[1]]
        rng = stream("disc", p=p, q=q, layers=layers, boundary=boundary, level=level)
        sums, spins[place] = simulate_disc(
            cells.neighbours, cells.layer, boundary, level / LEVELS_PER_UNIT, sweeps, rng
        )
        series = [
            sums.sum(axis=0) / sizes.sum(),
            sums[:inner].sum(axis=0) / sizes[:inner].sum(),
        ]
        if boundary == "free":
            # Seen from the centre, whose sign is as likely either way.
            sums = sums * np.sign(series[1])
            series = [np.abs(one) for one in series]
        times = [autocorrelation_time(one) for one in series]
        tau[place] = max(times)
        if sweeps // BINS >= 10 * tau[place]:
            profile[place] = sums.mean(axis=1) / sizes
            for name, one, time in zip(values, series, times, strict=True):
                values[name][(slice(None), *place)] = (
                    one.mean(),
                    np.sqrt(2 * time * one.var() / sweeps),
                )
    grid = ("boundary", "temperature")
    result = xr.Dataset(
        {
            name + end: (grid, values[name][k], {"long_name": prefix + meaning, "units": "1"})
            for name, meaning in (
                ("magnetisation", "magnetisation per spin of the whole disc"),
                ("centre", f"magnetisation per spin within {inner - 1} steps of the central cell"),
            )
            for k, (end, prefix) in enumerate((("", ""), ("_se", "standard error of the ")))
        },
        {"boundary": list(BOUNDARIES), "temperature": np.asarray(temperatures, float)},
    )
    variables = {
        "profile": ((*grid, "layer"), profile, "magnetisation per spin of a layer"),
        "tau": (grid, tau, "longest integrated autocorrelation time, in sweeps"),
        "status": (grid, np.where(np.isnan(profile[..., 0]), TOO_SHORT, MEASURED), "outcome"),
        "spins": ((*grid, "cell"), spins, "spins after the last sweep"),
        "cells": ("layer", sizes.astype(np.int32), "number of cells of a layer"),
        "layer_of": ("cell", cells.layer, "layer of a cell"),
        "x": (("cell", "corner"), corners.real, "first coordinate of a corner in the unit disc"),
        "y": (("cell", "corner"), corners.imag, "second coordinate of a corner in the unit disc"),
    }
    for name, (dims, data, meaning) in variables.items():
        result[name] = dims, data, {"long_name": meaning, "units": "1"}
    result["status"] = result.status.astype(np.int8).assign_attrs(flags(STATUS))
    axes = {
        "boundary": ("spins beyond the boundary: none, or all up", "1"),
        "temperature": ("temperature", "J/k_B"),
        "layer": ("steps from the central cell", "1"),
    }
    result = result.assign_coords(layer=np.arange(layers, dtype=np.int32))
    for name, (meaning, units) in axes.items():
        result[name].attrs = {"long_name": meaning, "units": units}
    result.attrs = {
        "title": f"Ising model at the vertices of {{{p}, {q}}}, open discs of {layers} layers",
        "p": p,
        "q": q,
        "references": REFERENCES,
    }
    return result
