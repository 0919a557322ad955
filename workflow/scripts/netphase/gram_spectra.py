"""Spectra of what a batch of inputs has become in the layers of a random network.

The Gram matrix K of the normalised rows of a layer's activations (inputs, units), divided by its
trace, has eigenvalues lambda that add up to 1, like those of a density matrix. Its entropy
S = -sum lambda ln lambda says how many inputs are still told apart: 0 where all are one, ln n where
all are orthogonal.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from netphase.errors import InputError
from netphase.signal_propagation import FixedPoint, check_variances

ROUNDING = 1e-12
"""Gaps below this are rounding errors of the eigenvalues."""
PHASES = ("subcritical", "critical", "supercritical")


class Classified(NamedTuple):
    """One of PHASES, and the slope (per layer) and last value of ln(1 - lambda_max) behind it."""

    phase: str
    slope: float
    gap: float


def layers(
    inputs: np.ndarray,
    weight_variance: float,
    bias_variance: float,
    width: int,
    depth: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Activations (inputs, width) of one layer after the other of a random network of tanh units.

    Parameters
    ----------
    inputs : (n, features)
    weight_variance : of a weight, times the fan-in
    bias_variance : of a bias

    Raises
    ------
    InputError
        Unless weight_variance > 0 and bias_variance >= 0.
    """
    check_variances(weight_variance, bias_variance)
    signal = np.asarray(inputs, np.float64)
    for _ in range(depth):
        fan_in = signal.shape[1]
        weights = rng.standard_normal((fan_in, width), np.float32)
        biases = np.sqrt(bias_variance) * rng.standard_normal(width)
        signal = np.tanh(np.sqrt(weight_variance / fan_in) * (signal @ weights) + biases)
        yield signal


def spectrum(activations: np.ndarray) -> np.ndarray:
    """Eigenvalues (inputs,) of the Gram matrix of normalised rows, ascending, with the sum 1.

    Raises
    ------
    InputError
        For NaN, or an input whose activations are all zero.
    """
    lengths = np.linalg.norm(activations, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise InputError("activations: an input has no direction, being zero or NaN")
    rows = activations / lengths
    return np.linalg.eigvalsh(rows @ rows.T / len(rows)).clip(0)


def entropy(eigenvalues: np.ndarray) -> np.ndarray:
    """S = -sum lambda ln lambda over the last axis; exp(S) is the effective rank."""
    positive = np.where(eigenvalues > 0, eigenvalues, 1)
    return -(eigenvalues * np.log(positive)).sum(axis=-1)


def purity(eigenvalues: np.ndarray) -> np.ndarray:
    """Sum of lambda^2 over the last axis: 1 where all inputs are one, 1 / n where orthogonal."""
    return (eigenvalues**2).sum(axis=-1)


def expected_spectrum(fixed: FixedPoint, bias_variance: float, n_inputs: int) -> np.ndarray:
    """Eigenvalues (inputs,) after infinitely many wide layers: all inputs overlap alike."""
    overlap = fixed.overlap(bias_variance)
    eigenvalues = np.full(n_inputs, (1 - overlap) / n_inputs)
    eigenvalues[-1] += overlap
    return eigenvalues


def classify(gaps: np.ndarray, *, flat: float, least: float) -> Classified:
    """The phase of a network by how 1 - lambda_max falls over the last half of its layers.

    Below criticality it decays within the depth L of the network, that is faster than
    exp(-l / L). Above, it stays: its logarithm changes by less than `flat` a layer, either way, and
    it is larger than `least`.

    Parameters
    ----------
    gaps : (layers,), 1 - lambda_max; values at the level of rounding end the series

    Raises
    ------
    InputError
        For fewer than four layers before the series ends.
    """
    depth = len(gaps)
    lost = np.flatnonzero(~(gaps > ROUNDING))
    kept = gaps[: lost[0]] if len(lost) else gaps
    if len(kept) < 4:
        raise InputError(f"depth: {len(kept)} layers are too few to see how a signal decays")
    last = np.arange(len(kept) // 2, len(kept))
    slope = np.polyfit(last, np.log(kept[last]), 1)[0]
    if slope < -1 / depth:
        phase = "subcritical"
    else:
        phase = "supercritical" if abs(slope) < flat and kept[-1] > least else "critical"
    return Classified(phase, float(slope), float(kept[-1]))


def critical_variance(weight_variances: np.ndarray, slopes: np.ndarray) -> float:
    """Weight variance at which the decay vanishes: a line through the last two slopes below.

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
