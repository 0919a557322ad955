"""CPU seconds of simulations by single clusters on the machine of the benchmarks."""

from collections.abc import Mapping

NEIGHBOURS = 3
"""Of a spin on the surface of the benchmark wolff_flips_on_surface."""
FLIPS = 0.6
"""Flips of a spin for each measurement: half a sweep, and a tenth for the measurement itself."""


def simulation_seconds(
    measured_spins: float, n_neighbours: int, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of one realisation at one temperature.

    Parameters
    ----------
    measured_spins : sum over the lattices of their spins times their measurements
    """
    flip = n_neighbours / NEIGHBOURS / (1e6 * benchmarks["wolff_flips_on_surface"])
    return FLIPS * measured_spins * flip
