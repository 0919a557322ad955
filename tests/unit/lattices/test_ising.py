"""Ising lattices against all 65,536 states of 4 x 4, Kaufman's torus and Onsager's infinite one."""

import math
from functools import cache

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netphase.lattices.ising import (
    DERIVED,
    SERIES,
    STATUS,
    derived,
    simulate,
    simulate_ladder,
    torus,
    wolff,
)
from netphase.streams import stream

T_C = 2 / math.log(1 + math.sqrt(2))
TEMPERATURES = st.floats(1.2, 6)


@cache
def states_of_4_by_4():
    """Energy and magnetisation per spin of every state."""
    spins = (1 - 2 * ((np.arange(2**16)[:, None] >> np.arange(16)) & 1)).reshape(-1, 4, 4)
    bonds = spins * (np.roll(spins, 1, 1) + np.roll(spins, 1, 2))
    return -bonds.sum((1, 2)) / 16, spins.sum((1, 2)) / 16


def enumerated(temperature):
    """Exact means of the series of `derived`; a Wolff cluster has N m^2 spins on average."""
    e, m = states_of_4_by_4()
    weight = np.exp(-16 * (e + 2) / temperature)
    m2, m4 = m**2, m**4
    series = np.stack([e, np.abs(m), m2, m4, 16 * m2, e * e, e * m2, e * m4])
    return series @ (weight / weight.sum())


def exact_values(temperature):
    moments = enumerated(temperature)
    names = [*SERIES, *DERIVED]
    values = [*moments[: len(SERIES)], *derived(moments, 16, temperature)]
    return dict(zip(names, values, strict=True))


def log_z(size, K):
    """Logarithm of the partition function of the L x L torus: Kaufman (1949), Phys. Rev. 76, 1232.

    The four products are taken as logarithms; only sinh(L gamma_0 / 2) may be negative.
    """
    r = np.arange(2 * size)
    gamma = np.arccosh(np.cosh(2 * K) / np.tanh(2 * K) - np.cos(np.pi * r / size))
    gamma[0] = 2 * K + np.log(np.tanh(K))
    x = size * gamma / 2
    log_cosh = np.abs(x) + np.log1p(np.exp(-2 * np.abs(x)))
    log_sinh = np.abs(x) + np.log(-np.expm1(-2 * np.abs(x)))
    logs = np.array([f[part::2].sum() for part in (1, 0) for f in (log_cosh, log_sinh)])
    signs = np.array([1, 1, 1, np.sign(gamma[0])])
    total = logs.max() + np.log(np.sum(signs * np.exp(logs - logs.max())))
    return size**2 / 2 * np.log(2 * np.sinh(2 * K)) - np.log(2) + total


def kaufman(size, temperature):
    """Exact energy and specific heat per spin of the L x L torus."""
    K, h = 1 / temperature, 1e-3
    # Sixth order: at h = 1e-3 neither truncation nor rounding reaches 1e-6 for these lattices.
    f = {k: log_z(size, K + k * h) for k in range(-3, 4)}
    odd = [f[k] - f[-k] for k in (1, 2, 3)]
    even = [f[k] + f[-k] for k in (1, 2, 3)]
    first = (45 * odd[0] - 9 * odd[1] + odd[2]) / (60 * h)
    second = (270 * even[0] - 27 * even[1] + 2 * even[2] - 490 * f[0]) / (180 * h**2)
    return -first / size**2, second * K**2 / size**2


def onsager(temperature):
    """Energy (Onsager 1944) and magnetisation (Yang 1952) per spin of the infinite lattice."""
    K = 1 / temperature
    angle = (np.arange(2000) + 0.5) * np.pi / 2000
    kappa = 2 * np.sinh(2 * K) / np.cosh(2 * K) ** 2
    # The complete elliptic integral K(kappa), by the midpoint rule that is exact for periods.
    integral = np.mean(1 / np.sqrt(1 - kappa**2 * np.sin(angle) ** 2))
    energy = -(1 + (2 * np.tanh(2 * K) ** 2 - 1) * integral) / np.tanh(2 * K)
    m = (1 - np.sinh(2 * K) ** -4) ** 0.125 if temperature < T_C else 0.0
    return energy, m


def pulls(result, exact):
    return {name: (result[name] - exact[name]) / result[f"{name}_se"] for name in exact}


@pytest.mark.parametrize("temperature", [1.7, T_C, 3.5])
def test_4_by_4_agrees_with_all_its_states(temperature):
    result = simulate(4, temperature, 100_000, stream("test", temperature=str(temperature)))
    assert STATUS[result["status"]] == "measured"
    found = pulls(result, exact_values(temperature))
    assert max(map(abs, found.values())) < 3, found
    # Errors small enough that this says something.
    for name in ("energy", "magnetisation", "m2", "m4", "cluster", "susceptibility"):
        assert result[f"{name}_se"] < 0.01 * abs(result[name])


def test_standard_errors_are_those_of_the_scatter():
    exact = exact_values(T_C)
    runs = [simulate(4, T_C, 4000, stream("test", realisation=r)) for r in range(100)]
    squares = {name: np.mean([pulls(run, exact)[name] ** 2 for run in runs]) for name in exact}
    # The mean of 100 squares scatters by 14 %; twenty bins have tails that widen it to 1.12.
    for name, square in squares.items():
        assert 0.65 < square < 1.55, (name, square)


@pytest.mark.parametrize(
    ("size", "temperature"), [(8, 2.0), (8, T_C), (16, 2.5), (32, T_C), (32, 2.31)]
)
def test_energy_and_specific_heat_agree_with_the_finite_torus(size, temperature):
    result = simulate(size, temperature, 16_000, stream("test", size=size, t=str(temperature)))
    energy, heat = kaufman(size, temperature)
    found = pulls(result, {"energy": energy, "specific_heat": heat})
    assert max(map(abs, found.values())) < 3, found
    assert result["energy_se"] < 0.01 and result["specific_heat_se"] < 0.1 * heat


@pytest.mark.parametrize("temperature", [1.8, 2.0, 3.2])
def test_energy_and_magnetisation_agree_with_onsager(temperature):
    # The correlation length is below 2 here, so 32 spins differ from infinitely many by e^-16.
    result = simulate(32, temperature, 8000, stream("test", onsager=str(temperature)))
    energy, m = onsager(temperature)
    assert abs(result["energy"] - energy) < 3 * result["energy_se"] < 0.01
    if temperature < T_C:
        assert abs(result["magnetisation"] - m) < 3 * result["magnetisation_se"] < 0.01


@settings(deadline=None, max_examples=25)
@given(TEMPERATURES)
def test_references_agree_with_one_another(temperature):
    exact = exact_values(temperature)
    energy, heat = kaufman(4, temperature)
    assert energy == pytest.approx(exact["energy"], rel=1e-6)
    assert heat == pytest.approx(exact["specific_heat"], rel=1e-5, abs=1e-7)
    if abs(temperature - T_C) > 0.5:
        assert kaufman(64, temperature)[0] == pytest.approx(onsager(temperature)[0], rel=1e-6)


def test_energy_at_criticality_is_that_of_ferdinand_and_fisher():
    # Ferdinand & Fisher (1969), Phys. Rev. 185, 832: theta functions of nome exp(-pi).
    n = np.arange(1, 10)
    q = math.exp(-math.pi)
    theta = [2 * np.sum(q ** ((n - 0.5) ** 2))]
    theta += [1 + 2 * np.sum(sign**n * q ** (n**2)) for sign in (1.0, -1.0)]
    amplitude = 2 * np.prod(theta) / np.sum(theta)
    for size in (16, 32, 64):
        energy, _ = kaufman(size, T_C)
        assert energy == pytest.approx(-math.sqrt(2) - amplitude / size, abs=1 / size**3)


@settings(deadline=None, max_examples=25)
@given(TEMPERATURES)
def test_slopes_are_derivatives_by_temperature(temperature):
    h = 1e-4
    low, here, high = (exact_values(t) for t in (temperature - h, temperature, temperature + h))
    for slope, name in (("binder_slope", "binder"), ("specific_heat", "energy")):
        assert here[slope] == pytest.approx((high[name] - low[name]) / (2 * h), rel=1e-4, abs=1e-6)
    assert here["susceptibility"] == pytest.approx(16 * here["m2"] / temperature)


@given(st.integers(3, 12))
def test_torus_has_four_mutual_neighbours(size):
    right, down, left, up = torus(size).T.astype(int)
    sites = np.arange(size**2)
    np.testing.assert_array_equal(left[right], sites)
    np.testing.assert_array_equal(up[down], sites)
    np.testing.assert_array_equal(right[down], down[right])
    x, y = sites % size, sites // size
    np.testing.assert_array_equal(right, y * size + (x + 1) % size)
    assert all(len(set(row)) == 4 for row in torus(size).tolist())


def chain(size, bond, n, seed, discarded=0):
    spins = np.ones(size**2, np.int8)
    out = np.zeros((3, n), np.int64)
    flips, between = wolff(
        spins, torus(size), 2, bond, discarded, 0.5, stream("test", seed=seed), out
    )
    return spins, out, flips, between


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 9), st.floats(0, 1), st.integers(0, 1000))
def test_what_is_measured_is_what_the_spins_show(size, bond, seed):
    spins, out, flips, between = chain(size, bond, 3, seed, discarded=5 * size**2)
    assert set(spins) <= {-1, 1}
    square = spins.reshape(size, size).astype(int)
    bonds = square * (np.roll(square, 1, 0) + np.roll(square, 1, 1))
    assert out[:, -1].tolist()[:2] == [bonds.sum(), square.sum()]
    assert flips >= 5 * size**2
    # A cluster of n spins changes the magnetisation by 2n at most, and by 2 at least.
    change = np.abs(np.diff(out[1]))
    assert np.all(change <= 2 * out[2, 1:]) and np.all(out[2] >= between)


@settings(deadline=None, max_examples=20)
@given(st.integers(3, 9), st.integers(0, 1000))
def test_bonds_that_always_or_never_hold_flip_everything_or_one_spin(size, seed):
    n = size**2
    _, out, _, between = chain(size, 1.0, 6, seed, discarded=n)
    assert between == 1
    # One cluster was discarded in each half, so the lattice is up again when it begins.
    assert out[1].tolist() == [-n, n] * 3
    assert np.all(out[0] == 2 * n) and np.all(out[2] == n)
    _, out, _, between = chain(size, 0.0, 6, seed, discarded=4 * n)
    assert between == round(n / 2) and np.all(out[2] == between)


def test_same_stream_same_bits():
    first, again, other = (simulate(8, 2.3, 1000, stream("test", r=r)) for r in (1, 1, 2))
    assert first == again
    assert first["energy"] != other["energy"]


@pytest.mark.parametrize(
    ("size", "temperature", "status"), [(8, 0.2, "frozen"), (48, T_C, "too_short")]
)
def test_what_was_not_measured_has_no_value(size, temperature, status):
    result = simulate(size, temperature, 200, stream("test"))
    assert STATUS[result["status"]] == status
    names = [name + suffix for name in SERIES | DERIVED for suffix in ("", "_se")]
    assert all(np.isnan(result[name]) for name in names)


@pytest.mark.parametrize(("size", "measurements"), [(2, 1000), (8, 199)])
def test_too_small_a_lattice_or_too_few_measurements_are_refused(size, measurements):
    with pytest.raises(ValueError, match="at least (3 spins along a side|200 measurements) are"):
        simulate(size, 2.3, measurements, stream("test"))


@pytest.fixture(scope="module")
def ladder():
    lattices = {8: 600, 4: 800}
    return simulate_ladder(25_000, name="ising_square", lattices=lattices, realisations=[2, 0, 5])


def test_a_run_describes_itself(ladder):
    run, cost = ladder
    assert dict(run.sizes) == {"model": 1, "size": 2, "temperature": 1, "realisation": 3}
    assert run["temperature"].item() == 2.5 and run["level"].item() == 25_000
    assert run["n_spins"].values.tolist() == [[64, 16]]
    for dataset in ladder:
        for name, variable in dataset.variables.items():
            assert name == "model" or {"long_name", "units"} <= set(variable.attrs), name
    assert (cost["cpu_seconds"] >= 0).all()
    assert (run["status"] == STATUS.index("measured")).all()
    # A sweep is as many flips as there are spins; those discarded are one for 20 measurements.
    measured = run["n_measurements"] * run["sweeps_between"]
    discarded = (run["flips"] / run["n_spins"] - measured) / run["n_measurements"]
    assert ((discarded > 0.03) & (discarded < 0.08)).all()
    assert ((run["sweeps_between"] > 0.25) & (run["sweeps_between"] < 1)).all()


def test_a_chunk_gives_the_bits_of_its_realisations_alone(ladder):
    run, _ = ladder
    alone, _ = simulate_ladder(25_000, name="ising_square", lattices={4: 800}, realisations=[5])
    xr.testing.assert_identical(run.sel(size=[4], realisation=[5]), alone)


def test_realisations_sizes_and_temperatures_have_streams_of_their_own(ladder):
    run, _ = ladder
    warmer, _ = simulate_ladder(25_001, name="ising_square", lattices={4: 800}, realisations=[5])
    energies = [*run["energy"].values.ravel(), warmer["energy"].item()]
    assert len(set(energies)) == 7
