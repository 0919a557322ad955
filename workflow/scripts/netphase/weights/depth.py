"""Deep networks of binary weights beside the shallow one, at all widths and times of training.

A network of two hidden layers of n units each should surpass the one without any from some width n
on (Zou & Huang 2021, section III and Fig. 2).
"""

import logging
import time
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.jobs.progress import Progress
from netphase.statistics.intervals import N_COPIES, PERCENTILES
from netphase.streams import stream
from netphase.weights.networks import Engine
from netphase.weights.samples import parts, score

LEAST_SHARE = 0.95
"""Share of the resampled copies that must cross for an interval of the crossing."""
ACCURACIES = {
    "mean_accuracy": "mean test accuracy of all weights drawn",
    "best_accuracy": "test accuracy of the weights drawn that are best at validation",
}

log = logging.getLogger(__name__)


def train(
    inputs: xr.Dataset, width: int, *, dataset: str, settings: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train networks of two hidden layers of a width, or without hidden layers for the width 0.

    Parameters
    ----------
    inputs : as `netphase.data.principal_components.project` makes them
    settings : samples (null: all), steps, marks (number of steps at which to score, geometrically
        spaced), batch_size, rate, penalty, draws, scored (samples, of each part; null: all),
        repeats

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


def first_crossing(widths: np.ndarray, lead: np.ndarray) -> np.ndarray:
    """Least width at which a lead (..., widths) turns from none to some, linearly between widths.

    NaN where it never does: the lead is there, or lacks, at all widths.
    """
    turns = (lead[..., :-1] <= 0) & (lead[..., 1:] > 0)
    k = turns.argmax(axis=-1)[..., np.newaxis]
    before, after = (np.take_along_axis(lead, k + i, -1)[..., 0] for i in (0, 1))
    low, high = widths[k[..., 0]], widths[k[..., 0] + 1]
    there = turns.any(axis=-1)
    share = np.divide(before, before - after, out=np.full(before.shape, np.nan), where=there)
    return low + share * (high - low)


def compare(networks: Sequence[xr.Dataset], rng: np.random.Generator) -> xr.Dataset:
    """Accuracies of all widths, and the width from which the deep networks surpass the shallow one.

    Parameters
    ----------
    networks : as of `train`, the width 0 among them
    rng : of the copies, in which the repeats of each width are resampled

    Returns
    -------
    xarray.Dataset
        ACCURACIES over (width, repeat, step), 0 for the shallow networks; ``crossing``, where the
        mean accuracy at the last step crosses, with the ends of its 95 % interval ``crossing_low``
        and ``crossing_high`` (bootstrap; NaN if less than LEAST_SHARE of the copies cross) and
        ``crossing_share``, the share of the copies that cross.
    """
    whole = xr.concat(networks, "width", combine_attrs="drop_conflicts").sortby("width")
    last = whole.mean_accuracy.isel(step=-1).transpose("width", "repeat").values
    widths = whole["width"].values[1:].astype(float)
    mean = last.mean(axis=1)
    crossing = float(first_crossing(widths, mean[1:] - mean[0]))
    rows = rng.integers(last.shape[1], size=(N_COPIES, *last.shape))
    copies = np.take_along_axis(last[np.newaxis], rows, axis=2).mean(axis=2)
    crossings = first_crossing(widths, copies[:, 1:] - copies[:, :1])
    crossings = crossings[np.isfinite(crossings)]
    share = len(crossings) / N_COPIES
    ends = np.quantile(crossings, PERCENTILES) if share >= LEAST_SHARE else (np.nan, np.nan)
    words = {
        "crossing": (crossing, "width from which deep networks surpass the shallow one"),
        "crossing_low": (ends[0], "lower end of the 95 % interval of crossing"),
        "crossing_high": (ends[1], "upper end of the 95 % interval of crossing"),
        "crossing_share": (share, "share of the resampled copies that cross"),
    }
    return whole.assign(
        {
            name: ((), np.float64(value), {"long_name": text, "units": "1"})
            for name, (value, text) in words.items()
        }
    )
