"""Singular value expansion of the kernel of analytic continuation, and its resolution in noise.

K(tau, w) = sum over l of S_l U_l(tau) V_l(w), with singular values that fall exponentially, so that
G_l = S_l int V_l A dw is lost in the noise from some l on (Shinaoka et al. 2017, Phys. Rev. B 96,
035147). On n equidistant times an error sigma of G is one of sigma sqrt(beta / n) of G_l.
"""

from typing import NamedTuple

import numpy as np
from sparse_ir import FiniteTempBasis

ACCURACY = 1e-12


class Basis(NamedTuple):
    """Singular values (l,), and the singular functions on grids: (l, times) and (l, omega)."""

    values: np.ndarray
    of_times: np.ndarray
    of_omega: np.ndarray


def basis(times: np.ndarray, omega: np.ndarray, beta: float) -> Basis:
    """The singular value expansion up to 1e-12 of the largest singular value."""
    found = FiniteTempBasis("F", beta, float(np.abs(omega).max()), eps=ACCURACY)
    return Basis(found.s, found.u(times), found.v(omega))


def recoverable(found: Basis, sigma, n_times: int, beta: float) -> np.ndarray:
    """Number of coefficients whose singular value exceeds the noise of G_l, for each sigma.

    int V_l A dw is at most of the order of 1, so that all other coefficients are noise for any
    density.
    """
    noise = np.asarray(sigma, float) * np.sqrt(beta / n_times)
    return (found.values > noise[..., np.newaxis]).sum(axis=-1)


def truncated(density: np.ndarray, found: Basis, count: int, omega: np.ndarray) -> np.ndarray:
    """Densities (..., omega) truncated to their first `count` coefficients, without noise."""
    step = omega[1] - omega[0]
    # The singular functions are orthonormal in the integral; on the grid only nearly so.
    functions = found.of_omega[:count]
    gram = functions @ functions.T * step
    return np.linalg.solve(gram, functions @ np.moveaxis(density, -1, 0) * step).T @ functions
