"""Ising models on {p, 4} lattices without boundary: corner transfer matrices.

Of an infinite lattice in which p-gons meet four at a vertex, a corner C_s is a quadrant around the
spin s, a half row P_ss' the part between two quadrants along an edge. Both grow by a polygon at
every vertex, step by step, and are cut to their dominant states (Ueda, Krcmar, Gendiar & Nishino
2007, J. Phys. Soc. Jpn. 76, 084004). The square lattice is p = 4, all beyond is hyperbolic. The
centre of the lattice is in its bulk, of which a finite disc has none.
"""

from typing import NamedTuple

import numpy as np

from netphase.errors import InputError

SPINS = np.array([1.0, -1.0])
BIAS = 0.1
"""Of the boundary towards spin up: it chooses between the two ordered phases."""
MOST_STEPS = 100_000
BELOW = np.array([0.008, 0.012, 0.016, 0.020])
"""Distances from the critical temperature at which the magnetisation is taken, at last."""


class Magnetisation(NamedTuple):
    """Spontaneous magnetisation at the centre, and the growth steps until it is stable."""

    m: float
    steps: int


def magnetisation(p: int, temperature: float, n_states: int, tolerance: float) -> Magnetisation:
    """Spontaneous magnetisation of the Ising model with J = k_B = 1 on the {p, 4} lattice.

    Parameters
    ----------
    n_states : kept for each spin at the centre of a corner
    tolerance : largest change of the magnetisation in a step that ends the growth

    Raises
    ------
    InputError
        For p < 4, which is no hyperbolic or square lattice, or a temperature that is not positive,
        or if the magnetisation still changes after 100,000 steps.
    """
    if p < 4:
        raise InputError(f"p is {p}: four {p}-gons at a vertex close to a sphere")
    if not temperature > 0:
        raise InputError(f"temperature is {temperature}, not positive")
    # Half a bond: the other half belongs to the polygon on the other side.
    bond = np.exp(np.outer(SPINS, SPINS) / (2 * temperature))
    boundary = 1 + BIAS * SPINS
    corner = boundary.reshape(2, 1, 1)
    row = np.outer(boundary, boundary).reshape(2, 2, 1, 1)
    last = np.inf
    for step in range(MOST_STEPS):
        corner, row = _grow(p, bond, corner, row, n_states)
        weights = (np.linalg.eigvalsh(corner) ** 4).sum(axis=1)
        m = (weights[0] - weights[1]) / weights.sum()
        if abs(m - last) < tolerance:
            return Magnetisation(float(m), step)
        last = m
    raise InputError(
        f"temperature is {temperature}: the magnetisation still changes after {MOST_STEPS} steps"
    )


def _grow(p, bond, corner, row, n_states):
    """Grow corner and half row by a polygon around every vertex, and cut them to n_states."""
    n = corner.shape[1]
    joint = (bond[:, :, np.newaxis, np.newaxis] * row).transpose(0, 2, 1, 3).reshape(2 * n, 2 * n)
    turn = np.zeros((2 * n, 2 * n))
    for s in range(2):
        turn[s * n : (s + 1) * n, s * n : (s + 1) * n] = corner[s]
    rows = joint
    for _ in range(p - 4):
        rows = rows @ turn @ joint
    corners = rows @ turn @ joint
    # Bonds from the centre to both ends of what lies around it.
    ends = np.repeat(bond, n, axis=1)
    grown = ends[:, :, np.newaxis] * corners * ends[:, np.newaxis, :]
    grown = (grown + grown.transpose(0, 2, 1)) / 2
    values, vectors = np.linalg.eigh(grown)
    kept = np.argsort(-np.abs(values), axis=1)[:, :n_states]
    basis = np.take_along_axis(vectors, kept[:, np.newaxis, :], axis=2)
    new_corner = np.take_along_axis(values, kept, axis=1)[:, :, np.newaxis] * np.eye(kept.shape[1])
    between = ends[:, np.newaxis, :, np.newaxis] * rows * ends[np.newaxis, :, np.newaxis, :]
    between *= bond[:, :, np.newaxis, np.newaxis]
    new_row = np.einsum("sia,stij,tjb->stab", basis, between, basis, optimize=True)
    return new_corner / np.abs(new_corner).max(), new_row / np.abs(new_row).max()


def bethe_temperature(coordination: int) -> float:
    """Critical temperature 2 / ln(z / (z - 2)) of the Bethe lattice: all lattices order below."""
    return 2 / np.log(coordination / (coordination - 2))


def critical_temperature(
    p: int, n_states: int = 4, tolerance: float = 1e-10, precision: float = 1e-6
) -> float:
    """Critical temperature of a hyperbolic {p, 4} lattice, where m^2 vanishes linearly.

    A parabola T(m^2) through temperatures below the last estimate gives the next one; the distances
    of the temperatures from it shrink down to BELOW.

    Raises
    ------
    InputError
        For p < 5: on the square lattice m^2 does not vanish linearly.
    """
    if p < 5:
        raise InputError(
            f"p is {p}: only hyperbolic lattices have the exponents of mean-field theory"
        )
    bethe = bethe_temperature(4)
    # From deep in the ordered phase, where few steps do.
    estimate, widening = bethe, bethe / 10 / BELOW[0]
    while True:
        temperatures = estimate - widening * BELOW
        squares = [magnetisation(p, t, n_states, tolerance).m ** 2 for t in temperatures]
        new = float(np.polyfit(squares, temperatures, 2)[-1])
        if widening == 1 and abs(new - estimate) < precision:
            return new
        estimate, widening = new, max(widening / 4, 1)
