"""Closed surfaces tiled by regular p-gons, q at a vertex: quotients of triangle groups.

G = PGL(2, l) or its half PSL(2, l), l an odd prime, with x of order 2, y of order q and x y of
order p that generate it. An element g is a dart: the start of an edge at a vertex, with a face
beside it. Vertices, edges and faces are the cycles of multiplication by y, x and x y from the
right, so that G, from the left, moves any dart to any other: all vertices are alike, there is no
boundary, and V - E + F = 2 - 2 genus. For {7, 3} these are the Hurwitz surfaces (Macbeath 1969,
Glasgow Math. J. 10, 90), which exist for l = 7 and l = 1, -1 mod 7.

Elements are matrices (a, b; c, d) modulo scalars, arrays (4, elements), scaled so that the first
entry that is not 0 is 1.
"""

from typing import NamedTuple

import numpy as np

from netphase.errors import InputError
from netphase.hyperbolic.graphs import distances
from netphase.hyperbolic.growth import check_hyperbolic, check_prime


class Surface(NamedTuple):
    """A tiled surface.

    neighbours : (vertices, q), uint32, in the cyclic order of the edges around a vertex
    faces : (faces, p), uint32, the vertices in order around each face
    edges : their number
    genus : number of handles
    group : "PSL" or "PGL"
    """

    neighbours: np.ndarray
    faces: np.ndarray
    edges: int
    genus: int
    group: str


def surface(p: int, q: int, prime: int) -> Surface:
    """The surface of this group with the largest shells: locally most like the infinite tiling.

    x is (0, -1; 1, 0), or (0, -n; 1, 0), n no square, where the first leads to no surface. Pairs of
    one (tr y)^2 / det y and one (tr x y)^2 / det x y are conjugate; of these few classes the one
    with the largest shells around a vertex is taken, the first shell that differs counting.

    Raises
    ------
    InputError : {p, q} is not hyperbolic, or the prime has no surface whose vertices and edges are
        a simple graph
    """
    check_hyperbolic(p, q)
    check_prime(p, q, prime)
    squares = np.zeros(prime, bool)
    squares[np.arange(1, prime) ** 2 % prime] = True
    every = _all_elements(prime)
    candidates = every[:, _orders(every, q, prime) == q]
    for n in (1, int(np.flatnonzero(~squares)[1])):
        x = np.array([[0], [-n % prime], [1], [0]])
        fitting = candidates[:, _orders(_product(x, candidates, prime), p, prime) == p]
        classes = _invariants(fitting, prime) * prime
        classes += _invariants(_product(x, fitting, prime), prime)
        _, first = np.unique(classes, return_index=True)
        surfaces = []
        for y in fitting[:, first].T[:, :, np.newaxis]:
            half = bool(squares[_determinants(np.hstack([x, y]), prime)].all())
            group = every[:, squares[_determinants(every, prime)]] if half else every
            surfaces.append(_surface(group, x, y, p, q, prime, "PSL" if half else "PGL"))
        found = [one for one in surfaces if one is not None]
        if found:
            return max(found, key=lambda one: np.bincount(distances(one.neighbours)).tolist())
    raise InputError(f"no surface of {{{p}, {q}}} comes of the prime {prime}")


def _all_elements(prime):
    """Elements (4, n) of PGL(2, prime) in ascending order: those with a = 0, b = 1 first."""
    c, d = np.divmod(np.arange(prime**2), prime)
    first = np.stack([0 * c, 0 * c + 1, c, d])
    b, rest = np.divmod(np.arange(prime**3), prime**2)
    c, d = np.divmod(rest, prime)
    every = np.hstack([first, np.stack([0 * b + 1, b, c, d])])
    return every[:, _determinants(every, prime) != 0]


def _determinants(m, prime):
    a, b, c, d = m
    return (a * d - b * c) % prime


def _invariants(m, prime):
    """(tr m)^2 / det m, invariant under scalar factors and conjugation."""
    return (m[0] + m[3]) ** 2 * _inverses(prime)[_determinants(m, prime)] % prime


def _inverses(prime):
    return np.array([pow(k, -1, prime) if k else 0 for k in range(prime)])


def _product(m, other, prime):
    """Matrix products m other, scaled to their normal form."""
    a, b, c, d = m
    e, f, g, h = other
    entries = np.stack([a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h]) % prime
    first = np.where(entries[0], entries[0], entries[1])
    return entries * _inverses(prime)[first] % prime


def _orders(m, largest, prime):
    """Order of each element, 0 where it is above `largest`."""
    orders = np.zeros(m.shape[1], np.int64)
    power = m
    for k in range(1, largest + 1):
        a, b, c, d = power
        one = (b == 0) & (c == 0) & (a == d)
        orders[one & (orders == 0)] = k
        power = _product(power, m, prime)
    return orders


def _places(m, prime):
    """A number for each element, below prime^3 + prime^2."""
    a, b, c, d = m
    return np.where(a, (b + 1) * prime**2, 0) + c * prime + d


def _surface(group, x, y, p, q, prime, name):
    """Surface of a pair x, y; None if it generates only a subgroup or the graph is not simple."""
    size = group.shape[1]
    place = np.empty(prime**3 + prime**2, np.int64)
    place[_places(group, prime)] = np.arange(size)
    across, around, along = (
        place[_places(_product(group, by, prime), prime)] for by in (x, y, _product(x, y, prime))
    )
    corners = _cycles(around, q)
    vertex = np.empty(size, np.uint32)
    vertex[corners] = np.arange(len(corners))[:, np.newaxis]
    neighbours = vertex[across[corners]]
    row = np.sort(neighbours, axis=1)
    own = neighbours == np.arange(len(neighbours))[:, np.newaxis]
    if own.any() or np.any(row[:, 1:] == row[:, :-1]) or distances(neighbours).min() < 0:
        return None
    faces = vertex[_cycles(along, p)]
    edges = size // 2
    genus = 1 - (len(corners) - edges + len(faces)) // 2
    return Surface(neighbours, faces, edges, genus, name)


def _cycles(permutation, length):
    """The cycles (cycles, length) of a permutation, all of one length, from their least member."""
    members = [np.arange(permutation.size)]
    for _ in range(length - 1):
        members.append(permutation[members[-1]])
    cycles = np.stack(members, axis=1)
    return cycles[cycles.min(axis=1) == cycles[:, 0]]
