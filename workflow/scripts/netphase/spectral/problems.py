"""Test spectra, their noisy Green's functions, and errors of the densities that methods find.

A noise level is an integer, sigma = 10^(-level / 100). The spectra of a realisation are the same at
all levels and for all numbers of times; the noise belongs to one of each.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from netphase.spectral import exact_systems, green_functions
from netphase.streams import stream

LEVELS_PER_DECADE = 100
BROADENING = 0.15
EXACT = "exact"
LIMIT = "truncation"
ATTRIBUTES = {
    "mse": "mean squared error of the density",
    "mae": "mean absolute error of the density",
    "wasserstein": "Wasserstein-1 distance of the density from the truth",
    "chi2": "squared deviation from the Green's function without noise, in units of sigma^2, mean",
    "density": "spectral density found",
    "truth": "spectral density",
}
REFERENCES = (
    "Assaad et al. (2026), arXiv:2602.18561; Jarrell & Gubernatis (1996), Phys. Rep. 269, 133"
)


class Problem(NamedTuple):
    """Noisy Green's functions (cases, times) of known densities (cases, omega).

    names : (cases,), class of random spectra, or exact
    systems : (cases,), name of the exactly solved system
    """

    truth: np.ndarray
    names: list[str]
    systems: list[str]
    clean: np.ndarray
    noisy: np.ndarray
    times: np.ndarray
    omega: np.ndarray
    sigma: float

    @property
    def step(self) -> float:
        """Distance of neighbouring frequencies."""
        return float(self.omega[1] - self.omega[0])


def noise_of(level: int) -> float:
    """Standard deviation 10^(-level / 100) of the errors of a Green's function."""
    return 10.0 ** (-level / LEVELS_PER_DECADE)


def problem(settings: Mapping, n_times: int, level: int, realisation: int) -> Problem:
    """The test spectra of a realisation, and their Green's functions with noise.

    Parameters
    ----------
    settings : beta, omega_max, frequencies and spectra (random ones of each class)
    """
    beta, sigma = settings["beta"], noise_of(level)
    omega = green_functions.frequencies(settings["omega_max"], settings["frequencies"])
    times = green_functions.imaginary_times(n_times, beta)
    truth, names, systems = [], [], []
    for name, draw in green_functions.CLASSES.items():
        rng = stream("test spectra", name=name, realisation=realisation)
        truth.append(draw(settings["spectra"], omega, rng))
        names += [name] * settings["spectra"]
        systems += [""] * settings["spectra"]
    for system, poles in exact_systems.SYSTEMS.items():
        truth.append(exact_systems.broadened(*poles(beta), omega, BROADENING)[np.newaxis])
        names.append(EXACT)
        systems.append(system)
    truth = np.concatenate(truth)
    clean = green_functions.green_function(truth, times, omega, beta)
    rng = stream("noise of Green's functions", times=n_times, level=level, realisation=realisation)
    noisy = green_functions.noised(clean, sigma, rng)
    return Problem(truth, names, systems, clean, noisy, times, omega, sigma)


def training_spectra(settings: Mapping, omega: np.ndarray, realisation: int) -> np.ndarray:
    """Densities (spectra, omega) to train a network on."""
    rng = stream("training spectra", realisation=realisation)
    return green_functions.gaussians(settings["network"]["spectra"], omega, rng)


def measured(
    given: Problem,
    found: Mapping[str, np.ndarray],
    *,
    name: str,
    beta: float,
    level: int,
    realisation: int,
) -> xr.Dataset:
    """Densities of some methods over (solver, case, omega), and their errors.

    Coordinates are class_name and system (case), and level, times, realisation and sigma.
    """
    densities = np.stack(list(found.values()))
    values = green_functions.errors(densities, given.truth, given.omega)
    residual = green_functions.green_function(densities, given.times, given.omega, beta)
    values = dict(values) | {"chi2": ((residual - given.clean) ** 2).mean(axis=-1) / given.sigma**2}
    variables = {
        key: (("solver", "case"), value, {"long_name": ATTRIBUTES[key], "units": "1"})
        for key, value in values.items()
    }
    for key, dims, value in (
        ("density", ("solver", "case", "omega"), densities),
        ("truth", ("case", "omega"), given.truth),
    ):
        attributes = {"long_name": ATTRIBUTES[key], "units": "1/t"}
        variables[key] = dims, value.astype(np.float32), attributes
    data = xr.Dataset(
        variables,
        coords={
            "solver": list(found),
            "omega": ("omega", given.omega, {"long_name": "frequency", "units": "t"}),
            "class_name": ("case", given.names),
            "system": ("case", given.systems),
            "times": ((), given.times.size, {"long_name": "imaginary times", "units": "1"}),
            "level": ((), level, {"long_name": "-100 log10 sigma", "units": "1"}),
            "sigma": ((), given.sigma, {"long_name": "standard error of G", "units": "1"}),
            "realisation": (
                (),
                realisation,
                {"long_name": "number of the realisation", "units": "1"},
            ),
        },
        attrs={"title": f"Inversions of {name}", "references": REFERENCES},
    )
    data["wasserstein"].attrs["units"] = "t"
    for key, meaning in (("mse", "1/t^2"), ("mae", "1/t")):
        data[key].attrs["units"] = meaning
    return data.expand_dims(["times", "level", "realisation"]).assign_coords(
        sigma=("level", [given.sigma], {"long_name": "standard error of G", "units": "1"})
    )


def cost_of(found: xr.Dataset, seconds: float) -> xr.Dataset:
    """Process CPU seconds of an inversion; apart, since no two runs cost the same."""
    cost = xr.Dataset(coords={name: found[name] for name in ("times", "level", "realisation")})
    attributes = {"long_name": "process CPU time of inversion", "units": "s"}
    cost["cpu_seconds"] = ("times", "level", "realisation"), [[[seconds]]], attributes
    return cost.assign_attrs(title=f"Cost of: {found.title}")
