"""Double descent: errors of binary and of real networks against their layer width.

Networks of two hidden layers of n units each learn a small training set as a whole (Zou & Huang
2021, section III). Real weights, without any regularisation, come to fit all of it, and near that
layer width the cross-entropy of other samples has a peak. Binary weights never fit all of it.
"""

import logging
import time
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from scipy.special import logsumexp

from netphase.errors import InputError
from netphase.jobs.progress import Progress
from netphase.streams import stream
from netphase.weights.kernels import ROWS, SLOPE
from netphase.weights.networks import Engine, draw
from netphase.weights.real_networks import activations, fit_real
from netphase.weights.samples import Parts, parts

QUARTERS = 4
KINDS = ("binary", "real")
QUANTITIES = {
    "train_cross_entropy": "cross-entropy of the training samples",
    "test_cross_entropy": "cross-entropy of the test samples",
    "train_error": "share of the training samples put into a wrong class",
    "test_error": "share of the test samples put into a wrong class",
}

log = logging.getLogger(__name__)


def learning_rates(steps: int, first: float) -> np.ndarray:
    """Learning rates of all training steps; each quarter has a tenth of that of the one before."""
    return first * 0.1 ** (QUARTERS * np.arange(steps) // steps)


def binary_logits(weights: np.ndarray, layers: Sequence[int], inputs: np.ndarray) -> np.ndarray:
    """Logits (classes, samples) of weights (n,) in the flat order of `netphase.weights.symmetry`.

    Units are those of `netphase.weights.networks`; inputs are (samples, inputs).
    """
    a, at = inputs.T, 0
    for depth, (columns, rows) in enumerate(zip(layers, layers[1:], strict=False)):
        z = weights[at : at + rows * columns].reshape(rows, columns) @ a
        at += rows * columns
        if depth < len(layers) - 2:
            a = np.where(z > 0, z, SLOPE * z) / np.sqrt(columns, dtype=z.dtype)
    return z


def losses(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy and share of errors of logits (classes, samples)."""
    right = logits[labels, np.arange(len(labels))]
    cross_entropy = logsumexp(logits.astype(float), axis=0) - right
    return float(cross_entropy.mean()), float(np.mean(logits.argmax(axis=0) != labels))


def _measure_binary(known: Parts, layers, rates, settings, rng):
    engine = Engine(layers, len(known.train.labels))
    (trained,) = engine.course(*known.train, rates, rng, [len(rates)], settings["penalty"])
    draws = draw(trained.theta, settings["draws"], rng).astype(np.float32)
    return [
        np.mean([losses(binary_logits(w, layers, part.inputs), part.labels) for w in draws], axis=0)
        for part in (known.train, known.test)
    ]


def _measure_real(known: Parts, layers, rates, settings, rng):
    weights = fit_real(known.train, layers, rates, rng)
    return [
        losses(activations(weights, part.inputs.T)[-1], part.labels)
        for part in (known.train, known.test)
    ]


def train(
    inputs: xr.Dataset, kind: str, width: int, *, dataset: str, settings: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train networks of one kind and layer width on the whole of a small training set.

    Half of the function describes the variables of the result.

    Parameters
    ----------
    inputs : as `netphase.data.principal_components.project` makes them
    kind : binary or real
    settings : samples (a multiple of 16), repeats, scored (test samples; null: all), penalty and
        draws (of binary networks), and steps and rate under the name of each kind

    Returns
    -------
    networks : xarray.Dataset
        QUANTITIES over (kind, width, repeat), of binary networks the means over their draws;
        ``alpha(width)``, weights per training sample.
    cost : xarray.Dataset
        ``train_seconds`` over (kind, width, repeat), CPU seconds, the scores included.

    Raises
    ------
    InputError : too many samples, or a number that is no multiple of 16
    """
    if settings["samples"] % ROWS:
        raise InputError(f"samples: {settings['samples']} is no multiple of {ROWS}; take another")
    known = parts(inputs, settings["samples"], settings["scored"])
    layers = (known.n_inputs, width, width, known.n_classes)
    rates = learning_rates(settings[kind]["steps"], settings[kind]["rate"])
    measure = {"binary": _measure_binary, "real": _measure_real}[kind]
    n_repeats = settings["repeats"]
    found, seconds = np.empty((4, 1, 1, n_repeats)), np.empty((1, 1, n_repeats))
    progress = Progress(log)
    for k in range(n_repeats):
        began = time.process_time()
        rng = stream("double descent", dataset=dataset, kind=kind, width=width, repeat=k)
        found[:, 0, 0, k] = np.transpose(measure(known, layers, rates, settings, rng)).ravel()
        seconds[0, 0, k] = time.process_time() - began
        progress.info("%d of %d networks, test error %.3f", k + 1, n_repeats, found[-1, 0, 0, k])
    dims = ("kind", "width", "repeat")
    coords = {
        "kind": ("kind", [kind], {"long_name": "kind of weights"}),
        "width": ("width", np.array([width], np.int32), {"long_name": "units of a hidden layer"}),
        "repeat": ("repeat", np.arange(n_repeats, dtype=np.int32), {"long_name": "repetition"}),
    }
    n_weights = width * (width + layers[0] + layers[-1])
    networks = xr.Dataset(
        {
            name: (dims, one, {"long_name": text, "units": "1"})
            for (name, text), one in zip(QUANTITIES.items(), found, strict=True)
        }
        | {
            "alpha": (
                "width",
                [n_weights / settings["samples"]],
                {"long_name": "weights per training sample", "units": "1"},
            )
        },
        coords,
        {"title": f"Networks of growing width on {dataset}", "n_samples": settings["samples"]},
    )
    words = {"long_name": "CPU time of training and scores", "units": "s"}
    return networks, xr.Dataset({"train_seconds": (dims, seconds, words)}, coords)
