"""Inversions by networks, with and without chi^2 in their loss."""

import time
from collections.abc import Mapping

import xarray as xr

from netphase.spectral.green_functions import kernel
from netphase.spectral.networks import SpectralNetwork
from netphase.spectral.problems import cost_of, measured, problem, training_spectra
from netphase.streams import stream


def run(
    settings: Mapping, n_times: int, level: int, realisation: int, *, name: str
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train both networks for one number of times and one noise, and let them invert.

    Parameters
    ----------
    settings : of `netphase.spectral.problems.problem`, and network: spectra, epochs and consistency

    Returns
    -------
    found, cost : of `netphase.spectral.problems.measured` and `cost_of`
    """
    start = time.process_time()
    given, beta = problem(settings, n_times, level, realisation), settings["beta"]
    training = training_spectra(settings, given.omega, realisation)
    densities = {}
    for method, consistency in (
        ("network", 0.0),
        ("consistent_network", settings["network"]["consistency"]),
    ):
        network = SpectralNetwork(
            kernel(given.times, given.omega, beta),
            given.step,
            given.sigma,
            epochs=settings["network"]["epochs"],
            consistency=consistency,
        )
        rng = stream("spectral network", times=n_times, level=level, realisation=realisation)
        densities[method] = network.fit(training, rng).predict(given.noisy)
    found = measured(given, densities, name=name, beta=beta, level=level, realisation=realisation)
    return found, cost_of(found, time.process_time() - start)
