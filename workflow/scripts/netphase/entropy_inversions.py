"""Inversions by maximum entropy, and what any method could at most keep of the densities."""

import time
from collections.abc import Mapping

import xarray as xr

from netphase import compact_basis, maximum_entropy
from netphase.inversions import LIMIT, cost_of, measured, problem


def run(
    settings: Mapping, n_times: int, level: int, realisation: int, *, name: str
) -> tuple[xr.Dataset, xr.Dataset]:
    """Densities of largest entropy, and the exact ones cut to the coefficients above the noise.

    Parameters
    ----------
    settings : of `netphase.inversions.problem`

    Returns
    -------
    found, cost : of `netphase.inversions.measured` and `cost_of`
    """
    start = time.process_time()
    given, beta = problem(settings, n_times, level, realisation), settings["beta"]
    inverted = maximum_entropy.invert(given.noisy, given.sigma, given.times, given.omega, beta)
    basis = compact_basis.basis(given.times, given.omega, beta)
    count = int(compact_basis.recoverable(basis, given.sigma, n_times, beta))
    densities = {
        "maximum_entropy": inverted.density,
        LIMIT: compact_basis.truncated(given.truth, basis, count, given.omega),
    }
    found = measured(given, densities, name=name, beta=beta, level=level, realisation=realisation)
    return found, cost_of(found, time.process_time() - start)
