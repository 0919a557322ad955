"""CPU seconds of Ising models on hyperbolic tilings on the machine of the benchmarks."""

from collections.abc import Mapping, Sequence

from netphase.hyperbolic.growth import shell_sizes
from netphase.lattices.costs import simulation_seconds

HEAT_BATH = 5e-9
"""Seconds in which the heat bath of a disc draws and counts a spin."""
TRIANGLE = 2e-8
"""Seconds of a Metropolis step that proposes to turn a triangle at the wall."""
CORNER = 2e-4
"""Seconds of the growth of corners at one temperature, for each cube of the states kept."""
GROWTHS = 60
"""Growths behind a critical temperature and an exponent."""
STARTS = BOUNDARIES = 2


def surface_spins(p: int, q: int, prime: int) -> int:
    """Number of vertices of the surface of {p, q} of a prime l: l (l^2 - 1) / q, or half of it.

    Half where all rotations lie in PSL(2, l): its elements have orders l, and the divisors of
    (l - 1) / 2 and (l + 1) / 2.
    """
    halves = (prime - 1) // 2, (prime + 1) // 2
    special = all(order == prime or any(half % order == 0 for half in halves) for order in (p, q))
    return prime * (prime**2 - 1) // (2 * q if special else q)


def surfaces_seconds(
    p: int, q: int, surfaces: Mapping[str, int], benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of one realisation of all surfaces of {p, q} at one temperature.

    Parameters
    ----------
    surfaces : measurements by prime
    """
    measured = sum(surface_spins(p, q, int(prime)) * n for prime, n in surfaces.items())
    return simulation_seconds(measured, q, benchmarks)


def disc_seconds(p: int, q: int, layers: int, n_temperatures: int, sweeps: int) -> float:
    """CPU seconds of an open disc of {p, q} with either boundary at all temperatures."""
    n_spins = sum(shell_sizes(q, p, layers))
    return BOUNDARIES * n_temperatures * sweeps * n_spins * HEAT_BATH


def gravity_seconds(q: int, layers: int, n_points: int, sweeps: int) -> float:
    """CPU seconds of discrete gravity on {3, q} at pairs of coupling and temperature."""
    return STARTS * n_points * sweeps * sum(shell_sizes(3, q, layers)) * TRIANGLE


def corners_seconds(
    n_polygons: int, n_temperatures: int, n_square: int, states: Sequence[int]
) -> float:
    """CPU seconds of infinite lattices at all temperatures and numbers of states."""
    growths = n_polygons * (n_temperatures + GROWTHS) * sum(n**3 for n in states)
    return CORNER * (growths + n_square * max(states) ** 3)
