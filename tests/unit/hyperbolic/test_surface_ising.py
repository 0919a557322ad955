"""Wolff's algorithm on graphs other than tori: against all states, and the ladder of surfaces."""

import numpy as np
import pytest
import xarray as xr

from netphase.hyperbolic.surface_ising import simulate_surfaces
from netphase.lattices.ising import DERIVED, SERIES, STATUS, derived, simulate_graph, torus
from netphase.streams import stream

# Petersen's graph: ten vertices, three neighbours each, no loop below five.
PETERSEN = np.array(
    [
        [(k + 1) % 5, (k - 1) % 5, k + 5] if k < 5 else [(k - 3) % 5 + 5, (k + 3) % 5 + 5, k - 5]
        for k in range(10)
    ],
    np.uint32,
)
SURFACES = {5: 600, 11: 400, 19: 600}


def exact_values(neighbours, temperature):
    """Means over all states; a Wolff cluster has N m^2 spins on average."""
    n = len(neighbours)
    spins = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    e = -(spins[:, :, np.newaxis] * spins[:, neighbours]).sum(axis=(1, 2)) / 2 / n
    m = spins.mean(axis=1)
    weight = np.exp(-n * (e - e.min()) / temperature)
    m2, m4 = m**2, m**4
    series = np.stack([e, np.abs(m), m2, m4, n * m2, e * e, e * m2, e * m4])
    moments = series @ (weight / weight.sum())
    values = [*moments[: len(SERIES)], *derived(moments, n, temperature)]
    return dict(zip([*SERIES, *DERIVED], values, strict=True))


def test_petersens_graph_is_one():
    links = {(a, b) for a, row in enumerate(PETERSEN.tolist()) for b in row}
    assert len(links) == 30 and all((b, a) in links and a != b for a, b in links)


@pytest.mark.parametrize("temperature", [1.2, 1.8, 3.0])
def test_three_neighbours_agree_with_all_states(temperature):
    result = simulate_graph(PETERSEN, 3, temperature, 60_000, stream("test", t=str(temperature)))
    assert STATUS[result["status"]] == "measured"
    exact = exact_values(PETERSEN.astype(int), temperature)
    pulls = {name: (result[name] - exact[name]) / result[f"{name}_se"] for name in exact}
    assert max(map(abs, pulls.values())) < 3.5, pulls
    assert result["energy_se"] < 0.01 * abs(result["energy"])


def test_all_neighbours_counted_are_the_half_counted_twice():
    half, whole = (
        simulate_graph(torus(8), counted, 2.3, 2000, stream("test", same="stream"))
        for counted in (2, 4)
    )
    assert half == whole


@pytest.fixture(scope="module")
def ladder():
    return simulate_surfaces(
        28_000, name="pentagons", p=5, q=4, surfaces=SURFACES, realisations=[0, 3]
    )


def test_a_run_describes_its_surfaces(ladder):
    run, cost = ladder
    assert dict(run.sizes) == {"model": 1, "size": 3, "temperature": 1, "realisation": 2}
    assert run["size"].values.tolist() == run.n_spins.values[0].tolist() == [30, 330, 1710]
    assert run.prime.values.tolist() == [[5, 11, 19]]
    # 2 - 2 genus = V - E + F = N (1 - 4 / 2 + 4 / 5).
    np.testing.assert_allclose(run.genus, 1 + 0.1 * run.n_spins)
    for dataset in ladder:
        for name, variable in dataset.variables.items():
            assert name == "model" or {"long_name", "units"} <= set(variable.attrs), name
    assert (cost.cpu_seconds >= 0).all() and (run.status == STATUS.index("measured")).all()


def test_a_realisation_alone_has_the_same_bits(ladder):
    run, _ = ladder
    alone, _ = simulate_surfaces(
        28_000, name="pentagons", p=5, q=4, surfaces={11: 400}, realisations=[3]
    )
    xr.testing.assert_identical(run.sel(size=[330], realisation=[3]), alone)


def test_tilings_and_temperatures_have_streams_of_their_own(ladder):
    warmer, _ = simulate_surfaces(
        28_001, name="pentagons", p=5, q=4, surfaces={11: 400}, realisations=[3]
    )
    other, _ = simulate_surfaces(
        28_000, name="pentagons", p=4, q=5, surfaces={11: 400}, realisations=[3]
    )
    energies = {run.energy.item() for run in (warmer, other)}
    assert len(energies | {ladder[0].energy[0, 1, 0, 1].item()}) == 3
