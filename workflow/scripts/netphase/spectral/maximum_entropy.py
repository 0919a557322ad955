"""Maximum-entropy spectral densities of many Green's functions and weights alpha at once.

For each alpha the density A minimises

    chi^2 / 2 + alpha int A ln(A / D),  chi^2 = |K A - G|^2 / sigma^2,  int A = 1,

D being a default model (Jarrell & Gubernatis 1996, Phys. Rep. 269, 133). Its solution is
A ~ D exp(K^T l) with l = (G - K A) / (alpha sigma^2), and l is where the convex function

    ln int D exp(K^T l) - l G + alpha sigma^2 |l|^2 / 2

is least: Newton's method in the few singular directions of K that exceed rounding (Bryan 1990).
alpha is chosen in one of two ways: where ln chi^2 leaves the plain of overfitting (Bergeron &
Tremblay 2016, Phys. Rev. E 94, 023303), at the kink of a sigmoid fitted to ln chi^2 against
ln alpha; or where it is most probable ("classic": Gull 1989; Jarrell & Gubernatis 1996).
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares
from scipy.special import rel_entr

from netphase.errors import InputError
from netphase.spectral.green_functions import check_green_function, kernel

ALPHAS = np.logspace(-2, 8, 31)
KINK = 2.5
"""Distance of the kink from the middle of the sigmoid, in units of its width."""
ROUNDING = 1e-13
MOST_STEPS, TOLERANCE = 200, 1e-8
LONGEST = 3.0


class Inverted(NamedTuple):
    """Densities (cases, omega), and (cases,) their alpha, chi^2, and whether alpha was found."""

    density: np.ndarray
    alpha: np.ndarray
    chi2: np.ndarray
    found: np.ndarray


def default_model(omega: np.ndarray) -> np.ndarray:
    """exp(-w^2 / 18), normalised: wide, symmetric, and without features."""
    model = np.exp(-(omega**2) / 18)
    return model / (model.sum() * (omega[1] - omega[0]))


def densities(
    green: np.ndarray,
    sigma: float,
    times: np.ndarray,
    omega: np.ndarray,
    beta: float,
    alphas: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Densities (cases, alphas, omega) of Green's functions (cases, times), and their chi^2.

    Raises
    ------
    InputError
        For a Green's function of another length or with NaN, or sigma or an alpha <= 0.
    """
    check_green_function(green, times.size, "green")
    if not sigma > 0:
        raise InputError(f"sigma is {sigma}, not positive")
    if not np.all(alphas > 0):
        raise InputError("alphas: not all are positive")
    step = omega[1] - omega[0]
    left, values, right = np.linalg.svd(kernel(times, omega, beta), full_matrices=False)
    kept = values > ROUNDING * values[0]
    basis = values[kept, np.newaxis] * right[kept]
    data = green @ left[:, kept]
    lost = ((green - data @ left[:, kept].T) ** 2).sum(axis=-1)
    cases, count = len(green), len(alphas)
    log_weights = np.log(default_model(omega) * step)
    multipliers = np.zeros((cases, data.shape[1]))
    found, chi2 = np.empty((cases, count, omega.size)), np.empty((cases, count))
    # From the stiffest to the softest: each solution is near the last.
    for place in np.argsort(-alphas):
        ridge = alphas[place] * sigma**2
        multipliers, weights = _minimise(multipliers, basis, data, ridge, log_weights)
        found[:, place] = weights / step
        chi2[:, place] = (((weights @ basis.T - data) ** 2).sum(axis=-1) + lost) / sigma**2
    return found, chi2


def _minimise(multipliers, basis, data, ridge, log_weights):
    """Damped Newton steps of all cases until none moves; returns multipliers and weights."""
    multipliers = multipliers.copy()
    value, weights = _dual(multipliers, basis, data, ridge, log_weights)
    moving = np.arange(len(data))
    for _ in range(MOST_STEPS):
        gradient = weights[moving] @ basis.T - data[moving] + ridge * multipliers[moving]
        mean = weights[moving] @ basis.T
        hessian = (weights[moving, np.newaxis] * basis) @ basis.T
        hessian -= mean[:, :, np.newaxis] * mean[:, np.newaxis]
        hessian += ridge * np.eye(len(basis))
        step = -np.linalg.solve(hessian, gradient[..., np.newaxis])[..., 0]
        # An exponent that changes by more than a few leaves the region of the quadratic model.
        largest = np.abs(step @ basis).max(axis=1)
        step *= np.minimum(1, LONGEST / np.maximum(largest, LONGEST))[:, np.newaxis]
        slope = (step * gradient).sum(axis=1)
        share = np.ones(len(moving))
        for _ in range(30):
            trial = multipliers[moving] + share[:, np.newaxis] * step
            new_value, new_weights = _dual(trial, basis, data[moving], ridge, log_weights)
            worse = new_value > value[moving] + 1e-4 * share * slope + 1e-14
            if not worse.any():
                break
            share[worse] /= 2
        multipliers[moving], value[moving], weights[moving] = trial, new_value, new_weights
        moving = moving[-slope > TOLERANCE**2]
        if not moving.size:
            break
    return multipliers, weights


def _dual(multipliers, basis, data, ridge, log_weights):
    exponent = log_weights + multipliers @ basis
    top = exponent.max(axis=1, keepdims=True)
    weights = np.exp(exponent - top)
    total = weights.sum(axis=1, keepdims=True)
    value = (top + np.log(total))[:, 0] - (multipliers * data).sum(axis=1)
    return value + ridge / 2 * (multipliers**2).sum(axis=1), weights / total


def invert(
    green: np.ndarray, sigma: float, times: np.ndarray, omega: np.ndarray, beta: float
) -> dict[str, Inverted]:
    """Invert each Green's function (cases, times) by either choice of alpha.

    Where ln chi^2 has no kink within ALPHAS, the largest alpha with chi^2 <= times stands in, or
    else the smallest. Errors are those of `densities`.

    Returns
    -------
    dict
        kink and most_probable.
    """
    found, chi2 = densities(green, sigma, times, omega, beta, ALPHAS)
    kinks = np.array([_kink(np.log10(one)) for one in chi2])
    has_kink = np.isfinite(kinks)
    nearest = np.abs(np.log10(ALPHAS) - np.nan_to_num(kinks)[:, np.newaxis]).argmin(axis=1)
    fitting = np.where(chi2 <= times.size, np.arange(ALPHAS.size), 0).max(axis=1)
    probable = log_probability(found, chi2, sigma, times, omega, beta, ALPHAS).argmax(axis=1)
    inside = (probable > 0) & (probable < ALPHAS.size - 1)
    cases = np.arange(len(green))
    return {
        name: Inverted(found[cases, chosen], ALPHAS[chosen], chi2[cases, chosen], good)
        for name, chosen, good in (
            ("kink", np.where(has_kink, nearest, fitting), has_kink),
            ("most_probable", probable, inside),
        )
    }


def log_probability(
    density: np.ndarray,
    chi2: np.ndarray,
    sigma: float,
    times: np.ndarray,
    omega: np.ndarray,
    beta: float,
    alphas: np.ndarray,
) -> np.ndarray:
    """ln p(ln alpha | G) (cases, alphas) up to a constant, all ln alpha being as likely before.

    alpha S - chi^2 / 2 + sum ln(alpha / (alpha + lambda)) / 2 with the entropy S relative to the
    default model and the eigenvalues lambda of chi^2 / 2 in the metric of S: the Gaussian integral
    over the densities around the one of largest entropy (Jarrell & Gubernatis 1996, eq. 5.26).

    Parameters
    ----------
    density, chi2 : of `densities`
    """
    step = omega[1] - omega[0]
    matrix = kernel(times, omega, beta) / sigma
    entropy = -rel_entr(density, default_model(omega)).sum(axis=-1) * step
    found = alphas * entropy - chi2 / 2
    for place, alpha in enumerate(alphas):
        weights = density[:, place] * step
        mean = weights @ matrix.T
        curvature = (weights[:, np.newaxis] * matrix) @ matrix.T
        # int A = 1 takes one direction away.
        curvature -= mean[:, :, np.newaxis] * mean[:, np.newaxis]
        eigenvalues = np.maximum(np.linalg.eigvalsh(curvature), 0)
        found[:, place] -= np.log1p(eigenvalues / alpha).sum(axis=1) / 2
    return found


def _kink(log_chi2):
    """log10 alpha at the kink of one curve, NaN where a sigmoid finds none within the alphas."""
    x = np.log10(ALPHAS)

    def residuals(p):
        return p[0] + p[1] / (1 + np.exp(-p[3] * (x - p[2]))) - log_chi2

    middle = x[np.abs(log_chi2 - (log_chi2[0] + log_chi2[-1]) / 2).argmin()]
    start = [log_chi2[0], log_chi2[-1] - log_chi2[0], middle, 1.0]
    fit = least_squares(residuals, start)
    kink = fit.x[2] - KINK / fit.x[3]
    good = fit.success and fit.x[1] > 0.1 and fit.x[3] > 0 and x[0] < kink < x[-1]
    return kink if good else np.nan
