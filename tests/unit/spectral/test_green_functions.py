"""Green's functions against closed forms, sum rules and exact diagonalisation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netphase.errors import InputError
from netphase.spectral import exact_systems, green_functions
from netphase.spectral.singular_basis import basis, recoverable, truncated
from netphase.streams import stream

BETA = 10.0
OMEGA = green_functions.frequencies(8.0, 201)
STEP = OMEGA[1] - OMEGA[0]
TIMES = green_functions.imaginary_times(65, BETA)


def drawn(name, n=30):
    return green_functions.CLASSES[name](n, OMEGA, stream("test densities", name=name))


@pytest.mark.parametrize("name", green_functions.CLASSES)
def test_densities_are_positive_and_normalised(name):
    densities = drawn(name)
    assert densities.min() >= 0
    assert densities.sum(axis=1) * STEP == pytest.approx(np.ones(30), abs=1e-12)


@pytest.mark.parametrize("name", green_functions.CLASSES)
def test_ends_of_the_green_function_add_up_to_one(name):
    green = green_functions.green_function(drawn(name), TIMES, OMEGA, BETA)
    assert green[:, 0] + green[:, -1] == pytest.approx(np.ones(30), abs=1e-12)
    assert green.min() > 0


def test_derivatives_at_the_ends_are_the_first_moment():
    densities = drawn("gaussians")
    h = 1e-4
    times = np.array([0, h, 2 * h, BETA - 2 * h, BETA - h, BETA])
    g = green_functions.green_function(densities, times, OMEGA, BETA)
    first = (-3 * g[:, 0] + 4 * g[:, 1] - g[:, 2]) / (2 * h)
    last = (3 * g[:, 5] - 4 * g[:, 4] + g[:, 3]) / (2 * h)
    moment = densities @ OMEGA * STEP
    assert -(first + last) == pytest.approx(moment, abs=1e-5)


@given(st.floats(-1e3, 1e3), st.floats(0, BETA))
def test_kernel_is_finite_and_particle_hole_symmetric(omega, tau):
    there, back = (
        green_functions.kernel(np.array([t]), np.array([w]), BETA)[0, 0]
        for t, w in ((tau, omega), (BETA - tau, -omega))
    )
    assert 0 <= there <= 1
    assert there == pytest.approx(back, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("interaction", [0.0, 3.0, 8.0])
def test_atom_has_its_two_poles(interaction):
    poles, weights = exact_systems.hubbard_chain(1, interaction, BETA)
    below, above = weights[poles < 0].sum(), weights[poles > 0].sum()
    assert np.abs(poles) == pytest.approx(interaction / 2)
    assert weights.sum() == pytest.approx(1)
    if interaction:
        assert (below, above) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("n_sites", [2, 3, 4])
def test_chain_without_interaction_is_that_of_free_electrons(n_sites):
    poles, weights = exact_systems.hubbard_chain(n_sites, 0.0, BETA)
    k = np.pi * np.arange(1, n_sites + 1) / (n_sites + 1)
    energy, share = -2 * np.cos(k), 2 / (n_sites + 1) * np.sin(k) ** 2
    for one, expected in zip(energy, share, strict=True):
        assert weights[np.abs(poles - one) < 1e-9].sum() == pytest.approx(expected)
    assert weights.sum() == pytest.approx(1)


def test_dimer_against_its_closed_form():
    """Ground state of two sites: poles at -+t -+ (U - sqrt(U^2 + 16)) / 2, at low temperature."""
    u = 4.0
    poles, weights = exact_systems.hubbard_chain(2, u, 200.0)
    root = np.sqrt(u**2 + 16)
    expected = sorted(s * (root / 2 + d) for s in (-1, 1) for d in (-1, 1))
    found = np.unique(np.round(poles[weights > 1e-6], 8))
    assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("interaction", [2.0, 4.0])
def test_second_moment_counts_hopping_and_interaction(interaction):
    """int w^2 A = t^2 times the neighbours + U^2 / 4: a sum rule at half filling."""
    for n_sites, neighbours in ((1, 0), (2, 1), (4, 1)):
        poles, weights = exact_systems.hubbard_chain(n_sites, interaction, 3.0)
        assert poles**2 @ weights == pytest.approx(neighbours + interaction**2 / 4)
        assert poles @ weights == pytest.approx(0, abs=1e-10)


def test_gap_of_the_ssh_chain():
    poles, weights = exact_systems.ssh_chain(0.3)
    assert np.abs(poles).min() == pytest.approx(2 * 0.3, abs=1e-5)
    assert np.abs(poles).max() == pytest.approx(2, abs=1e-5)
    assert poles**2 @ weights == pytest.approx((1 + 0.3) ** 2 + (1 - 0.3) ** 2)


def test_broadening_keeps_moments():
    poles, weights = exact_systems.hubbard_chain(2, 4.0, BETA)
    density = exact_systems.broadened(poles, weights, OMEGA, 0.2)
    assert density.sum() * STEP == pytest.approx(1)
    assert OMEGA**2 @ density * STEP == pytest.approx(poles**2 @ weights + 0.2**2, rel=1e-3)


def test_errors_of_a_shift():
    """The Wasserstein distance of a shifted density is the shift."""
    one, other = (np.exp(-((OMEGA - x) ** 2)) / np.sqrt(np.pi) for x in (0, 5 * STEP))
    found = green_functions.errors(one, other, OMEGA)
    assert found["wasserstein"] == pytest.approx(5 * STEP, rel=1e-6)
    assert found["mse"] == pytest.approx(((one - other) ** 2).mean())


def test_compact_basis_is_that_of_the_kernel():
    found = basis(TIMES, OMEGA, BETA)
    product = (found.values[:, np.newaxis] * found.of_times).T @ found.of_omega
    assert product == pytest.approx(green_functions.kernel(TIMES, OMEGA, BETA), abs=1e-8)


def test_noise_hides_coefficients_and_more_times_show_them():
    found = basis(TIMES, OMEGA, BETA)
    sigma = np.logspace(-6, 0, 25)
    counts = [recoverable(found, sigma, n, BETA) for n in (17, 65)]
    assert np.all(np.diff(counts[0]) <= 0)
    assert np.all(counts[0] <= counts[1])
    assert counts[0][0] > counts[0][-1]


def test_truncation_loses_less_the_more_is_kept():
    found, densities = basis(TIMES, OMEGA, BETA), drawn("gaussians")
    lost = [
        green_functions.errors(truncated(densities, found, n, OMEGA), densities, OMEGA)["mse"]
        for n in (4, 8, 16, 28)
    ]
    assert np.all(np.diff(lost, axis=0) <= 1e-15)


@pytest.mark.parametrize(
    ("green", "word"),
    [(np.ones(64), "64 points"), (np.full(65, np.nan), "NaN"), (np.full(65, np.inf), "infinite")],
)
def test_what_is_no_green_function_is_refused(green, word):
    with pytest.raises(InputError, match=f"spectrum.*{word}"):
        green_functions.check_green_function(green, 65, "spectrum")


@pytest.mark.parametrize(
    ("n", "beta", "word"), [(65, 0.0, "beta"), (65, -1, "beta"), (1, 1, "times")]
)
def test_impossible_grids_are_refused(n, beta, word):
    with pytest.raises(InputError, match=word):
        green_functions.imaginary_times(n, beta)
