"""Discrete gravity on up to twenty triangles against the enumeration of all discs."""

from functools import cache

import numpy as np
import pytest

from netphase.errors import InputError
from netphase.hyperbolic.gravity import (
    STATUS,
    constants,
    metropolis,
    simulate_universes,
    triangles,
    turns,
    universe,
)
from netphase.statistics.autocorrelation import autocorrelation_time
from netphase.streams import stream

N = 14


@cache
def small():
    return triangles(7, 9, N)


def spins_of(state):
    spins = np.full(len(small().neighbours), -1, np.int8)
    spins[small().free[[bool(state >> k & 1) for k in range(N)]]] = 1
    return spins


def is_one_universe(state):
    """By its definition: the wall is one closed loop that meets no vertex twice."""
    part, spins = small(), spins_of(state)
    after = {}
    for cell in np.flatnonzero(spins > 0):
        for k in range(3):
            if spins[part.neighbours[cell, k]] < 0:
                # A vertex is known by the smallest of the triangles around it, and the largest.
                ends = [tuple(sorted(part.rings[cell, c].tolist())) for c in ((k - 1) % 3, k)]
                if ends[0] in after:
                    return False
                after[ends[0]] = ends[1]
    if not after or len(set(after.values())) != len(after):
        return False
    start = vertex = next(iter(after))
    for steps in range(1, len(after) + 1):
        vertex = after[vertex]
        if vertex == start:
            return steps == len(after)
    return False


@cache
def universes():
    """All states that are one universe: triangles up, edges of the wall."""
    states = [state for state in range(1, 2**N) if is_one_universe(state)]
    up = np.array([state.bit_count() for state in states])
    walls = []
    for state in states:
        spins = spins_of(state)
        around = spins[small().neighbours[spins > 0]]
        walls.append(np.count_nonzero(around < 0))
    return states, up, np.array(walls)


def test_moves_reach_all_universes_and_nothing_else():
    part = small()
    every = set(universes()[0])
    reached, todo = {1}, [1]
    while todo:
        state = todo.pop()
        spins = spins_of(state)
        for k, cell in enumerate(part.free):
            if turns(spins, part.neighbours, part.rings, cell):
                other = state ^ (1 << k)
                if other not in reached:
                    reached.add(other)
                    todo.append(other)
    assert reached == every and len(every) > 100


@pytest.mark.parametrize(("beta", "e"), [(1.0, 0.0), (2.0, -0.5), (1.5, 0.6)])
def test_chains_agree_with_all_universes(beta, e):
    part = small()
    _, up, walls = universes()
    field, unit = constants(7)
    coupling = unit - e
    energy = -field * up + coupling * walls
    weight = np.exp(-beta * (energy - energy.min()))
    weight /= weight.sum()
    out = np.zeros((2, 60_000), np.int64)
    spins = spins_of(1)
    metropolis(
        spins, part.neighbours, part.rings, part.free, beta, field, coupling, 20,
        stream("test", beta=str(beta)), out,
    )  # fmt: skip
    for series, exact in zip(out, (up @ weight, walls @ weight), strict=True):
        error = np.sqrt(2 * autocorrelation_time(series) * series.var() / series.size)
        assert abs(series.mean() - exact) < 3.5 * error < 0.1
    # What was counted step by step is what the spins show.
    above = spins > 0
    assert out[:, -1].tolist() == [above.sum(), np.sum(spins[part.neighbours[above]] < 0)]


def chain(coupling):
    part = triangles(7, 12)
    spins = np.full(len(part.neighbours), -1, np.int8)
    spins[0] = 1
    out = np.zeros((2, 2000), np.int64)
    metropolis(
        spins, part.neighbours, part.rings, part.free, 2.0, constants(7)[0], coupling, 200,
        stream("test"), out,
    )  # fmt: skip
    return out[:, 500:].mean(axis=1), part


def test_the_coupling_shrinks_or_spreads_a_universe():
    (small_up, small_wall), _ = chain(3.0)
    (large_up, large_wall), part = chain(-3.0)
    assert small_wall == pytest.approx(3, abs=0.2) and small_up < 1.5
    assert large_wall > 0.5 * part.free.size and large_up > 0.3 * part.free.size


def test_constants():
    # q = 7: h = 1 / 12, J = sqrt(5) / 12.
    assert constants(7) == pytest.approx((1 / 12, 5**0.5 / 12))


@pytest.mark.parametrize("q", [7, 9])
def test_no_universe_has_less_wall_than_the_isoperimetric_constant(q):
    """h / J is that constant, sqrt(1 - 4 / (q - 2)), which large universes come close to."""
    field, unit = constants(q)
    assert field / unit == pytest.approx(np.sqrt(1 - 4 / (q - 2)))
    ratios = []
    for layers in (8, 14):
        part = triangles(q, layers)
        above = universe(part, "disc") > 0
        assert above[part.free].mean() > 0.9
        ratios.append(np.sum(~above[part.neighbours[above]]) / above.sum())
    assert field / unit < ratios[1] < ratios[0]


def test_what_is_kept_agrees_with_all_universes(monkeypatch):
    monkeypatch.setattr("netphase.hyperbolic.gravity.triangles", lambda q, layers: small())
    _, up, walls = universes()
    found = simulate_universes(
        q=7, layers=9, couplings=[0.5, 1.5], temperatures=[0.2, 0.5], sweeps=20_000
    )
    field, unit = constants(7)
    for k, t in np.ndindex(2, 2):
        one = found.isel(coupling=k, temperature=t)
        coupling, temperature = float(one.coupling), float(one.temperature)
        energy = coupling * unit * walls - field * up
        weight = np.exp(-(energy - energy.min()) / temperature)
        weight /= weight.sum()
        assert STATUS[int(one.status)] == "measured"
        for name, exact in (("area", up @ weight / N), ("wall", walls @ weight / N)):
            assert abs(float(one[name]) - exact) < 3.5 * float(one[f"{name}_se"]) < 0.05


def test_a_universe_of_two_sizes_gives_no_number():
    """Far below the coupling at which a point is as good as the disc, neither becomes the other."""
    found = simulate_universes(q=7, layers=12, couplings=[1.1], temperatures=[0.05], sweeps=200)
    assert STATUS[found.status.item()] != "measured" and np.isnan(found.area.item())
    point, disc = (found.spins > 0).sum("cell").values.ravel()
    assert point < 10 < 100 < disc


def test_too_few_layers_are_refused():
    with pytest.raises(InputError, match=r"layers: 2 of \{3, 7\} have 0 free"):
        triangles(7, 2)
