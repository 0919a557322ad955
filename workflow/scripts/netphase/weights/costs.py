"""CPU seconds of the training of binary networks on the machine of the benchmarks."""

from collections.abc import Mapping, Sequence
from typing import Any

from netphase.jobs.estimates import Shape

MEASURED = 675 * (3000 * 64 + 50 * 2000 + 10_000)
"""Weights times samples of the benchmark binary_network: trained on, chosen by, tested by."""
VALIDATION = 0.1
"""Share of the training samples that choose among weights."""


def n_weights(layers: Sequence[int]) -> int:
    """Number of weights of a network without biases, of layers from the inputs to the classes."""
    return sum(a * b for a, b in zip(layers, layers[1:], strict=False))


def sample_seconds(layers: Sequence[int], benchmarks: Mapping[str, float]) -> float:
    """CPU seconds for each sample on which a binary network is trained or scored."""
    return n_weights(layers) * 1e-3 * benchmarks["binary_network"] / MEASURED


def ensemble_seconds(
    shape: Shape,
    layers: Sequence[int],
    settings: Mapping[str, Any],
    n_networks: int,
    benchmarks: Mapping[str, float],
) -> float:
    """CPU seconds of a chunk of an ensemble: training steps, the choice among draws, the test.

    Parameters
    ----------
    settings : steps, batch_size, draws and scored
    """
    samples = settings["steps"] * settings["batch_size"] + shape.test
    samples += settings["draws"] * settings["scored"]
    return n_networks * samples * sample_seconds(layers, benchmarks)


def scored_samples(shape: Shape, scored: int | None) -> float:
    """Number of validation and test samples that score each draw of weights; None for all."""
    parts = VALIDATION * shape.train, shape.test
    return sum(part if scored is None else min(scored, part) for part in parts)


def frozen_interior_seconds(
    shape: Shape, settings: Mapping[str, Any], n_arms: int, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of one run: networks of all arms, scored after each epoch.

    Parameters
    ----------
    settings : hidden, samples, epochs, draws and scored
    """
    layers = (shape.n_features, *settings["hidden"], shape.n_classes)
    samples = settings["samples"] or (1 - VALIDATION) * shape.train
    samples += settings["draws"] * scored_samples(shape, settings["scored"])
    return n_arms * settings["epochs"] * samples * sample_seconds(layers, benchmarks)


def depth_seconds(
    shape: Shape,
    layers: Sequence[int],
    settings: Mapping[str, Any],
    benchmarks: Mapping[str, float],
) -> float:
    """CPU seconds of all repeats of networks of one layer width, scored at all marks.

    Parameters
    ----------
    settings : steps, batch_size, marks, draws, scored and repeats
    """
    samples = settings["steps"] * settings["batch_size"]
    samples += settings["marks"] * settings["draws"] * scored_samples(shape, settings["scored"])
    return settings["repeats"] * samples * sample_seconds(layers, benchmarks)


def double_descent_seconds(
    layers: Sequence[int],
    settings: Mapping[str, Any],
    steps: int,
    benchmarks: Mapping[str, float],
) -> float:
    """CPU seconds of all repeats of networks of one layer width, with all samples in each step.

    Parameters
    ----------
    settings : samples and repeats
    """
    samples = steps * settings["samples"]
    return settings["repeats"] * samples * sample_seconds(layers, benchmarks)
