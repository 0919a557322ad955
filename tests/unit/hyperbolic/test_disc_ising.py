"""The heat bath on open discs: against all states, and the known effects of boundaries."""

import numpy as np
import pytest

from netphase.hyperbolic.disc_ising import STATUS, simulate_disc, simulate_discs
from netphase.hyperbolic.discs import disc
from netphase.statistics.autocorrelation import autocorrelation_time
from netphase.streams import stream


def layer_means(cells, boundary, temperature):
    """Exact mean of the spins of each layer, and of the absolute magnetisation."""
    n, width = cells.neighbours.shape
    spins = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    padded = np.column_stack([spins, np.zeros(len(spins), int)])
    inner = (padded[:, cells.neighbours] * spins[:, :, np.newaxis]).sum(axis=(1, 2)) / 2
    missing = (cells.neighbours < 0).sum(axis=1)
    energy = -inner - (spins @ missing if boundary == "fixed" else 0)
    weight = np.exp(-(energy - energy.min()) / temperature)
    weight /= weight.sum()
    layers = np.stack(
        [spins[:, cells.layer == k].sum(axis=1) for k in range(cells.layer.max() + 1)]
    )
    return layers @ weight, np.abs(spins.mean(axis=1)) @ weight


@pytest.mark.parametrize("boundary", ["free", "fixed"])
@pytest.mark.parametrize(("p", "q", "layers"), [(4, 5, 2), (3, 7, 3), (7, 3, 2)])
def test_small_discs_agree_with_all_states(p, q, layers, boundary):
    cells = disc(p, q, layers)
    rng = stream("test", boundary=boundary, p=p)
    sums, spins = simulate_disc(cells.neighbours, cells.layer, boundary, 1.9, 40_000, rng)
    exact, magnetisation = layer_means(cells, boundary, 1.9)
    for series, mean in [
        *zip(sums, exact, strict=True),
        (np.abs(sums.sum(axis=0)) / len(spins), magnetisation),
    ]:
        error = np.sqrt(2 * autocorrelation_time(series) * series.var() / series.size)
        assert abs(series.mean() - mean) < 3.5 * error
    assert sums[:, -1].tolist() == np.bincount(cells.layer, spins).astype(int).tolist()


@pytest.fixture(scope="module")
def discs():
    return simulate_discs(p=5, q=4, layers=6, temperatures=[1.0, 2.0, 2.8, 6.0], sweeps=4000)


def test_a_boundary_that_is_fixed_orders(discs):
    free, fixed = (discs.sel(boundary=name) for name in ("free", "fixed"))
    error = np.hypot(free.magnetisation_se, fixed.magnetisation_se)
    known = np.isfinite(free.magnetisation)
    assert known[1:].all()
    assert (fixed.magnetisation > free.magnetisation - 3 * error).values[known].all()
    # Correlations decay with the distance from the boundary (Griffiths), and with temperature.
    rising = fixed.profile.diff("layer") > -0.03
    assert rising.all() and (fixed.magnetisation.diff("temperature") < 0).all()


def test_the_centre_of_a_larger_disc_feels_its_fixed_boundary_less(discs):
    small = simulate_discs(p=5, q=4, layers=4, temperatures=[2.8], sweeps=4000)
    near, far = (one.sel(boundary="fixed", temperature=2.8) for one in (small, discs))
    assert float(near.centre - far.centre) > 3 * np.hypot(near.centre_se, far.centre_se)


def test_hot_spins_are_independent(discs):
    hot = discs.sel(boundary="free", temperature=6.0)
    n = int(discs.cells.sum())
    # Of independent spins sqrt(2 / (pi N)); neighbours still agree a little.
    assert 1 < float(hot.magnetisation) / np.sqrt(2 / (np.pi * n)) < 2


def test_everything_is_described(discs):
    assert all({"long_name", "units"} <= set(v.attrs) for v in discs.variables.values())
    assert discs.cells.values.tolist() == [1, 4, 12, 28, 64, 148]
    assert (np.abs(discs.spins) == 1).all()
    assert np.hypot(discs.x, discs.y).max() < 1


def test_too_short_a_run_has_no_number():
    short = simulate_discs(p=5, q=4, layers=5, temperatures=[1.2], sweeps=200)
    free = short.sel(boundary="free", temperature=1.2)
    assert STATUS[int(free.status)] == "too_short"
    assert np.isnan(free.magnetisation) and np.isnan(free.profile).all()


def test_temperatures_have_streams_of_their_own(discs):
    one = simulate_discs(p=5, q=4, layers=6, temperatures=[2.8], sweeps=4000)
    np.testing.assert_array_equal(one.spins[:, 0], discs.spins.sel(temperature=2.8))
    assert (discs.spins[0, 2] != discs.spins[0, 3]).any()
