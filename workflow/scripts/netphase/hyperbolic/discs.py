"""Open discs of hyperbolic tilings {p, q}, of which q regular p-gons meet at every vertex.

Cells are numbered from the central one outwards; two that share an edge are neighbours. A disc of n
layers holds all cells within n - 1 steps of the central one, and a finite share of them lies at its
boundary, however large it is.

The cells are found shell by shell in the Poincaré disc, in which the cell beyond an edge is one
step away. hypertiling 1.5.1 has the same cells, but its fastest kernels cannot be relied on: GRGS
reads uninitialised memory, and changes {3, 7} from run to run; GRG misses neighbours of {8, 3}.
"""

import os
from typing import NamedTuple

import numpy as np

from netphase.errors import InputError
from netphase.hyperbolic.growth import shell_sizes

BYTES_PER_CELL = 1000
"""Of all that is there at once, for up to eight edges."""
SAME = 1e-3
"""Of the local scale 1 - |z|^2: what is closer is one place."""


class Disc(NamedTuple):
    """A disc of cells.

    neighbours : (cells, p), int32, behind the edges in order around a cell; -1 where there is none,
        but never in the first column
    layer : (cells,), steps to the central cell, which is the first
    centres : (cells,), complex, in the Poincaré disc |z| < 1
    """

    neighbours: np.ndarray
    layer: np.ndarray
    centres: np.ndarray


def disc(p: int, q: int, layers: int) -> Disc:
    """Make all cells of {p, q} within layers - 1 steps of the central one.

    Raises
    ------
    InputError : {p, q} is not hyperbolic, the layers are fewer than two, or their cells would not
        fit into the memory that is free, or lie too close for double precision
    """
    if layers < 2:
        raise InputError(f"layers: {layers} is a single cell at most; give 2 or more")
    begin = np.cumsum([0, *shell_sizes(p, q, layers)], dtype=object)
    cells = begin[-1]
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if cells * BYTES_PER_CELL > free:
        raise InputError(
            f"layers: {layers} of {{{p}, {q}}} have {cells:.3g} cells, which take "
            f"{cells * BYTES_PER_CELL / 2**30:.3g} GiB of memory; {free / 2**30:.3g} GiB are free"
        )
    # Two inradii of a polygon lead from centre to centre.
    step = np.tanh(np.arccosh(np.cos(np.pi / q) / np.sin(np.pi / p)))
    angles = 2 * np.pi * np.arange(p) / p
    centres, towards = np.zeros(cells, complex), np.ones(cells, complex)
    neighbours = np.full((cells, p), -1, np.int32)
    layer = np.repeat(np.arange(layers, dtype=np.int32), np.diff(begin).astype(int))
    for n in range(layers):
        before, first, last = begin[max(n - 1, 0)], begin[n], begin[n + 1]
        beyond = _around(centres[first:last], towards[first:last], step, angles)
        places = np.concatenate([centres[before:last], beyond.ravel()])
        known = last - before
        found = first_alike(places)[known:]
        new = np.unique(found[found >= known])
        rows = np.where(found < known, before + found, last + np.searchsorted(new, found))
        if n == layers - 1:
            rows[found >= known] = -1
        elif new.size != begin[n + 2] - last:
            raise InputError(f"layers: {layers} of {{{p}, {q}}} lie too close for double precision")
        else:
            fresh = slice(last, begin[n + 2])
            centres[fresh] = places[new]
            towards[fresh] = _direction(places[new], centres[first + (new - known) // p])
        neighbours[first:last] = rows.reshape(-1, p)
    return Disc(neighbours, layer, centres)


def first_alike(places):
    """Index of the first equal place, for each place."""
    # Along a line in no direction of symmetry, places that are the same follow upon one another, if
    # not another is between two of them by chance.
    order = np.argsort((places * np.exp(1j)).real)
    line = places[order]
    back = np.arange(line.size)
    for apart in (2, 1):
        near = np.abs(line[apart:] - line[:-apart]) < SAME * (1 - np.abs(line[apart:]) ** 2)
        back[apart:][near] = np.flatnonzero(near)
    while np.any(back[back] != back):
        back = back[back]
    first = np.full(line.size, line.size)
    np.minimum.at(first, back, order)
    alike = np.empty(line.size, np.int64)
    alike[order] = first[back]
    return alike


def _direction(z, other):
    """Direction of `other` seen from z, moved to the origin: w -> (w - z) / (1 - conj(z) w)."""
    moved = (other - z) / (1 - z.conj() * other)
    return moved / np.abs(moved)


def _around(z, direction, radius, angles):
    """Points (cells, angles) at a radius around each z, angles from a direction seen from z."""
    points = radius * direction[:, np.newaxis] * np.exp(1j * angles)
    z = z[:, np.newaxis]
    return (points + z) / (1 + z.conj() * points)


def polygons(p: int, q: int, cells: Disc) -> np.ndarray:
    """Corners (cells, p) of the cells in the Poincaré disc, complex, in order around each.

    With the centre of a cell at the origin they lie pi / p beside the middles of its edges, at the
    radius sqrt(cos(pi / p + pi / q) / cos(pi / p - pi / q)).
    """
    radius = np.sqrt(np.cos(np.pi / p + np.pi / q) / np.cos(np.pi / p - np.pi / q))
    angles = np.pi / p * (2 * np.arange(p) + 1)
    first = _direction(cells.centres, cells.centres[cells.neighbours[:, 0]])
    return _around(cells.centres, first, radius, angles)
