"""CPU seconds of the fits of transition curves on the machine of the benchmarks."""

from collections.abc import Mapping

SIZES, LEVELS = 7, 11
"""Curves of the benchmark fits_with_bootstrap, with ten realisations."""
SINGLE = 2
"""The fits of each realisation take about as long as those of all with their bootstrap."""


def families_seconds(n_curves: int, n_levels: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds to fit all families to `n_curves` curves, realisations pooled and single."""
    one = benchmarks["fits_with_bootstrap"] / (SIZES * LEVELS)
    return SINGLE * one * n_curves * n_levels
