"""CPU seconds of the training and evaluation of networks on the machine of the benchmarks."""

import math
from collections.abc import Mapping
from typing import Any

from netphase.jobs.estimates import Seconds, Shape, scaled

MINIBATCH_SECONDS = 3e-4
"""Of a minibatch of a ladder beside its products; on the digits, half of its cost."""
LADDER = Shape(112_800, 131_600, 784, 47)
LADDER_UNITS, LADDER_BATCH = 254, 200
"""What the benchmark ladder_epoch_of_emnist trains."""
REPEATS = (1, 2, 2, 3, 3, 4, 1)
"""Blocks of the stages of EfficientNet-B0 (Tan & Le 2019, Table 1)."""
MEASURED_VALUES, MEASURED_DEPTH = 3 * 32**2, 0.25
MEASURED_WIDTHS = {"training_1e4": 0.0266, "training_1e5": 0.1965, "training_1e6": 0.75}
"""What the benchmarks of training train: the values of an image, the depth, and the widths."""
STUDY = 2.2
"""Seconds of an image of a study over those of the benchmark, which has batches at hand:
efficientnet_cifar100 took 2.5 CPU-hours where the benchmark's steps alone would take 1.1."""
FORWARD = 0.4
"""Share of a step of training that brings the images forward; the rest brings gradients back."""
LITE = {"lite0": (407e6, 224), "lite1": (631e6, 240), "lite2": (899e6, 260)}
"""Multiplications of one image and its side, of EfficientNet-Lite (Liu & Tan 2020)."""


def curve_bytes(model: Mapping[str, Any], n_realisations: int) -> int:
    """Bytes of the learning curves of a job: the loss of each size after each epoch."""
    return 8 * len(model["hidden"]) * model["max_iter"] * n_realisations


def epoch_operations(shape: Shape, units: int) -> int:
    """Floating-point operations of one epoch of perceptrons with this number of hidden units.

    4 D h + 6 h C for an image of D values in C classes and h hidden units: two products
    forward, and back the gradients of both layers and one product.
    """
    return shape.train * units * (4 * shape.n_features + 6 * shape.n_classes)


def operation_seconds(benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of one floating-point operation in large products."""
    overhead = LADDER.train / LADDER_BATCH * MINIBATCH_SECONDS
    products = benchmarks["ladder_epoch_of_emnist"] - overhead
    return products / epoch_operations(LADDER, LADDER_UNITS)


def ladder_seconds(
    shape: Shape, model: Mapping[str, Any], benchmarks: Mapping[str, float]
) -> Seconds:
    """CPU seconds (least, expected, most) of one realisation of a ladder of perceptrons.

    Expected and most are those of all max_iter epochs, least of the fewest that early stopping
    allows: most noisy images are learned from until the end.

    Parameters
    ----------
    model : hidden, batch_size, max_iter, n_iter_no_change, learner and dtype
    """
    minibatches = math.ceil(shape.train / model["batch_size"]) * MINIBATCH_SECONDS
    products = epoch_operations(shape, sum(model["hidden"])) * operation_seconds(benchmarks)
    seconds = model["max_iter"] * (minibatches + products)
    if model["learner"] == "sklearn_perceptron":
        seconds *= benchmarks[f"ladder_speed_over_sklearn_{model['dtype']}"]
    fewest = min(1, (model["n_iter_no_change"] + 2) / model["max_iter"])
    return scaled(seconds, (fewest, 1, 1))


def image_seconds(
    shape: Shape, width: float, depth: float, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of a training step of an EfficientNet for each of its images.

    a + b width^2 by the benchmarks' smallest and largest width, in proportion to the number of
    values of an image and of blocks.
    """
    (first, *_, last) = MEASURED_WIDTHS
    low, high = 1 / benchmarks[first], 1 / benchmarks[last]
    squares = [MEASURED_WIDTHS[name] ** 2 for name in (first, last)]
    slope = (high - low) / (squares[1] - squares[0])
    blocks = [sum(math.ceil(d * n) for n in REPEATS) for d in (depth, MEASURED_DEPTH)]
    scale = STUDY * shape.n_features / MEASURED_VALUES * blocks[0] / blocks[1]
    return scale * (low + slope * (width**2 - squares[0]))


def efficientnet_training_seconds(
    shape: Shape, model: Mapping[str, Any], benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of all epochs.

    Parameters
    ----------
    model : width, depth and epochs
    """
    one = image_seconds(shape, model["width"], model["depth"], benchmarks)
    return model["epochs"] * shape.train * one


def efficientnet_evaluation_seconds(
    shape: Shape, model: Mapping[str, Any], n_levels: int, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of the forward passes of all test images at all noise levels.

    Parameters
    ----------
    model : width, depth and resolution (null: that of the images); or architecture, one of LITE
    """
    if "architecture" in model:
        multiplications, side = LITE[model["architecture"]]
        scale = multiplications / LITE["lite0"][0] * ((model["resolution"] or side) / side) ** 2
        one = scale / benchmarks["lite0_evaluation"]
    else:
        one = FORWARD * image_seconds(shape, model["width"], model["depth"], benchmarks)
    return shape.test * n_levels * one
