"""Jackiw-Teitelboim gravity as an Ising model: a disc cut out of a tiling by triangles {3, q}.

The spins of the triangles are up inside a universe and down outside it; its boundary, the wall, is
one closed loop that meets no vertex twice. The energy is

E = -h N_up + J_eff (edges of the wall, each counted once), h = q / 12 - 1 / 2,
J_eff = J - e, J = sqrt((q - 6) (q - 2)) / 12,

but for a constant (Erdmenger, Karl, Thurn, Vojta & Xian 2024, arXiv:2407.06266). J_eff > 0 shrinks
the universe, J_eff < 0 lets its wall grow.
"""

from typing import NamedTuple

import numba
import numpy as np

from netphase.errors import InputError
from netphase.tilings import disc, first_alike, polygons

compiled = numba.njit(cache=True, error_model="numpy")


class Triangles(NamedTuple):
    """Triangles that may turn, and what surrounds them.

    neighbours : (cells, 3), -1 at the rim
    rings : (cells, 3, q), the triangles around the corner between edges k and k + 1; -1 at the rim
    free : (n,), the triangles that may be up, those from the centre first
    """

    neighbours: np.ndarray
    rings: np.ndarray
    free: np.ndarray


def triangles(q: int, layers: int, n_free: int | None = None) -> Triangles:
    """The triangles of {3, q} within layers - 1 steps of the central one.

    Free are those all of whose corners are surrounded, or the first n_free of them.

    Raises
    ------
    InputError : {3, q} is not hyperbolic, or there are fewer free triangles than one or n_free
    """
    cells = disc(3, q, layers)
    corner = first_alike(polygons(3, q, cells).ravel())
    order = np.argsort(corner, kind="stable")
    _, start, count = np.unique(corner[order], return_index=True, return_counts=True)
    rings = np.full((corner.size, q), -1, np.int32)
    for first, n in zip(start, count, strict=True):
        around = order[first : first + n]
        rings[around, :n] = around // 3
    rings = rings.reshape(-1, 3, q)
    free = np.flatnonzero((rings >= 0).all(axis=(1, 2)))
    if free.size < max(1, n_free or 1):
        raise InputError(f"layers: {layers} of {{3, {q}}} have {free.size} free triangles")
    return Triangles(cells.neighbours, rings, free[:n_free].astype(np.int32))


def couplings(q: int, e: float) -> tuple[float, float]:
    """h and J_eff = J - e."""
    return q / 12 - 1 / 2, np.sqrt((q - 6) * (q - 2)) / 12 - e


@compiled
def turns(spins, neighbours, rings, cell):
    """Change of the wall's length if a triangle turns; 0 where the wall would not stay one loop.

    With one edge on the wall the triangle's far corner comes onto it, where it must not be yet;
    with two edges their corner leaves it. A triangle without or with three edges on the wall would
    make or end a universe.
    """
    own = spins[cell]
    same = 0
    for k in range(3):
        same += spins[neighbours[cell, k]] == own
    if same == 1:
        return -1
    if same != 2:
        return 0
    for k in range(3):
        here, after = spins[neighbours[cell, k]], spins[neighbours[cell, (k + 1) % 3]]
        if here == own and after == own:
            for other in rings[cell, k]:
                if spins[other] != own:
                    return 0
    return 1


@compiled
def update_wall(spins, neighbours, wall, place, length, cell):
    """Put a free triangle on the list of those at the wall, or take it off; the list's length."""
    if place[cell] == -2:
        return length
    at_wall = False
    for k in range(3):
        at_wall |= spins[neighbours[cell, k]] != spins[cell]
    if at_wall and place[cell] < 0:
        wall[length] = cell
        place[cell] = length
        return length + 1
    if not at_wall and place[cell] >= 0:
        last = wall[length - 1]
        wall[place[cell]] = last
        place[last] = place[cell]
        place[cell] = -1
        return length - 1
    return length


@compiled
def turn(spins, neighbours, wall, place, length, cell):
    """Turn a triangle; the length of the list of those at the wall afterwards."""
    spins[cell] = -spins[cell]
    length = update_wall(spins, neighbours, wall, place, length, cell)
    for k in range(3):
        length = update_wall(spins, neighbours, wall, place, length, neighbours[cell, k])
    return length


@compiled
def metropolis(spins, neighbours, rings, free, beta, field, coupling, between, rng, out):
    """Steps that turn a free triangle at the wall, each as likely as any other.

    The way back is chosen from a list of another length, so that a step is accepted with the
    probability min(1, exp(-beta dE) L / L'), L and L' the lengths before and after.

    Parameters
    ----------
    spins : (cells,), int8, one universe of free triangles up
    beta, field, coupling : 1 / T, h and J_eff
    between : steps from one measurement to the next
    out : (2, measurements), int64: triangles up, edges of the wall
    """
    wall = np.empty(free.size, np.int32)
    # -2 is never on the list, -1 is not now.
    place = np.full(spins.size, -2, np.int32)
    place[free] = -1
    length, up, edges = 0, 0, 0
    for cell in free:
        length = update_wall(spins, neighbours, wall, place, length, cell)
        if spins[cell] > 0:
            up += 1
            for k in range(3):
                edges += spins[neighbours[cell, k]] < 0
    for t in range(out.shape[1]):
        for _ in range(between):
            cell = wall[int(rng.random() * length)]
            change = turns(spins, neighbours, rings, cell)
            uniform = rng.random()
            if change == 0:
                continue
            own = spins[cell]
            before = length
            length = turn(spins, neighbours, wall, place, length, cell)
            energy = field * own + coupling * change
            if uniform * length < np.exp(-beta * energy) * before:
                up -= own
                edges += change
            else:
                length = turn(spins, neighbours, wall, place, length, cell)
        out[0, t] = up
        out[1, t] = edges
