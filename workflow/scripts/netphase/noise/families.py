"""Families of noise: sampling of the noise of an image, and likelihood of a noisy image.

Every family has one strength, kappa, the noise-to-signal ratio. With a clean image x_0 whose pixels
have mean zero and variance one over the data set, the noisy image is

    z = x_0 + kappa epsilon,

where epsilon has mean zero and variance one and no linear correlation with x_0, so that kappa is
the standard deviation of the noise over that of the clean data. Independent additive noise draws
epsilon whatever the image is. Any other noisy image y, with s = Cov(y, x_0) / Var(x_0), has the
same form: z = y / s, epsilon = (z - x_0) / kappa, kappa^2 = Var(y - s x_0) / (s^2 Var(x_0)).
Networks get z in the unit of their study (`netphase.noise.cubes`, `netphase.noise.fields`).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Family(NamedTuple):
    """One kind of noise.

    Attributes
    ----------
    meaning : the distribution of epsilon
    draw : (x_0, kappa, rng) -> epsilon, float32 and of the shape of x_0, (sample, y, x[, channel])
        in float32; a pure function of its arguments
    log_likelihood : (z, x, kappa) -> ln p(z_i | x_j), (n, m), up to a term of z_i alone, for noisy
        images z (n, d), clean images x (m, d) and kappa > 0; -inf where x_j cannot become z_i,
        which for bounded noise leaves room for the rounding of z
    reach : |epsilon| up to which packed cubes hold it; beyond it may be cut off
    """

    meaning: str
    draw: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    log_likelihood: Callable[[np.ndarray, np.ndarray, float], np.ndarray]
    reach: float


def stream_name(family: str) -> dict[str, str]:
    """Part of the names of random streams for the family: empty for gaussian, the oldest."""
    return {} if family == "gaussian" else {"family": family}


def _draw_gaussian(x_0, kappa, rng):
    return rng.standard_normal(x_0.shape, dtype=np.float32)


def _gaussian_log_likelihood(z, x, kappa):
    """z . x / kappa^2 - |x|^2 / 2 kappa^2: without |z|^2 nothing large cancels."""
    variance = kappa**2
    exponent = (z / variance) @ x.T
    half_norm = np.einsum("ij,ij->i", x, x, dtype=np.float64) / (2 * variance)
    exponent -= half_norm.astype(z.dtype)
    return exponent


FAMILIES = {
    "gaussian": Family(
        "independent normal noise in every pixel", _draw_gaussian, _gaussian_log_likelihood, 5.0
    ),
}
