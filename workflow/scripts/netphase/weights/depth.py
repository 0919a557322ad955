"""Deep networks of binary weights and the shallow one, at all layer widths and training steps.

A network of two hidden layers of n units each should surpass the one without any from some layer
width n on (Zou & Huang 2021, section III and Fig. 2).
"""

import logging
import time
from collections.abc import Mapping

import numpy as np
import xarray as xr

from netphase.jobs.progress import Progress
from netphase.streams import stream
from netphase.weights.networks import Engine
from netphase.weights.samples import parts, score

ACCURACIES = {
    "mean_accuracy": "mean test accuracy of all weights drawn",
    "best_accuracy": "test accuracy of the weights drawn that are best at validation",
}

log = logging.getLogger(__name__)


def train(
    inputs: xr.Dataset, width: int, *, dataset: str, settings: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train networks of two hidden layers of equal width, or without hidden layers for width 0.

    Parameters
    ----------
    inputs : as `netphase.data.principal_components.project` makes them
    settings : samples (null: all), steps, marks (number of training steps at which to score,
        geometrically spaced), batch_size, rate, penalty, draws, scored (samples, of each part;
        null: all), repeats

    Returns
    -------
    accuracies : xarray.Dataset
        ACCURACIES over (width, repeat, step).
    cost : xarray.Dataset
        ``train_seconds`` over (width, repeat), CPU seconds, the scores included.
    """
    known = parts(inputs, settings["samples"], settings["scored"])
    layers = (known.n_inputs, *[width] * 2 * (width > 0), known.n_classes)
    engine = Engine(layers, settings["batch_size"])
    rates = np.full(settings["steps"], settings["rate"])
    steps = np.unique(np.geomspace(settings["steps"], 1, settings["marks"]).round().astype(int))
    n_repeats = settings["repeats"]
    found = np.empty((2, 1, n_repeats, len(steps)))
    seconds, progress = np.empty((1, n_repeats)), Progress(log)
    for k in range(n_repeats):
        began = time.process_time()
        rng = stream("depth", dataset=dataset, width=width, repeat=k)
        course = engine.course(*known.train, rates, rng, steps.tolist(), settings["penalty"])
        for s, (theta, _) in enumerate(course):
            found[:, 0, k, s] = score(engine, theta, known, settings["draws"], rng)
        seconds[0, k] = time.process_time() - began
        progress.info("%d of %d networks, accuracy %.3f", k + 1, n_repeats, found[0, 0, k, -1])
    coords = {
        "width": ("width", np.array([width], np.int32), {"long_name": "units of a hidden layer"}),
        "repeat": ("repeat", np.arange(n_repeats, dtype=np.int32), {"long_name": "repetition"}),
    }
    accuracies = xr.Dataset(
        {
            name: (("width", "repeat", "step"), values, {"long_name": text, "units": "1"})
            for (name, text), values in zip(ACCURACIES.items(), found, strict=True)
        },
        coords | {"step": ("step", steps.astype(np.int32), {"long_name": "steps of training"})},
        {"title": f"Deep and shallow binary networks on {dataset}"},
    )
    words = {"long_name": "CPU time of training and scores", "units": "s"}
    cost = xr.Dataset({"train_seconds": (("width", "repeat"), seconds, words)}, coords)
    return accuracies, cost
