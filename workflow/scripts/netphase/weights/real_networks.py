"""Networks of real weights to compare with binary ones: rectified units, no biases, Adam.

Arrays are (units, samples). Weights begin with the variance 1 / fan-in.
"""

from collections.abc import Sequence

import numpy as np

from netphase.weights.kernels import LEAST_LOGIT
from netphase.weights.samples import Part


def activations(weights: Sequence[np.ndarray], inputs: np.ndarray) -> list[np.ndarray]:
    """Inputs (inputs, samples), rectified units of each hidden layer and logits of a real network.

    Parameters
    ----------
    weights : matrices (outputs, inputs) of the layers
    """
    found = [inputs]
    for w in weights[:-1]:
        z = w @ found[-1]
        found.append(np.maximum(z, 0, out=z))
    return [*found, weights[-1] @ found[-1]]


def gradient(
    weights: Sequence[np.ndarray], inputs: np.ndarray, truth: np.ndarray
) -> list[np.ndarray]:
    """Gradient of the mean cross-entropy of a real network with respect to its weights.

    Parameters
    ----------
    weights : matrices (outputs, inputs) of the layers
    inputs : (inputs, samples)
    truth : (classes, samples), 1 for the class of a sample, 0 for others
    """
    *units, p = activations(weights, inputs)
    p -= p.max(axis=0)
    np.maximum(p, LEAST_LOGIT, out=p)  # subnormal numbers would be slow
    np.exp(p, out=p)
    p /= p.sum(axis=0)
    delta = (p - truth) / inputs.shape[1]
    slopes = []
    for w, a in zip(reversed(weights), reversed(units), strict=True):
        slopes.append(delta @ a.T)
        if a is not inputs:
            delta = (w.T @ delta) * (a > 0)
    return slopes[::-1]


def fit_real(
    known: Part, layers: Sequence[int], rates: np.ndarray, rng: np.random.Generator
) -> list[np.ndarray]:
    """Train a real network by Adam (Kingma & Ba 2015) on all samples in every training step.

    Parameters
    ----------
    known : samples, of float32
    layers : numbers of units, inputs and classes included
    rates : (steps,), learning rates
    """
    shapes = list(zip(layers[1:], layers, strict=False))
    ends = np.cumsum([0] + [rows * columns for rows, columns in shapes])
    w = np.concatenate(
        [rng.normal(0, columns**-0.5, rows * columns) for rows, columns in shapes]
    ).astype(np.float32)
    weights = [
        w[start:end].reshape(shape)
        for start, end, shape in zip(ends, ends[1:], shapes, strict=False)
    ]
    inputs = np.ascontiguousarray(known.inputs.T)
    truth = np.zeros((layers[-1], len(known.labels)), np.float32)
    truth[known.labels, np.arange(len(known.labels))] = 1
    first, second = np.zeros_like(w), np.zeros_like(w)
    for step, rate in enumerate(rates.tolist(), 1):
        g = np.concatenate([slope.ravel() for slope in gradient(weights, inputs, truth)])
        first += 0.1 * (g - first)
        second += 0.001 * (g * g - second)
        scale = np.sqrt(second / (1 - 0.999**step))
        w -= rate / (1 - 0.9**step) * first / (scale + 1e-8)
    return weights
