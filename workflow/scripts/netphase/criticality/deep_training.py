"""One training job: deep networks of one depth, with all their initialisations at once."""

import itertools
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
import xarray as xr

from netphase.criticality.deep_networks import (
    Architecture,
    Initialisation,
    Networks,
    Samples,
    accuracy,
    descend,
)
from netphase.data.inputs import inputs
from netphase.streams import stream

REFERENCES = (
    "Schoenholz et al. (2017), arXiv:1611.01232; Xiao et al. (2018), arXiv:1806.05393; "
    "Thurn, Jefferson & Erdmenger (2024), arXiv:2406.12916"
)
PARTS = {
    "train_accuracy": "accuracy on the training images, met since the mark before",
    "test_accuracy": "accuracy on the test images",
}
INITIALISATION = {
    "weight_variance": "variance of a weight, times its fan",
    "bias_variance": "variance of a bias",
}

log = logging.getLogger(__name__)


def parts(dataset: xr.Dataset, settings: Mapping, name: str) -> tuple[Samples, Samples, tuple]:
    """Training and test samples of a data set, and the pixels of its images along y and x.

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    settings : side (pixels), samples and scored: largest numbers of training and test images, the
        first of them; null for all
    """
    image = inputs(dataset, settings["side"], name)
    split, label = dataset.split.values, dataset.label.values.astype(np.int64)
    rows = (
        np.flatnonzero(split == part)[: settings[most]]
        for part, most in enumerate(("samples", "scored"))
    )
    train, test = (
        Samples(
            torch.from_numpy(image[chosen].reshape(len(chosen), -1).astype(np.float32)),
            torch.from_numpy(label[chosen]),
        )
        for chosen in rows
    )
    return train, test, image.shape[1:]


def batches(n_samples: int, batch_size: int, **key: int | str) -> Iterator[np.ndarray]:
    """Yield the rows of batches without end, in an order of its own for each epoch."""
    for epoch in itertools.count():
        order = stream("order of samples", epoch=epoch, **key).permutation(n_samples)
        for start in range(0, n_samples, batch_size):
            yield order[start : start + batch_size]


def train(
    dataset: xr.Dataset,
    initialisations: Mapping[str, Initialisation],
    *,
    network: str,
    name: str,
    realisation: int,
    depth: int,
    settings: Mapping,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train networks of one depth from all initialisations, on the same samples in the same order.

    That order is the same for all depths as well. Plain stochastic gradient descent, without
    momentum: the propagation of signals is measured, and methods that divide by the size of the
    gradients hide its loss. In one piece, since most of its lines are the metadata of two files.

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    initialisations : by name
    network, name, realisation : coordinates of the job: networks, data set, random numbers
    settings : kind, width, steps, marks (number of times at which the accuracies are taken, at
        equal distances), batch_size, learning_rate, double_softmax, and those of `parts`

    Returns
    -------
    accuracies : xarray.Dataset
        PARTS over (dataset, depth, initialisation, realisation, step).
    cost : xarray.Dataset
        ``train_seconds`` over (dataset, depth, realisation), CPU seconds of all networks together.
    """
    torch.set_num_threads(1)
    known, unseen, image = parts(dataset, settings, name)
    began = time.process_time()
    networks = Networks(
        Architecture(settings["kind"], depth, settings["width"]),
        image,
        dataset.label.attrs["flag_values"].size,
        list(initialisations.values()),
        stream("init", network=network, dataset=name, depth=depth, realisation=realisation),
    )
    rows = batches(len(known.labels), settings["batch_size"], dataset=name, realisation=realisation)
    steps, marks = settings["steps"], settings["marks"]
    ends = np.unique(np.linspace(0, steps, marks + 1).round().astype(int))[1:]
    found = np.empty((2, len(initialisations), len(ends)))
    with _subnormal_as_zero():
        for mark, n_steps in enumerate(np.diff(ends, prepend=0)):
            found[0, :, mark] = descend(
                networks,
                known,
                itertools.islice(rows, int(n_steps)),
                learning_rate=settings["learning_rate"],
                double_softmax=settings["double_softmax"],
            )
            found[1, :, mark] = accuracy(networks, unseen)
    seconds = time.process_time() - began
    log.info("depth %d: test accuracies %s", depth, found[1, :, -1].round(2).tolist())

    coords = {
        "dataset": ("dataset", [name], {"long_name": "data set"}),
        "depth": ("depth", np.array([depth], np.int32), _words("number of hidden layers")),
        "realisation": (
            "realisation",
            np.array([realisation], np.int32),
            _words("realisation, index of the random numbers"),
        ),
    }
    axes = {
        "initialisation": (
            "initialisation", list(initialisations), {"long_name": "initialisation"},
        ),
        "step": ("step", ends.astype(np.int32), _words("steps of training")),
    }  # fmt: skip
    for key, meaning in INITIALISATION.items():
        values = [getattr(one, key) for one in initialisations.values()]
        axes[key] = ("dataset", "initialisation"), np.array([values], float), _words(meaning)
    dims = ("dataset", "depth", "initialisation", "realisation", "step")
    accuracies = xr.Dataset(
        {
            key: (dims, values[np.newaxis, np.newaxis, :, np.newaxis], _words(meaning))
            for (key, meaning), values in zip(PARTS.items(), found, strict=True)
        },
        coords | axes,
        {
            "title": f"Deep networks ({network}) of {depth} layers on {name}",
            "network": network,
            "n_train": len(known.labels),
            "n_test": len(unseen.labels),
            "n_classes": int(dataset.label.attrs["flag_values"].size),
            "references": REFERENCES,
        },
    )
    words = {"long_name": "CPU time of training and scores of all networks", "units": "s"}
    cost = xr.Dataset(
        {"train_seconds": (("dataset", "depth", "realisation"), [[[seconds]]], words)}, coords
    )
    return accuracies, cost


def of_variances(
    weight_variances: Sequence[float], bias_variance: float
) -> dict[str, Initialisation]:
    """Initialisations with normal weights, by the name of their variance."""
    return {f"{w:g}": Initialisation(w, bias_variance) for w in weight_variances}


def of_choice(chosen: float, bias_variance: float) -> dict[str, Initialisation]:
    """Initialisations of a chosen weight variance and of the usual schemes.

    Glorot and Bengio (2010): uniform, variance 1 by the mean of inputs and outputs; He et al.
    (2015): normal, variance 2 by the inputs; both without biases. Besides, Glorot's with the
    biases of the chosen initialisation: without biases a weight variance of 1 is critical for tanh
    units, so that Glorot's initialisation is not in the ordered phase.
    """
    return {
        "chosen": Initialisation(chosen, bias_variance),
        "xavier": Initialisation(1.0, 0.0, uniform=True, average=True),
        "xavier_biased": Initialisation(1.0, bias_variance, uniform=True, average=True),
        "he": Initialisation(2.0, 0.0),
    }


def chosen_variance(cascade: xr.Dataset, dataset: str) -> float:
    """Weight variance that minimises the reconstruction error at the end of the cascade.

    Mean over the realisations of the variances of least squared error; no labels enter.

    Parameters
    ----------
    cascade : of `netphase.criticality.cascades.join`
    """
    decoder = cascade.attrs["quoted"]
    best = cascade.optimum_mean.sel(dataset=dataset, decoder=decoder, metric="error")
    return float(best.isel(layer=-1))


@contextmanager
def _subnormal_as_zero():
    """Flush subnormal numbers to zero: vanishing signals would take ten times more time."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _words(meaning):
    return {"long_name": meaning, "units": "1"}
