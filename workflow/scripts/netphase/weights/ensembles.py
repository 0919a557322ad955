"""Ensembles of trained binary weights, made chunk by chunk and stored as bits."""

import logging
import time
from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from netphase.jobs.progress import Progress
from netphase.streams import stream
from netphase.weights.networks import Engine

VALIDATION = 0.1
"""Share of the training samples that a choice by validation leaves out."""

log = logging.getLogger(__name__)


def pack(weights: np.ndarray) -> np.ndarray:
    """Pack weights (network, n) of -1 and 1 to bits (network, byte), 1 for 1, rows padded by 0."""
    return np.packbits(weights > 0, axis=1)


def unpack(packed: np.ndarray, n_weights: int) -> np.ndarray:
    """Unpack weights (network, n), int8 of -1 and 1, from the bits of `pack`."""
    bits = np.unpackbits(packed, axis=1, count=n_weights).astype(np.int8)
    return 2 * bits - 1


def learning_rates(steps: int, first: float, last: float) -> np.ndarray:
    """Learning rates of all training steps: half a cosine period from the first to the last."""
    return last + (first - last) * (1 + np.cos(np.pi * np.arange(steps) / steps)) / 2


def train_chunk(
    inputs: xr.Dataset, trials: Iterable[int], *, dataset: str, scenario: str, settings: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train networks and keep the best binary weights of each, with the CPU cost.

    Half of the function describes the variables of the result.

    Parameters
    ----------
    inputs : as `netphase.data.principal_components.project` makes them
    trials : numbers of the networks, which determine them together with both names
    settings : hidden, samples (null: all), steps, batch_size, rates (first and last), penalty,
        draws, scored (samples), choose_on (test or validation)

    Returns
    -------
    networks : xarray.Dataset
        Over trial: ``weights`` as of `pack`, with their number as an attribute; ``accuracy`` of the
        chosen weights on the scored samples, ``mean_accuracy`` of all draws, ``test_accuracy`` of
        the chosen ones on the whole test part, ``theta_variance``, the mean of 1 - mu^2.
    cost : xarray.Dataset
        ``train_seconds`` over trial, CPU seconds, the choice included.
    """
    split, x = inputs["split"].values, inputs["input"].values
    y = inputs["label"].values.astype(np.int64)
    train, test = np.flatnonzero(split == 0), np.flatnonzero(split == 1)
    scored = test
    if settings["choose_on"] == "validation":
        n_kept = round(len(train) * (1 - VALIDATION))
        train, scored = train[:n_kept], train[n_kept:]
    train = train[: settings["samples"]]
    scored = scored[: settings["scored"]]
    layers = (x.shape[1], *settings["hidden"], int(y.max()) + 1)
    engine = Engine(layers, settings["batch_size"])
    images, labels = engine.pad(x[train]), y[train]
    rates = learning_rates(settings["steps"], *settings["rates"])
    rows, seconds, progress = [], [], Progress(log)
    trials = list(trials)
    for k, trial in enumerate(trials, 1):
        began = time.process_time()
        rng = stream("binary network", dataset=dataset, scenario=scenario, trial=trial)
        theta = engine.train(images, labels, rates, [rng], settings["penalty"]).theta[0]
        chosen = engine.sample(theta, x[scored], y[scored], settings["draws"], rng)
        whole = engine.accuracy(chosen[0][np.newaxis], x[test], y[test])[0]
        variance = np.mean(1 - np.tanh(theta / 2) ** 2)
        rows.append((*chosen, whole, variance))
        seconds.append(time.process_time() - began)
        progress.info("%d of %d networks, accuracy %.3f", k, len(trials), chosen[1])
    weights, accuracy, mean, whole, variance = zip(*rows, strict=True)
    words = {
        "accuracy": (accuracy, "accuracy of the chosen weights on the samples of the choice"),
        "mean_accuracy": (mean, "mean accuracy of all weights drawn"),
        "test_accuracy": (whole, "accuracy of the chosen weights on the test part"),
        "theta_variance": (variance, "mean variance of a weight after training"),
    }
    coords = {
        "trial": ("trial", np.array(trials, np.int32), {"long_name": "number of the network"})
    }
    chunk = xr.Dataset(
        {
            name: ("trial", np.array(values), {"long_name": text, "units": "1"})
            for name, (values, text) in words.items()
        },
        coords,
        {
            "title": f"Binary networks, {scenario}, on {dataset}",
            "layers": np.array(layers, np.int32),
            "chosen_on": settings["choose_on"],
        },
    )
    chunk["weights"] = (
        ("trial", "byte"),
        pack(np.stack(weights)),
        {"long_name": "signs of the weights, eight to a byte, 1 for +1", "n": engine.n_weights},
    )
    words = {"long_name": "CPU time of training and choice", "units": "s"}
    cost = xr.Dataset({"train_seconds": ("trial", np.array(seconds), words)}, coords)
    return chunk, cost
