"""CPU seconds of random and trained deep networks.

Costs are counts of floating-point operations times the time of one in large matrix products, times
the factors by which small or double-precision products were measured to be slower, for 14 variances
and 10 to 80 layers.
"""

import math
from collections.abc import Mapping
from typing import Any

from netphase.jobs.estimates import Shape

SMALL = 3
"""Seconds of an operation in the products of minibatches, over those in large ones."""
DOUBLE = 2
RIDGE = 4
"""The same for double precision, and for the double-precision matrices of the ridge regressions."""
NORMAL = 8e-9
"""Seconds of a normal random number."""
DECODER = 2.5e-8
"""Seconds of a step of Adam for each parameter of the decoders, gradients included."""
CONVOLUTION = 9


def n_pixels(shape: Shape, side: int) -> int:
    """Pixels of an image, grey and reduced by a whole factor to at most `side` along a side."""
    channels = 1 if math.isqrt(shape.n_features) ** 2 == shape.n_features else 3
    length = math.isqrt(shape.n_features // channels)
    return max(length // math.ceil(length / side), 1) ** 2


def signals_seconds(network: Mapping[str, Any], spectra: Mapping[str, Any], operation: float):
    """CPU seconds of a batch of images in all layers of networks of all variances.

    Parameters
    ----------
    network, spectra : as of `netphase.criticality.signals.propagate`
    operation : seconds of a floating-point operation in large products
    """
    weights = spectra["depth"] * spectra["width"] ** 2
    products = 2 * weights * spectra["images"] * len(network["weight_variances"])
    return weights * NORMAL + DOUBLE * operation * products


def cascade_seconds(
    shape: Shape, network: Mapping[str, Any], settings: Mapping[str, Any], operation: float
):
    """CPU seconds of ridge regressions in all layers, and of the cascades from each of them."""
    d, depth = n_pixels(shape, network["side"]), settings["depth"]
    samples = min(settings["samples"] or shape.train, shape.train)
    images = min(settings["images"], shape.test)
    regressions = depth * (4 * d**2 * samples + 25 * d**3)
    cascades = depth**2 * d**2 * images * len(settings["penalties"])
    return RIDGE * operation * len(network["weight_variances"]) * (regressions + cascades)


def decoders_seconds(
    shape: Shape,
    network: Mapping[str, Any],
    settings: Mapping[str, Any],
    training: Mapping[str, Any],
):
    """CPU seconds of decoders of all layers and variances that are trained by Adam."""
    samples = min(settings["samples"] or shape.train, shape.train)
    steps = training["epochs"] * math.ceil(samples / training["batch_size"])
    d = n_pixels(shape, network["side"])
    return steps * settings["depth"] * len(network["weight_variances"]) * d**2 * DECODER


def training_seconds(
    shape: Shape, depth: int, settings: Mapping[str, Any], n_networks: int, operation: float
):
    """CPU seconds of deep networks of one depth, trained and scored side by side.

    Six operations for each weight, position and sample of a training step, two for a scored sample.

    Parameters
    ----------
    settings : as of `netphase.criticality.deep_training.train`
    """
    weights = settings["width"] ** 2
    if settings["kind"] != "perceptron":
        weights *= CONVOLUTION * n_pixels(shape, settings["side"])
    samples = 6 * settings["steps"] * settings["batch_size"]
    samples += 2 * settings["marks"] * min(settings["scored"] or shape.test, shape.test)
    return SMALL * operation * samples * depth * n_networks * weights


def convolutions_seconds(shape: Shape, settings: Mapping[str, Any], operation: float):
    """CPU seconds of a batch of images in random convolutions of all variances."""
    pixels = n_pixels(shape, settings["side"])
    weights = CONVOLUTION * settings["channels"] ** 2 * settings["depth"]
    operations = 2 * pixels * settings["images"] * weights * len(settings["weight_variances"])
    return RIDGE * operation * operations
