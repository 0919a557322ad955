"""Closed surfaces: exact counts, and that all vertices, edges and faces are alike."""

import numpy as np
import pytest

from netphase.errors import InputError
from netphase.hyperbolic.graphs import distances
from netphase.hyperbolic.growth import shell_sizes
from netphase.hyperbolic.surfaces import surface

# Hurwitz surfaces: prime -> vertices, edges, faces, genus.
HURWITZ = {
    7: (56, 84, 24, 3),
    13: (364, 546, 156, 14),
    29: (4060, 6090, 1740, 146),
    43: (13244, 19866, 5676, 474),
    71: (59640, 89460, 25560, 2131),
}
SURFACES = [
    (7, 3, 7),
    (7, 3, 13),
    (3, 7, 13),
    (5, 4, 5),
    (5, 4, 11),
    (5, 4, 31),
    (4, 5, 11),
    (6, 4, 7),
]
GROUPS = {(7, 3, 13): "PSL", (5, 4, 11): "PGL", (5, 4, 19): "PGL", (5, 4, 31): "PSL"}


def order(prime, group):
    return prime * (prime**2 - 1) // (2 if group == "PSL" else 1)


@pytest.mark.parametrize("prime", HURWITZ)
def test_hurwitz_surfaces_have_their_known_counts(prime):
    found = surface(7, 3, prime)
    counts = (len(found.neighbours), found.edges, len(found.faces), found.genus)
    assert counts == HURWITZ[prime]
    # Hurwitz: 84 (genus - 1) automorphisms, which no surface exceeds.
    assert order(prime, found.group) == 84 * (found.genus - 1)


@pytest.mark.parametrize("case", GROUPS)
def test_order_of_the_group(case):
    p, q, prime = case
    found = surface(*case)
    assert found.group == GROUPS[case]
    assert len(found.neighbours) * q == 2 * found.edges == len(found.faces) * p
    assert 2 * found.edges == order(prime, found.group)


@pytest.mark.parametrize("case", SURFACES)
def test_graph_is_simple_regular_and_connected(case):
    p, q, _ = case
    found = surface(*case)
    neighbours = found.neighbours.astype(int)
    n = len(neighbours)
    assert neighbours.shape == (n, q) and found.edges == n * q // 2
    links = {(a, b) for a, row in enumerate(neighbours.tolist()) for b in row}
    assert len(links) == n * q and all((b, a) in links and a != b for a, b in links)
    assert distances(neighbours).min() == 0
    assert n - found.edges + len(found.faces) == 2 - 2 * found.genus


@pytest.mark.parametrize("case", SURFACES)
def test_faces_are_closed_and_meet_two_at_an_edge(case):
    p, _, _ = case
    found = surface(*case)
    faces = found.faces.astype(int)
    around = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    sides = {tuple(side) for side in around.tolist()}
    links = {(a, b) for a, row in enumerate(found.neighbours.tolist()) for b in row}
    # Every edge is passed once in each direction.
    assert sides == links and len(around) == len(links)
    assert all(len(set(face)) == p for face in faces.tolist())


@pytest.mark.parametrize("case", SURFACES)
def test_all_vertices_see_the_same(case):
    neighbours = surface(*case).neighbours.astype(int)

    def shells(vertex):
        renamed = np.arange(len(neighbours))
        renamed[[0, vertex]] = vertex, 0
        return np.bincount(distances(renamed[neighbours[renamed]])).tolist()

    first = shells(0)
    assert all(shells(vertex) == first for vertex in range(1, len(neighbours), 17))


@pytest.mark.parametrize("case", [(7, 3, 29), (5, 4, 31), (3, 7, 29)])
def test_near_a_vertex_it_is_the_infinite_tiling(case):
    p, q, _ = case
    shells = np.bincount(distances(surface(*case).neighbours))
    # Vertices of {p, q} are cells of {q, p}.
    infinite = np.array(shell_sizes(q, p, len(shells)))
    assert np.all(shells <= infinite)
    embedded = int(np.flatnonzero(shells != infinite)[0])
    # No loop shorter than a polygon, and a few polygons around.
    assert embedded > p // 2 + 1


def test_same_call_same_surface():
    first, again = surface(5, 4, 11), surface(5, 4, 11)
    np.testing.assert_array_equal(first.neighbours, again.neighbours)


@pytest.mark.parametrize(
    ("p", "q", "prime", "said"),
    [
        (7, 3, 11, r"no surface of \{7, 3\} comes of the prime 11"),
        (4, 4, 11, "no hyperbolic tiling"),
        (7, 3, 15, "not an odd prime"),
    ],
)
def test_what_has_no_surface_is_refused(p, q, prime, said):
    with pytest.raises(InputError, match=said):
        surface(p, q, prime)
