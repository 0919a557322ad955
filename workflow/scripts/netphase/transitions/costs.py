"""CPU seconds of the fits of transition curves on the machine of the benchmarks."""

from collections.abc import Mapping

SIZES, LEVELS = 7, 11
"""What the benchmark fits_with_bootstrap fits, with ten realisations."""
SINGLE = 2
"""The fits of each realisation take about as long as those of all with their bootstrap."""


def families_seconds(n_curves: int, n_levels: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of all families for so many curves, of all realisations and of each."""
    one = benchmarks["fits_with_bootstrap"] / (SIZES * LEVELS)
    return SINGLE * one * n_curves * n_levels
