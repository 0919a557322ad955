"""Gram spectra of a batch of inputs in the layers of a random network, and phases read from them.

The Gram matrix K of the normalised rows of a layer's activations (inputs, units), divided by its
trace, has eigenvalues lambda that add up to 1, like those of a density matrix. Its entropy
S = -sum lambda ln lambda measures how many inputs remain distinct: 0 where all coincide, ln n where
all are orthogonal.
"""

from typing import NamedTuple

import numpy as np

from netphase.criticality.mean_field import FixedPoint
from netphase.errors import InputError

ROUNDING = 1e-12
"""Gaps below this are rounding errors of the eigenvalues."""
PHASES = ("subcritical", "critical", "supercritical")


class Classified(NamedTuple):
    """One of PHASES, and the slope (per layer) and last value of ln(1 - lambda_max) behind it."""

    phase: str
    slope: float
    gap: float


def spectrum(activations: np.ndarray) -> np.ndarray:
    """Eigenvalues (..., inputs) of the Gram matrix of normalised rows, ascending, with the sum 1.

    Parameters
    ----------
    activations : (..., inputs, units)

    Raises
    ------
    InputError
        For NaN, or an input whose activations are all zero.
    """
    lengths = np.linalg.norm(activations, axis=-1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise InputError("activations: an input has no direction, being zero or NaN")
    rows = activations / lengths
    return np.linalg.eigvalsh(rows @ rows.mT / rows.shape[-2]).clip(0)


def entropy(eigenvalues: np.ndarray) -> np.ndarray:
    """S = -sum lambda ln lambda over the last axis; exp(S) is the effective rank."""
    positive = np.where(eigenvalues > 0, eigenvalues, 1)
    return -(eigenvalues * np.log(positive)).sum(axis=-1)


def purity(eigenvalues: np.ndarray) -> np.ndarray:
    """Sum of lambda^2 over the last axis: 1 where all inputs coincide, 1 / n if orthogonal."""
    return (eigenvalues**2).sum(axis=-1)


def expected_spectrum(fixed: FixedPoint, bias_variance: float, n_inputs: int) -> np.ndarray:
    """Eigenvalues (inputs,) after infinitely many wide layers, all pairs having one overlap."""
    overlap = fixed.overlap(bias_variance)
    eigenvalues = np.full(n_inputs, (1 - overlap) / n_inputs)
    eigenvalues[-1] += overlap
    return eigenvalues


def classify(gaps: np.ndarray, *, flat: float, least: float) -> Classified:
    """Classify the phase by the decay of 1 - lambda_max over the last half of the layers.

    Below criticality it decays within the depth L of the network, that is faster than
    exp(-l / L). Above, it stays or grows: its logarithm falls by less than `flat` a layer, and it
    is larger than `least`.

    Parameters
    ----------
    gaps : (layers,), 1 - lambda_max; values at the level of rounding end the series

    Raises
    ------
    InputError
        For fewer than four layers before the series ends.
    """
    depth, kept = len(gaps), _kept(gaps)
    last = np.arange(len(kept) // 2, len(kept))
    slope = np.polyfit(last, np.log(kept[last]), 1)[0]
    if slope < -1 / depth:
        phase = "subcritical"
    else:
        phase = "supercritical" if slope > -flat and kept[-1] > least else "critical"
    return Classified(phase, float(slope), float(kept[-1]))


def _kept(gaps):
    """The gaps before the first that is no larger than rounding errors."""
    lost = np.flatnonzero(~(gaps > ROUNDING))
    kept = gaps[: lost[0]] if len(lost) else gaps
    if len(kept) < 4:
        raise InputError(f"depth: {len(kept)} layers are too few to see how a signal decays")
    return kept


def growth_of_gaps(gaps: np.ndarray) -> float:
    """Growth factor chi of small gaps per layer, from the course of 1 - lambda_max.

    Near the fixed point at which all inputs coincide, a gap obeys g' = chi g - a g^2 + ..., that is
    1 / g' = 1 / (chi g) + a / chi^2 + ... to the same order: a straight line, on both sides of
    chi = 1, where the gap itself falls by a power law and its logarithm has hardly a slope.

    Parameters
    ----------
    gaps : (layers,); the first sixth, in which lengths still change, is left out, and values at the
        level of rounding end the series

    Raises
    ------
    InputError
        For fewer than four layers before the series ends, or a line that does not rise.
    """
    kept = _kept(gaps)
    inverse = 1 / kept[len(kept) // 6 :]
    # Relative errors of the gaps are alike.
    slope = np.polyfit(inverse[:-1], inverse[1:], 1, w=1 / inverse[1:])[0]
    if not slope > 0:
        raise InputError("weight_variances: gaps of one of them do not follow a map")
    return float(1 / slope)


def variance_of_no_growth(weight_variances: np.ndarray, growth: np.ndarray) -> float:
    """Weight variance at which chi first crosses 1, by linear interpolation.

    Parameters
    ----------
    weight_variances : ascending
    growth : chi of each, of `growth_of_gaps`

    Raises
    ------
    InputError
        Where chi begins above 1, or stays below.
    """
    above = np.flatnonzero(np.asarray(growth) >= 1)
    if not len(above) or above[0] == 0:
        raise InputError("weight_variances: chi does not cross 1 among them")
    ends = slice(above[0] - 1, above[0] + 1)
    return float(np.interp(1, growth[ends], weight_variances[ends]))


def critical_variance(weight_variances: np.ndarray, slopes: np.ndarray) -> float:
    """Weight variance at which the decay vanishes: line through the last two subcritical slopes.

    Parameters
    ----------
    weight_variances : ascending
    slopes : of ln(1 - lambda_max) per layer, -1 / xi; negative ones are of subcritical networks

    Raises
    ------
    InputError
        For fewer than two subcritical networks, or a decay that does not slow down.
    """
    below = np.flatnonzero(np.logical_and.accumulate(np.asarray(slopes) < 0))
    if len(below) < 2:
        raise InputError("weight_variances: fewer than two are subcritical")
    first, last = below[-2:]
    gain = slopes[last] - slopes[first]
    if gain <= 0:
        raise InputError("weight_variances: the decay does not slow down towards the last of them")
    step = weight_variances[last] - weight_variances[first]
    return float(weight_variances[last] - slopes[last] * step / gain)
