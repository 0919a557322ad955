"""Discrete Jackiw-Teitelboim gravity as an Ising model on the tiling {3, q} by triangles.

Spins are up on a disc of triangles, the space-time, and down outside it; its boundary, the wall, is
one closed loop that meets no vertex twice. The energy is

E = -h N_up + J_eff (edges of the wall, each counted once), h = q / 12 - 1 / 2,
J_eff = J - e, J = sqrt((q - 6) (q - 2)) / 12,

but for a constant (Erdmenger, Karl, Thurn, Vojta & Xian 2024, arXiv:2407.06266). h / J is the least
ratio of wall to area of all discs, which only the infinite one has (Häggström, Jonasson & Lyons
2002): with J_eff = J no disc has E < 0. J_eff > J shrinks it, J_eff < J lets it grow.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.files.flags import flags
from netphase.hyperbolic.discs import disc, first_alike, polygons
from netphase.lattices.temperatures import LEVELS_PER_UNIT, levels
from netphase.statistics.autocorrelation import BINS, autocorrelation_time
from netphase.streams import stream

STARTS = ("point", "disc")
STATUS = ("measured", "too_short", "depends_on_start")
MEASURED, TOO_SHORT, DEPENDS_ON_START = range(len(STATUS))
DISCARDED = 0.1
DIFFERENT = 4
"""Standard errors between the areas of both starts that are not put down to chance."""
REFERENCES = (
    "Erdmenger, Karl, Thurn, Vojta & Xian (2024), arXiv:2407.06266; Häggström, Jonasson & Lyons "
    "(2002), Ann. Probab. 30, 443"
)

compiled = numba.njit(cache=True, error_model="numpy")


class Triangles(NamedTuple):
    """Triangles whose spins may be turned, and their surroundings.

    neighbours : (cells, 3), -1 at the rim
    rings : (cells, 3, q), the triangles around the corner between edges k and k + 1; -1 at the rim
    free : (n,), the triangles that may be up, those from the centre first
    corners : (cells, 3), complex, in the Poincaré disc |z| < 1
    """

    neighbours: np.ndarray
    rings: np.ndarray
    free: np.ndarray
    corners: np.ndarray


def triangles(q: int, layers: int, n_free: int | None = None) -> Triangles:
    """The triangles of {3, q} within layers - 1 steps of the central one.

    Free are those all of whose corners are surrounded, or the first n_free of them.

    Raises
    ------
    InputError : {3, q} is not hyperbolic, or there are fewer free triangles than one or n_free
    """
    cells = disc(3, q, layers)
    corners = polygons(3, q, cells)
    corner = first_alike(corners.ravel())
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
    return Triangles(cells.neighbours, rings, free[:n_free].astype(np.int32), corners)


def universe(part: Triangles, start: str) -> np.ndarray:
    """Spins (cells,) of one of `STARTS`: the central triangle, or all that it can grow to."""
    spins = np.full(len(part.neighbours), -1, np.int8)
    spins[part.free[0]] = 1
    before = 0 if start == "disc" else 1
    while before < np.count_nonzero(spins > 0):
        before = np.count_nonzero(spins > 0)
        for cell in part.free[spins[part.free] < 0]:
            if turns(spins, part.neighbours, part.rings, cell):
                spins[cell] = 1
    return spins


def constants(q: int) -> tuple[float, float]:
    """h and J."""
    return q / 12 - 1 / 2, np.sqrt((q - 6) * (q - 2)) / 12


@compiled
def turns(spins, neighbours, rings, cell):
    """Change of the wall's length if a triangle turns; 0 if the wall would not stay one loop.

    With one edge on the wall the triangle's far corner comes onto it, where it must not be yet;
    with two edges their corner leaves it. A triangle without or with three edges on the wall would
    make or end a disc.
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
    """Put a free triangle on the list of those at the wall, or take it off; return its length."""
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
    """Turn a triangle; return the length of the list of those at the wall."""
    spins[cell] = -spins[cell]
    length = update_wall(spins, neighbours, wall, place, length, cell)
    for k in range(3):
        length = update_wall(spins, neighbours, wall, place, length, neighbours[cell, k])
    return length


@compiled
def metropolis(spins, neighbours, rings, free, beta, field, coupling, between, rng, out):
    """Metropolis steps that turn free triangles at the wall, each proposed with equal probability.

    The way back is chosen from a list of another length, so that a step is accepted with the
    probability min(1, exp(-beta dE) L / L'), L and L' the lengths before and after.

    Parameters
    ----------
    spins : (cells,), int8, one disc of free triangles up; changed in place
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


def simulate_universes(
    *,
    q: int,
    layers: int,
    couplings: Sequence[float],
    temperatures: Sequence[float],
    sweeps: int,
) -> xr.Dataset:
    """Simulate area and wall at all couplings and temperatures, from a small and a large disc.

    Values are means over both starts, NaN where 1/20 of the sweeps is shorter than ten
    autocorrelation times or where the starts differ: there the disc has two sizes, which the spins
    of both starts show. Half of the function describes the variables that the other half simulates.

    Parameters
    ----------
    q : triangles at a vertex
    layers : of triangles around the central one, which is the first
    couplings : J_eff / J
    temperatures : in the units of the energy, multiples of 1e-4
    sweeps : of as many steps as triangles may turn, after a tenth of them discarded; at least 200

    Raises
    ------
    InputError : {3, q} is not hyperbolic, or the disc too small to turn a triangle, or too large
        for the memory that is free
    """
    part = triangles(q, layers)
    n = part.free.size
    shape = (len(STARTS), len(couplings), len(temperatures))
    mean, se = np.full((2, *shape), np.nan), np.full((2, *shape), np.nan)
    tau, spins = np.full(shape, np.nan), np.zeros((*shape, len(part.neighbours)), np.int8)
    field, unit = constants(q)
    for place in np.ndindex(shape):
        start, coupling, level = (
            axis[k]
            for axis, k in zip((STARTS, couplings, levels(temperatures)), place, strict=True)
        )
        rng = stream("gravity", q=q, layers=layers, start=start, coupling=coupling, level=level)
        out = np.zeros((2, sweeps + round(DISCARDED * sweeps)), np.int64)
        state = universe(part, start)
        metropolis(
            state, part.neighbours, part.rings, part.free, LEVELS_PER_UNIT / level, field,
            coupling * unit, n, rng, out,
        )  # fmt: skip
        spins[place] = state
        series = out[:, -sweeps:] / n
        times = [autocorrelation_time(one) for one in series]
        tau[place] = np.max(times)
        if sweeps // BINS >= 10 * tau[place]:
            here = (slice(None), *place)
            mean[here] = series.mean(axis=1)
            se[here] = np.sqrt(2 * np.array(times) * series.var(axis=1) / sweeps)
    status = np.where(np.isnan(mean[0]).any(axis=0), TOO_SHORT, MEASURED)
    apart = np.abs(mean[0, 0] - mean[0, 1]) > DIFFERENT * np.hypot(*se[0])
    status[apart] = DEPENDS_ON_START
    known = status == MEASURED
    grid = ("coupling", "temperature")
    variables = {
        "area": (grid, np.where(known, mean[0].mean(axis=0), np.nan), "share of triangles up"),
        "area_se": (grid, np.where(known, np.hypot(*se[0]) / 2, np.nan), "its standard error"),
        "wall": (grid, np.where(known, mean[1].mean(axis=0), np.nan), "edges of the wall / n_free"),
        "wall_se": (grid, np.where(known, np.hypot(*se[1]) / 2, np.nan), "its standard error"),
        "tau": (("start", *grid), tau, "longest integrated autocorrelation time, in sweeps"),
        "spins": (("start", *grid, "cell"), spins, "spins after the last sweep"),
        "x": (("cell", "corner"), part.corners.real, "first coordinate of a corner"),
        "y": (("cell", "corner"), part.corners.imag, "second coordinate of a corner"),
    }
    result = xr.Dataset(
        {
            name: (dims, data, {"long_name": meaning, "units": "1"})
            for name, (dims, data, meaning) in variables.items()
        },
        {
            "start": ("start", list(STARTS), {"long_name": "universe at the start", "units": "1"}),
            "coupling": ("coupling", np.asarray(couplings, float)),
            "temperature": ("temperature", np.asarray(temperatures, float)),
        },
    )
    result["status"] = grid, status.astype(np.int8), flags(STATUS)
    result.coupling.attrs = {"long_name": "coupling of the wall J_eff / J", "units": "1"}
    result.temperature.attrs = {"long_name": "temperature in units of the energy", "units": "1"}
    result.attrs = {
        "title": f"Universes of triangles {{3, {q}}} in an open disc of {layers} layers",
        "q": q,
        "layers": layers,
        "n_free": n,
        "least_ratio": field / unit,
        "references": REFERENCES,
    }
    return result
