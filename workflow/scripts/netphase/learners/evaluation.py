"""One evaluation job: a network, trained on clean images, on all noise levels of a schedule."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
import xarray as xr
from PIL import Image
from torch.nn import functional as F

from netphase.errors import InputError
from netphase.jobs.costs import cpu_model
from netphase.jobs.progress import Progress
from netphase.learners import weight_files
from netphase.learners.efficientnet_training import choose_device, colour
from netphase.learners.efficientnets import EfficientNet
from netphase.learners.scores import METRICS as SCORES
from netphase.learners.scores import confusion, scores
from netphase.noise.fields import Mixture, mixture, moments, noisy
from netphase.noise.schedule import Level

METRICS = SCORES | {
    "top5": "share of samples whose class is among the five most likely",
    "nll": "mean negative logarithm of the probability of the true class",
}
# Pixels of a batch: few enough that its feature maps stay in the cache.
BATCH_PIXELS = 1 << 18
READ_IMAGES = 256

log = logging.getLogger(__name__)


def prepare(image: np.ndarray, resolution: int | None) -> np.ndarray:
    """Centre of an image at the resolution of a network: (resolution, resolution, 3), uint8.

    The square of side s = r / (r + 32) of the shorter side, resized to r by bicubic interpolation,
    as the published networks were evaluated. Without a resolution the image stays as it is.
    """
    if resolution is None:
        return image
    height, width = image.shape[:2]
    side = int(resolution / (resolution + 32) * min(height, width))
    top, left = (height - side + 1) // 2, (width - side + 1) // 2
    square = Image.fromarray(image).crop((left, top, left + side, top + side))
    return np.asarray(square.resize((resolution, resolution), Image.Resampling.BICUBIC))


def read_test(dataset: xr.Dataset, resolution: int | None, name: str) -> np.ndarray:
    """Test images (sample, y, x, 3), uint8, at the resolution of a network.

    They are read a block at a time: as stored they may be larger than they will be.
    """
    split = dataset.split.values
    first, n = int(np.argmax(split)), int(np.count_nonzero(split))
    images = None
    for start in range(0, n, READ_IMAGES):
        rows = slice(start, min(start + READ_IMAGES, n))
        stored = dataset.image.isel(sample=slice(first + rows.start, first + rows.stop)).values
        block = [prepare(image, resolution) for image in colour(stored, name)]
        if images is None:
            images = np.empty((n, *block[0].shape), np.uint8)
        images[rows] = block
    return images


def batches(
    images: np.ndarray, mixed: Mixture, scale: tuple[float, float], noise: Mapping, key: Mapping
) -> Iterator[np.ndarray]:
    """The noisy images (sample, y, x, 3), float32, a batch at a time."""
    n = max(1, BATCH_PIXELS // (images.shape[1] * images.shape[2]))
    for start in range(0, len(images), n):
        batch = images[start : start + n]
        yield np.stack(
            [noisy(image, mixed, i, scale, noise, key) for i, image in enumerate(batch, start)]
        )


@torch.inference_mode()
def logits_of(network: EfficientNet, batch: np.ndarray, half: bool) -> torch.Tensor:
    """Logits (sample, class) on the processor, of images (sample, y, x, 3)."""
    device = network.mean.device
    x = torch.from_numpy(batch).to(device).permute(0, 3, 1, 2)
    with torch.autocast(device.type, torch.bfloat16, enabled=half):
        return network(x).float().cpu()


def evaluate(
    dataset: xr.Dataset,
    network: EfficientNet,
    levels: Sequence[Level],
    *,
    name: str,
    model: str,
    realisation: int,
    settings: Mapping,
    noise: Mapping,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Score a network on the noisy test images of a data set.

    Memory: the test images at the network's resolution, as bytes, and the feature maps of one batch
    of BATCH_PIXELS pixels.

    Parameters
    ----------
    dataset : as `netphase.data.datasets.read` returns it
    name, model : names of the data set and of the model in the configuration
    settings : resolution, head, precision and device of the model
    noise : family, x0_scale, renormalise and shared_batch of the study

    Returns
    -------
    run : scores over (dataset, model, size, step, realisation, split), samples of each class that
        were predicted and that were predicted rightly
    cost : CPU seconds of every level

    Raises
    ------
    InputError
        Labels that the network cannot give.
    """
    label = dataset.label.values[dataset.split.values == 1].astype(np.int64)
    images = read_test(dataset, settings["resolution"], name)
    classes = np.arange(network.architecture.n_classes)
    highest = dataset.label.attrs["flag_values"].max()
    if highest >= classes.size:
        raise InputError(
            f"datasets.{name}: label {highest} is none of the {classes.size} classes of {model}"
        )
    if settings["head"] == "closed":
        classes = dataset.label.attrs["flag_values"].astype(np.int64)
        label = np.searchsorted(classes, label)
    truth = torch.from_numpy(label)
    n_parameters = network.n_parameters
    network = network.to(choose_device(settings["device"])).folded()
    half = settings["precision"] == "bfloat16"
    scale = moments(images)
    mixed = [mixture(level, scale, noise) for level in levels]
    measured = {metric: np.zeros(len(levels)) for metric in METRICS}
    counts = np.zeros((2, len(levels), classes.size), np.int32)
    seconds, progress = np.zeros(len(levels)), Progress(log)
    for k, (level, mix) in enumerate(zip(levels, mixed, strict=True)):
        start = time.process_time()
        key = {"dataset": name, "step": level.step, "realisation": realisation}
        parts = []
        for batch in batches(images, mix, scale, noise, key):
            parts.append(logits_of(network, batch, half)[:, classes])
            done = sum(map(len, parts))
            progress.info("level %d of %d: %d images", k + 1, len(levels), done)
        logits = torch.cat(parts)
        found = confusion(label, logits.argmax(1).numpy(), classes.size)
        best = logits.topk(min(5, classes.size)).indices
        own = scores(found) | {
            "top5": float((best == truth[:, None]).any(1).double().mean()),
            "nll": float(F.cross_entropy(logits.double(), truth)),
        }
        for metric, value in own.items():
            measured[metric][k] = value
        counts[:, k] = found.sum(axis=0), np.diag(found)
        seconds[k] = time.process_time() - start
        log.info("kappa %.4g: accuracy %.4f", level.kappa, own["accuracy"])

    dims = ("dataset", "model", "size", "step", "realisation")
    words = {"units": "1"}
    coordinates = {
        "dataset": [name],
        "model": [model],
        "size": ("size", [n_parameters], weight_files.SIZE),
        "step": (
            "step",
            np.array([level.step for level in levels], np.int32),
            words | {"long_name": "diffusion step"},
        ),
        "realisation": ("realisation", np.array([realisation], np.int32), weight_files.REALISATION),
        "kappa": (
            "step",
            [level.kappa for level in levels],
            words | {"long_name": "noise-to-signal ratio"},
        ),
        # Networks see the images at resolutions of their own.
        "kappa_effective": (
            ("dataset", "model", "step"),
            [[[mix.kappa_effective for mix in mixed]]],
            words | {"long_name": "noise-to-signal ratio over the standard deviation of the data"},
        ),
        "alpha_bar": (
            "step",
            [level.alpha_bar for level in levels],
            words | {"long_name": "signal power kept"},
        ),
    }
    run = xr.Dataset(
        {
            metric: (
                (*dims, "split"),
                values.reshape(1, 1, 1, -1, 1, 1),
                words | {"long_name": METRICS[metric]},
            )
            for metric, values in measured.items()
        },
        coordinates
        | {
            "split": ["test"],
            "n_samples": (
                ("dataset", "split"),
                [[len(images)]],
                words | {"long_name": "number of samples"},
            ),
            "n_classes": ("dataset", [classes.size], words | {"long_name": "number of classes"}),
            "n_parameters": (("dataset", "model", "size"), [[[n_parameters]]], weight_files.SIZE),
        },
        {"title": f"{model} on {name}", "protocol": "trained_once"},
    )
    run["n_correct"] = run.n_correct.astype(np.int64).assign_attrs(run.n_correct.attrs)
    for metric, values, meaning in zip(
        ("n_predicted", "n_right"),
        counts,
        ("samples that were given to a class", "samples that were rightly given to a class"),
        strict=True,
    ):
        run[metric] = ("step", "class"), values, words | {"long_name": meaning}
    cost = xr.Dataset(
        {
            "cpu_seconds": (
                dims,
                seconds.reshape(1, 1, 1, -1, 1),
                {"long_name": "process CPU time of the evaluation", "units": "s"},
            )
        },
        {key: coordinates[key] for key in (*dims, "kappa", "alpha_bar")},
        {"title": f"cost of {model} on {name}", "cpu_model": cpu_model()},
    )
    return run, cost
