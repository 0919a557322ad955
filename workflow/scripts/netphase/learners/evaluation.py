"""One evaluation job: a network trained clean and tested noisy, at all levels of a schedule."""

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
from netphase.learners.efficientnet_training import choose_device, colour
from netphase.learners.efficientnets import EfficientNet, logits_of
from netphase.learners.scores import METRICS as SCORES
from netphase.learners.scores import confusion, scores
from netphase.noise.fields import Mixture, mixture, moments, noisy
from netphase.noise.schedule import Level
from netphase.runs import run_files

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

    They are read a block at a time, since the stored images may be larger.
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

    In one piece: the loop over the levels and the files of its result. Memory: the test images at
    the network's resolution, as bytes, and the feature maps of one batch of BATCH_PIXELS pixels.

    Parameters
    ----------
    dataset : as `netphase.data.datasets.read` returns it
    name, model : names of the data set and of the model in the configuration
    settings : resolution, head, precision and device of the model
    noise : family, x0_scale, renormalise and shared_batch of the study

    Returns
    -------
    run : scores over (dataset, model, size, step, realisation, split), numbers of predictions of
        each class, and of correct ones
    cost : CPU seconds of every level

    Raises
    ------
    InputError
        Labels that the network cannot predict.
    """
    label, classes = _truth(dataset, network, settings["head"], name, model)
    images = read_test(dataset, settings["resolution"], name)
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
        own, predicted, right = _score(logits, label)
        for metric, value in own.items():
            measured[metric][k] = value
        counts[:, k] = predicted, right
        seconds[k] = time.process_time() - start
        log.info("kappa %.4g: accuracy %.4f", level.kappa, own["accuracy"])

    axes = run_files.Axes(
        name,
        model,
        np.array([n_parameters]),
        run_files.PARAMETERS,
        np.array([realisation], np.int32),
        [level.step for level in levels],
        [level.kappa for level in levels],
        [level.alpha_bar for level in levels],
    )
    run = _run(axes, measured, counts, len(images), [mix.kappa_effective for mix in mixed])
    cost = run_files.cost_file(
        axes,
        seconds.reshape(1, -1, 1),
        of="the evaluation",
        title=f"cost of {model} on {name}",
        cpu_model=cpu_model(),
    )
    return run, cost


def _run(axes, measured, counts, n_samples, kappa_effective):
    """The run file of one network, with the counts of its classes."""
    run = run_files.run_file(
        axes,
        {metric: values.reshape(1, -1, 1, 1) for metric, values in measured.items()},
        METRICS,
        protocol=run_files.TRAINED_ONCE,
        n_samples={"test": n_samples},
        n_classes=counts.shape[-1],
        n_parameters=axes.sizes,
        attributes={"title": f"{axes.model} on {axes.dataset}"},
    )
    words = "noise-to-signal ratio over the standard deviation of the data"
    # Networks see the images at resolutions of their own.
    run = run.assign_coords(
        kappa_effective=(
            ("dataset", "model", "step"), [[kappa_effective]], run_files.described(words)
        )
    )  # fmt: skip
    for metric, values, meaning in zip(
        ("n_predicted", "n_right"),
        counts,
        ("samples that were given to a class", "samples that were rightly given to a class"),
        strict=True,
    ):
        run[metric] = ("step", "class"), values, run_files.described(meaning)
    return run


def _truth(dataset, network, head, name, model):
    """Labels of the test images as places among the predicted classes, and those classes."""
    label = dataset.label.values[dataset.split.values == 1].astype(np.int64)
    classes = np.arange(network.architecture.n_classes)
    highest = dataset.label.attrs["flag_values"].max()
    if highest >= classes.size:
        raise InputError(
            f"datasets.{name}: label {highest} is none of the {classes.size} classes of {model}"
        )
    if head == "closed":
        classes = dataset.label.attrs["flag_values"].astype(np.int64)
        label = np.searchsorted(classes, label)
    return label, classes


def _score(logits, label):
    """Metrics of one level, and numbers of predictions, all and correct, of each class."""
    truth, n_classes = torch.from_numpy(label), logits.shape[1]
    counts = confusion(label, logits.argmax(1).numpy(), n_classes)
    best = logits.topk(min(5, n_classes)).indices
    own = scores(counts) | {
        "top5": float((best == truth[:, None]).any(1).double().mean()),
        "nll": float(F.cross_entropy(logits.double(), truth)),
    }
    return own, counts.sum(axis=0), np.diag(counts)
