"""Temperatures as integers, which name files and random streams without rounding."""

from collections.abc import Sequence

LEVELS_PER_UNIT = 10_000


def levels(temperatures: Sequence[float]) -> list[int]:
    """Temperatures in units of 1e-4 J / k_B.

    Raises
    ------
    ValueError : a temperature that is no multiple of 1e-4, or that occurs twice
    """
    found = [round(temperature * LEVELS_PER_UNIT) for temperature in temperatures]
    for temperature, level in zip(temperatures, found, strict=True):
        # Decimal fractions are not exact: 2.245 differs from 22450 / 10000 in the last bits.
        if abs(temperature * LEVELS_PER_UNIT - level) > 1e-6:
            raise ValueError(f"temperature {temperature} is no multiple of {1 / LEVELS_PER_UNIT}")
        if found.count(level) > 1:
            raise ValueError(f"temperature {temperature} occurs twice")
    return found
