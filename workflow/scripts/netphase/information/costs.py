"""CPU seconds of the information limit."""

from netphase.information.probes import n_probes
from netphase.jobs.estimates import Shape

SHARE = 2
"""Exponentials and discriminants take about as long as the products."""


def limit_seconds(
    shape: Shape, n_levels: int, n_realisations: int, *, trained_once: bool, operation: float
) -> float:
    """CPU seconds of the posteriors: every noisy test image meets every clean one at each level.

    Parameters
    ----------
    operation : seconds of a floating-point operation
    """
    noisy = shape.test * n_realisations
    if trained_once:
        noisy = n_probes(shape.test, shape.n_features)
    return SHARE * 2 * noisy * shape.values * n_levels * operation
