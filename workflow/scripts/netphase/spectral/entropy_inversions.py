"""Inversions by maximum entropy, and truncations to the coefficients above the noise."""

import time
from collections.abc import Mapping

import numpy as np
import xarray as xr

from netphase.spectral import maximum_entropy, singular_basis
from netphase.spectral.problems import LIMIT, cost_of, measured, problem


def run(
    settings: Mapping, n_times: int, level: int, realisation: int, *, name: str
) -> tuple[xr.Dataset, xr.Dataset]:
    """Densities of maximum entropy, and exact ones truncated to the coefficients above the noise.

    Parameters
    ----------
    settings : of `netphase.spectral.problems.problem`

    Returns
    -------
    found, cost : of `netphase.spectral.problems.measured` and `cost_of`
    """
    start = time.process_time()
    given, beta = problem(settings, n_times, level, realisation), settings["beta"]
    inverted = maximum_entropy.invert(given.noisy, given.sigma, given.times, given.omega, beta)
    basis = singular_basis.basis(given.times, given.omega, beta)
    count = int(singular_basis.recoverable(basis, given.sigma, n_times, beta))
    densities = {
        "maximum_entropy": inverted["kink"].density,
        "classic_entropy": inverted["most_probable"].density,
        LIMIT: singular_basis.truncated(given.truth, basis, count, given.omega),
    }
    found = measured(given, densities, name=name, beta=beta, level=level, realisation=realisation)
    alphas = [*(choice.found for choice in inverted.values()), np.ones(len(given.truth), bool)]
    found["alpha_found"] = (
        found.chi2.dims,
        np.array(alphas, np.int8)[np.newaxis, np.newaxis, np.newaxis],
        {"long_name": "whether the choice of alpha found one", "units": "1"},
    )
    return found, cost_of(found, time.process_time() - start)
