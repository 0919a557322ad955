"""Open discs against exact counts and the geometry of the hyperbolic plane; refusals."""

import numpy as np
import pytest
from hypertiling.kernel.GRGS import GenerativeReflectionGraphStatic

from netphase.errors import InputError
from netphase.hyperbolic import discs
from netphase.hyperbolic.discs import disc, polygons
from netphase.hyperbolic.growth import shell_sizes

DISCS = [(7, 3, 6), (5, 4, 6), (4, 5, 7), (3, 7, 9), (6, 4, 4), (3, 8, 6), (8, 3, 4)]


def links(cells):
    """Pairs (cell, neighbour) of all rows."""
    cell = np.repeat(np.arange(len(cells.neighbours)), cells.neighbours.shape[1])
    other = cells.neighbours.ravel()
    return np.stack([cell, other], axis=1)[other >= 0]


def distance(z, w):
    """In the Poincaré disc, curvature -1."""
    return 2 * np.arctanh(np.abs((z - w) / (1 - z.conj() * w)))


@pytest.mark.parametrize(("p", "q", "layers"), DISCS)
def test_shells_are_those_of_the_growth_series(p, q, layers):
    assert np.bincount(disc(p, q, layers).layer).tolist() == shell_sizes(p, q, layers)


@pytest.mark.parametrize(("p", "q", "layers"), DISCS)
def test_neighbours_are_mutual_and_none_is_oneself(p, q, layers):
    pairs = {tuple(pair) for pair in links(disc(p, q, layers)).tolist()}
    assert all((b, a) in pairs and a != b for a, b in pairs)
    assert len(pairs) == len(links(disc(p, q, layers)))


@pytest.mark.parametrize(("p", "q", "layers"), DISCS)
def test_cells_within_have_all_their_neighbours_at_one_distance(p, q, layers):
    cells = disc(p, q, layers)
    degrees = (cells.neighbours >= 0).sum(axis=1)
    assert (degrees[cells.layer < layers - 1] == p).all()
    a, b = links(cells).T
    # Twice the inradius of a regular p-gon with angles of 2 pi / q.
    apart = 2 * np.arccosh(np.cos(np.pi / q) / np.sin(np.pi / p))
    np.testing.assert_allclose(distance(cells.centres[a], cells.centres[b]), apart, rtol=1e-6)


def test_ten_layers_of_heptagons_are_a_disc():
    cells = disc(7, 3, 10)
    degrees = (cells.neighbours >= 0).sum(axis=1)
    neighbours = [set(row[row >= 0].tolist()) for row in cells.neighbours]
    edges = sum(degrees) // 2
    triangles = (
        sum(len(neighbours[a] & neighbours[b]) for a, b in links(cells).tolist() if a < b) // 3
    )
    assert (len(degrees), edges, triangles) == (29261, 69692, 40432)
    assert len(degrees) - edges + triangles == 1
    assert set(degrees) == {3, 4, 7} and np.mean(degrees == 7) == pytest.approx(0.382, abs=5e-4)


@pytest.mark.parametrize(("p", "q", "layers"), DISCS)
def test_corners_of_neighbours_meet_q_at_a_point(p, q, layers):
    cells = disc(p, q, layers)
    corners = polygons(p, q, cells)
    assert np.abs(corners).max() < 1
    # All at one distance from the centre of their cell.
    reach = distance(corners, cells.centres[:, np.newaxis])
    np.testing.assert_allclose(reach, reach[0, 0], rtol=1e-6)
    near = corners[cells.layer <= 1].ravel()
    inner = corners[0]
    met = np.abs(near[:, np.newaxis] - inner) < 1e-9
    # The central cell and its two neighbours at a corner, and all others that are that near.
    assert (met.sum(axis=0) >= min(q, 3)).all()
    whole = np.abs(corners.ravel()[:, np.newaxis] - inner) < 1e-9
    assert (whole.sum(axis=0) == q).all()


def test_a_disc_beyond_the_memory_is_refused_before_it_is_built():
    with pytest.raises(InputError, match=r"layers: 60 of \{7, 3\} have .* GiB of memory"):
        disc(7, 3, 60)


def test_a_single_cell_is_refused():
    with pytest.raises(InputError, match="layers: 1 is a single cell"):
        disc(7, 3, 1)


def test_cells_too_close_to_be_told_apart_are_refused(monkeypatch):
    monkeypatch.setattr(discs, "SAME", 1e-20)
    with pytest.raises(InputError, match="too close for double precision"):
        disc(7, 3, 4)


@pytest.mark.parametrize(("p", "q", "layers"), DISCS)
def test_all_cells_at_the_distance_of_neighbours_are_neighbours(p, q, layers):
    cells = disc(p, q, layers)
    apart = 2 * np.arccosh(np.cos(np.pi / q) / np.sin(np.pi / p))
    z = cells.centres
    near = [np.flatnonzero(distance(z, one) < 1.001 * apart) for one in z]
    found = [np.sort(row[row >= 0]) for row in cells.neighbours]
    for cell, (expected, row) in enumerate(zip(near, found, strict=True)):
        assert row.tolist() == expected[expected != cell].tolist()


@pytest.mark.parametrize(("p", "q", "layers"), [(7, 3, 6), (5, 4, 6), (4, 5, 7)])
def test_hypertiling_has_the_same_graph(p, q, layers):
    cells, other = disc(p, q, layers), GenerativeReflectionGraphStatic(p, q, layers)
    degrees = [sorted(map(len, other.get_nbrs_list()))]
    degrees.append(np.sort((cells.neighbours >= 0).sum(axis=1)).tolist())
    assert degrees[0] == degrees[1]
    # One is a turn of the other about the origin.
    radii = [np.sort(np.abs(z)) for z in (cells.centres, np.array(other.center_coords))]
    np.testing.assert_allclose(*radii, atol=1e-9)
