"""Green's functions in imaginary time and their spectral densities.

    G(tau) = int dw A(w) e^{-tau w} / (1 + e^{-beta w}),  0 <= tau <= beta,  A >= 0,  int A = 1,

with the sign that makes G positive. To find A from G is ill posed: the kernel smooths, and fine
structure is lost in the noise of G. Densities are arrays (..., omega) on an equidistant grid.
"""

from collections.abc import Mapping

import numpy as np

from netphase.errors import InputError

WEIGHTS, WIDTHS = (0.2, 1.0), (0.2, 1.2)
MOST_PEAKS, SCATTER, CENTRES = 5, 1.2, 4.0


def frequencies(omega_max: float, n: int) -> np.ndarray:
    """Equidistant grid (n,) from -omega_max to omega_max."""
    return np.linspace(-omega_max, omega_max, n)


def imaginary_times(n: int, beta: float) -> np.ndarray:
    """Equidistant grid (n,) from 0 to beta, both ends included.

    Raises
    ------
    InputError
        Unless beta > 0 and n >= 2.
    """
    if not beta > 0:
        raise InputError(f"beta is {beta}, not positive")
    if n < 2:
        raise InputError(f"times: {n} points do not reach from 0 to beta")
    return np.linspace(0, beta, n)


def kernel(times: np.ndarray, omega: np.ndarray, beta: float) -> np.ndarray:
    """e^{-tau w} / (1 + e^{-beta w}) over (times, omega), without overflow for either sign of w."""
    exponent = -np.multiply.outer(times, omega) - np.logaddexp(0, -beta * omega)
    return np.exp(exponent)


def green_function(density: np.ndarray, times: np.ndarray, omega: np.ndarray, beta: float):
    """G (..., times) of densities (..., omega) by the rectangle rule."""
    return density @ kernel(times, omega, beta).T * (omega[1] - omega[0])


def noised(green: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """G with independent normal errors of standard deviation sigma."""
    return green + sigma * rng.standard_normal(green.shape)


def check_green_function(green: np.ndarray, n_times: int, name: str) -> None:
    """Refuse Green's functions (..., times) of another length, or that are not finite.

    Raises
    ------
    InputError : the message begins with `name`
    """
    if green.shape[-1] != n_times:
        raise InputError(f"{name}: {green.shape[-1]} points in imaginary time, not {n_times}")
    if not np.isfinite(green).all():
        raise InputError(f"{name}: has NaN or infinite values")


def normalised(density: np.ndarray, omega: np.ndarray) -> np.ndarray:
    """Densities with int A = 1 on the grid."""
    return density / (density.sum(axis=-1, keepdims=True) * (omega[1] - omega[0]))


def gaussians(n: int, omega: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Densities (n, omega) of 1 to 5 Gaussian peaks that crowd around one or two centres.

    A stand-in for the "collision centres" of Assaad et al. (arXiv 2602.18561): centres uniform in
    [-4, 4], peaks scattered around them by 1.2, of widths 0.2 to 1.2 and weights 0.2 to 1.
    """
    shape = (n, MOST_PEAKS)
    present = np.arange(MOST_PEAKS) < rng.integers(1, MOST_PEAKS + 1, (n, 1))
    centres = rng.uniform(-CENTRES, CENTRES, (n, 2))
    second = (rng.random(shape) < 0.5) & (rng.random((n, 1)) < 0.5)
    places = np.where(second, centres[:, 1:], centres[:, :1]) + rng.normal(0, SCATTER, shape)
    widths, weights = rng.uniform(*WIDTHS, shape), rng.uniform(*WEIGHTS, shape) * present
    density = np.zeros((n, omega.size))
    for place, width, weight in zip(places.T, widths.T, weights.T, strict=True):
        z = (omega - place[:, np.newaxis]) / width[:, np.newaxis]
        density += (weight / width)[:, np.newaxis] * np.exp(-(z**2) / 2)
    return normalised(density, omega)


def semicircles(n: int, omega: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Semicircles (n, omega) with centres in [-2, 2] and half-widths of 1.5 to 4."""
    centre, half = rng.uniform(-2, 2, (n, 1)), rng.uniform(1.5, 4, (n, 1))
    return normalised(np.sqrt(np.maximum(half**2 - (omega - centre) ** 2, 0)), omega)


def gapped(n: int, omega: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """|w| / sqrt(w^2 - a^2) on a < |w| < b (n, omega), as of a superconductor of gap a."""
    gap, end = rng.uniform(0.5, 2, (n, 1)), rng.uniform(2.5, 4.5, (n, 1))
    # Cells are filled with their mean, int |w| / sqrt(w^2 - a^2) = sqrt(w^2 - a^2): the edges are
    # singular.
    step = omega[1] - omega[0]

    def below(w):
        w = np.clip(w, gap, end)
        return np.sqrt(w**2 - gap**2)

    size = np.abs(omega)
    return normalised(below(size + step / 2) - below(size - step / 2), omega)


CLASSES = {"gaussians": gaussians, "semicircles": semicircles, "gapped": gapped}
"""The first is what networks are trained on, the others are new to them: smooth and sharp."""


def errors(found: np.ndarray, truth: np.ndarray, omega: np.ndarray) -> Mapping[str, np.ndarray]:
    """Mean squared, mean absolute and Wasserstein-1 distance (int |dCDF| dw) of densities."""
    step = omega[1] - omega[0]
    difference = found - truth
    return {
        "mse": (difference**2).mean(axis=-1),
        "mae": np.abs(difference).mean(axis=-1),
        "wasserstein": np.abs(np.cumsum(difference, axis=-1) * step).sum(axis=-1) * step,
    }
