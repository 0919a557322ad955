"""Mean-field theory of signals in wide random networks with tanh units.

Weights are normal with variance weight_variance / fan-in, biases with bias_variance, and a layer is
h = tanh(z). In wide layers the pre-activations z are Gaussian, so that their variance q and the
correlation c of two inputs obey maps from layer to layer (Poole et al. 2016, arXiv 1606.05340;
Schoenholz et al. 2017, arXiv 1611.01232):

    q' = w <tanh^2(sqrt(q) z)> + b,
    c' = (w <tanh(u_1) tanh(u_2)> + b) / q*,  u_1 = sqrt(q*) z_1,
                                               u_2 = sqrt(q*) (c z_1 + sqrt(1 - c^2) z_2).

Below a critical weight variance all inputs converge (ordered phase, c* = 1), above it even close
inputs diverge (chaotic phase, c* < 1). A convolution with circular padding obeys the same maps, its
fan-in being channels times kernel size (Xiao et al. 2018, arXiv 1806.05393).
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from netphase.criticality.random_networks import check_variances
from netphase.errors import InputError

# Trapezoidal rule for a standard normal variable: exact to rounding as long as q < 30, where
# Gauss-Hermite quadrature suffers from the poles of tanh at i pi / (2 sqrt(q)).
NODES = np.linspace(-9, 9, 289)
WEIGHTS = np.exp(-(NODES**2) / 2)
WEIGHTS /= WEIGHTS.sum()
# Ends of the search for the variance at which chi is 1, and for a correlation below 1.
LARGEST_VARIANCE = 1e6
NEARLY_ONE = 1 - 1e-12
PRECISION = {"xtol": 1e-15, "rtol": 8.9e-16}


class FixedPoint(NamedTuple):
    """Fixed point of the maps of variance and correlation, with its decay lengths.

    q : variance of the pre-activations
    chi : factor by which a small difference of two inputs grows in a layer: 1 where critical
    c : correlation of the pre-activations of two inputs
    depth_of_c, depth_of_q : number of layers in which the deviations of c and q from the fixed
        point fall by a factor of e
    """

    q: float
    chi: float
    c: float
    depth_of_c: float
    depth_of_q: float

    def overlap(self, bias_variance: float) -> float:
        """Correlation of the activations of two inputs, in the place of the pre-activations."""
        signal = self.q - bias_variance
        return (self.q * self.c - bias_variance) / signal if signal > 0 else self.c


def next_variance(q: float, weight_variance: float, bias_variance: float) -> float:
    """Variance of the pre-activations in the next layer."""
    return weight_variance * (WEIGHTS @ np.tanh(np.sqrt(q) * NODES) ** 2) + bias_variance


def next_correlation(c: float, q: float, weight_variance: float, bias_variance: float) -> float:
    """Correlation of two pre-activations in the next layer, their variance q a fixed point."""
    first, second = _pair(c, q)
    shared = WEIGHTS @ (np.tanh(first) * np.tanh(second)) @ WEIGHTS
    return (weight_variance * shared + bias_variance) / q


def _pair(c, q):
    first = np.sqrt(q) * NODES[:, np.newaxis]
    return first, c * first + np.sqrt((1 - c**2) * q) * NODES


def fixed_variance(weight_variance: float, bias_variance: float) -> float:
    """Fixed point q* of the variance of the pre-activations, the larger of two.

    Raises
    ------
    InputError
        Unless weight_variance > 0 and bias_variance >= 0.
    """
    check_variances(weight_variance, bias_variance)
    if bias_variance == 0:
        if weight_variance <= 1:
            return 0.0
        # tanh(x)^2 >= x^2 - 2/3 x^4, so that q still grows here; the other root is 0.
        lowest = (1 - 1 / weight_variance) / 4
    else:
        lowest = bias_variance

    def growth(q):
        return next_variance(q, weight_variance, bias_variance) - q

    return brentq(growth, lowest, weight_variance + bias_variance, **PRECISION)


def growth_of_differences(q: float, weight_variance: float) -> float:
    """chi = w <tanh'^2> at variance q (Schoenholz et al. 2017, eq. 5)."""
    slope = 1 - np.tanh(np.sqrt(q) * NODES) ** 2
    return float(weight_variance * (WEIGHTS @ slope**2))


def fixed_point(weight_variance: float, bias_variance: float) -> FixedPoint:
    """Fixed point of signals for these variances (see `fixed_variance` for its errors).

    At the critical point itself a signal decays by a power law: depth_of_c is infinite.
    """
    q = fixed_variance(weight_variance, bias_variance)
    chi = growth_of_differences(q, weight_variance)
    c, slope = 1.0, chi
    if chi > 1:

        def growth(c):
            return next_correlation(c, q, weight_variance, bias_variance) - c

        if growth(NEARLY_ONE) < 0:
            c = brentq(growth, 0, NEARLY_ONE, **PRECISION) if bias_variance > 0 else 0.0
            first, second = _pair(c, q)
            both = (1 - np.tanh(first) ** 2) * (1 - np.tanh(second) ** 2)
            slope = float(weight_variance * (WEIGHTS @ both @ WEIGHTS))
    t = np.tanh(np.sqrt(q) * NODES)
    slope_of_q = chi + weight_variance * float(WEIGHTS @ (-2 * t**2 * (1 - t**2)))
    return FixedPoint(q, chi, c, _depth(slope), _depth(slope_of_q))


def _depth(slope):
    return -1 / np.log(slope) if 0 < slope < 1 else np.inf


def critical_weight_variance(bias_variance: float) -> float:
    """Weight variance between order and chaos, at which chi = 1.

    Raises
    ------
    InputError
        For a negative bias_variance, or one whose critical point lies beyond 10^6.
    """
    check_variances(1.0, bias_variance)
    if bias_variance == 0:
        return 1.0

    def excess(weight_variance):
        q = fixed_variance(weight_variance, bias_variance)
        return growth_of_differences(q, weight_variance) - 1

    if excess(LARGEST_VARIANCE) < 0:
        raise InputError(f"bias_variance is {bias_variance}: no critical point was found")
    return brentq(excess, 1, LARGEST_VARIANCE, **PRECISION)
