"""Training of networks one block of which is frozen at random signs.

If the interior is the least constrained part, almost any of its configurations should do, and
training of the boundaries alone should suffice (Zou & Huang 2021, Fig. 11). Networks with a frozen
boundary are the control.
"""

import logging
import time
from collections.abc import Mapping

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.jobs.progress import Progress
from netphase.streams import stream
from netphase.weights.networks import Engine
from netphase.weights.samples import parts, score

ARMS = {
    "free": None,
    "frozen_interior": "interior",
    "frozen_left_boundary": "left_boundary",
    "frozen_right_boundary": "right_boundary",
}
"""Networks that are compared, and the block of each that is frozen."""
ACCURACIES = {
    "mean_accuracy": "mean test accuracy of all weights drawn",
    "best_accuracy": "test accuracy of the weights drawn that are best at validation",
}

log = logging.getLogger(__name__)


def pixels(dataset: xr.Dataset) -> xr.Dataset:
    """Images as inputs, one component per pixel, divided by the largest training value.

    Parameters
    ----------
    dataset : as `netphase.data.datasets.read` returns it

    Returns
    -------
    xarray.Dataset
        ``input(sample, component)`` float32, ``label``, ``split``, as
        `netphase.data.principal_components.project` has them.
    """
    split = dataset["split"].values
    values = dataset["image"].values.reshape(len(split), -1)
    largest = np.float32(values[split == 0].max())
    words = {"long_name": "pixel of an image", "units": "1"}
    return xr.Dataset(
        {
            "input": (("sample", "component"), values / largest, words),
            "label": dataset["label"],
            "split": dataset["split"],
        },
        attrs={"title": f"Pixels of {dataset.attrs.get('title', 'images')}"},
    )


def train(
    inputs: xr.Dataset, run: int, *, dataset: str, settings: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train one network of each of the ARMS, with the same initial weights and minibatches.

    Half of the function describes the variables of the result.

    Parameters
    ----------
    inputs : as `pixels` or `netphase.data.principal_components.project` makes them
    run : number of the networks, which determines them together with the name of the data set
    settings : hidden, samples (null: all), epochs, batch_size, rate, penalty, draws, scored
        (samples, of each part; null: all), variant (corrected; paper: the signs of frozen weights
        are drawn anew in every epoch, as in the program of Zou & Huang)

    Returns
    -------
    accuracies : xarray.Dataset
        ACCURACIES over (run, arm, epoch), after each epoch.
    cost : xarray.Dataset
        ``train_seconds`` over (run, arm), CPU seconds, the scores included.

    Raises
    ------
    InputError : fewer than two hidden layers
    """
    if len(settings["hidden"]) < 2:
        raise InputError("hidden: a network of one hidden layer has no interior; name two or more")
    known = parts(inputs, settings["samples"], settings["scored"])
    layers = (known.n_inputs, *settings["hidden"], known.n_classes)
    engine = Engine(layers, settings["batch_size"])
    epochs = np.arange(1, settings["epochs"] + 1)
    steps = -(-len(known.train.labels) // settings["batch_size"])
    rates = np.full(steps * len(epochs), settings["rate"])
    found = np.empty((2, 1, len(ARMS), len(epochs)))
    seconds, progress = np.empty((1, len(ARMS))), Progress(log)
    for a, (arm, block) in enumerate(ARMS.items()):
        began = time.process_time()
        rng = stream("frozen interior", dataset=dataset, run=run)
        course = engine.course(
            *known.train, rates, rng, (steps * epochs).tolist(), settings["penalty"],
            frozen=block, redraw=settings["variant"] == "paper",
        )  # fmt: skip
        for e, (theta, _) in enumerate(course):
            found[:, 0, a, e] = score(engine, theta, known, settings["draws"], rng)
            progress.info("%s, epoch %d: accuracy %.3f", arm, e + 1, found[0, 0, a, e])
        seconds[0, a] = time.process_time() - began
    coords = {
        "run": ("run", np.array([run], np.int32), {"long_name": "number of the networks"}),
        "arm": ("arm", list(ARMS), {"long_name": "weights that are not trained"}),
    }
    accuracies = xr.Dataset(
        {
            name: (("run", "arm", "epoch"), values, {"long_name": text, "units": "1"})
            for (name, text), values in zip(ACCURACIES.items(), found, strict=True)
        },
        coords | {"epoch": ("epoch", epochs.astype(np.int32), {"long_name": "epochs of training"})},
        {
            "title": f"Networks with frozen blocks on {dataset}",
            "layers": np.array(layers, np.int32),
            "variant": settings["variant"],
        },
    )
    words = {"long_name": "CPU time of training and scores", "units": "s"}
    return accuracies, xr.Dataset({"train_seconds": (("run", "arm"), seconds, words)}, coords)
