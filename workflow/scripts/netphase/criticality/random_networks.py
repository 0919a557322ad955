"""Random deep networks of tanh units, all weight variances of a study at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from netphase.errors import InputError


def check_variances(weight_variance: ArrayLike, bias_variance: float) -> None:
    """Refuse, as an InputError, values that cannot be variances of weights and biases."""
    if not np.all(np.asarray(weight_variance) > 0):
        raise InputError(f"weight_variance is {weight_variance}, not positive")
    if not bias_variance >= 0:
        raise InputError(f"bias_variance is {bias_variance}, negative")


def layers(
    inputs: np.ndarray,
    weight_variance: ArrayLike,
    bias_variance: float,
    width: int,
    depth: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Yield the activations (..., inputs, width) of each layer, h = tanh(W h + b).

    Parameters
    ----------
    inputs : (n, features)
    weight_variance : (...), of a weight, times the fan-in; the networks of several variances have
        the same random numbers, so that their weights differ by a factor
    bias_variance : of a bias

    Raises
    ------
    InputError
        Unless weight_variance > 0 and bias_variance >= 0.
    """
    check_variances(weight_variance, bias_variance)
    variance = np.asarray(weight_variance, np.float64)[..., np.newaxis, np.newaxis]
    signal = np.asarray(inputs, np.float64)
    for _ in range(depth):
        fan_in = signal.shape[-1]
        weights = rng.standard_normal((fan_in, width), np.float32).astype(np.float64)
        biases = np.sqrt(bias_variance) * rng.standard_normal(width)
        # One product for all networks, where matmul would make one for each.
        arrived = (signal.reshape(-1, fan_in) @ weights).reshape(*signal.shape[:-1], width)
        signal = np.tanh(np.sqrt(variance / fan_in) * arrived + biases)
        yield signal
