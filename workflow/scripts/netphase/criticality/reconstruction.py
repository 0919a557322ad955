"""Reconstruction of images from the layers of a random network by cascades of linear decoders.

The decoder of a layer maps the activations of that layer to those of the layer before (Thurn,
Jefferson & Erdmenger 2024, arXiv 2406.12916). The decoders of a layer and of all before it, one
after another, reconstruct the image.

Without noise a network as wide as its input loses nothing, and in exact arithmetic a cascade would
return every image. The penalty of the decoders defines what counts as lost: directions in which
the activations vary by less than its square root.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from netphase.criticality.random_networks import layers
from netphase.data.inputs import inputs
from netphase.errors import InputError
from netphase.jobs import costs
from netphase.streams import stream

SMALLEST = 1e-12
"""Added to pixels that are compared as probabilities, and least deviation of a pixel."""
N_SHOWN = 3
"""Images whose reconstructions are kept."""
MEASURES = {
    "relative_entropy": ("median of the relative entropy of image and reconstruction", "nat"),
    "relative_entropy_ratio": ("median of the relative entropy over that of the last layer", "1"),
    "differential_entropy": ("differential entropy of the reconstructions, mean of pixels", "nat"),
    "error": ("mean square deviation of the reconstruction from the image", "1"),
}
REFERENCES = "Thurn, Jefferson & Erdmenger (2024), arXiv:2406.12916"
AXES = {
    "dataset": "data set",
    "decoder": "decoders, with their penalty",
    "realisation": "realisation of the weights and biases",
    "weight_variance": "variance of a weight, times the fan-in",
    "layer": "layer from which images are reconstructed; 0: the images themselves",
    "shown_layer": "layer from which the images shown are reconstructed",
}


class Images(NamedTuple):
    """Training images of the decoders and test images (sample, pixels), and pixels along y, x."""

    train: np.ndarray
    test: np.ndarray
    shape: tuple[int, int]


def images_of(dataset: xr.Dataset, name: str, side: int, settings: Mapping) -> Images:
    """The first training and test images of a data set.

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    side : most pixels along one side
    settings : samples (of training; null for all) and images (of the test)

    Raises
    ------
    InputError : the data set has fewer than two training or test images
    """
    image, split = inputs(dataset, side, name), dataset.split.values
    parts = []
    for part, key in enumerate(("samples", "images")):
        chosen = image[split == part][: settings[key]]
        if len(chosen) < 2:
            raise InputError(f"cascade.{key}: {name} has only {len(chosen)} images of that split")
        parts.append(chosen.reshape(len(chosen), -1))
    return Images(*parts, image.shape[1:])


def network(
    images: Images, setting: Mapping, depth: int, name: str, realisation: int
) -> Iterator[np.ndarray]:
    """Activations (variances, images, units) of a network's layers: training images, then test.

    Parameters
    ----------
    setting : weight_variances and bias_variance
    name, realisation : of the data set and of the random numbers
    """
    rng = stream("cascade", dataset=name, realisation=realisation)
    variances = np.array(setting["weight_variances"], float)
    both = np.concatenate([images.train, images.test])
    width = images.train.shape[1]
    return layers(both, variances, setting["bias_variance"], width, depth, rng)


def ridge(
    source: np.ndarray, target: np.ndarray, penalties: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Affine maps from source to target that minimise <|error|^2> + penalty |weights|^2.

    Parameters
    ----------
    source : (networks, samples, units)
    target : (networks, samples, features), or without its first axis

    Returns
    -------
    weights : (penalties, networks, units, features)
    offsets : (penalties, networks, 1, features)
    """
    n = source.shape[-2]
    means = [part.mean(axis=-2, keepdims=True) for part in (source, target)]
    centred = source - means[0]
    variances, axes = np.linalg.eigh(centred.mT @ centred / n)
    shared = axes.mT @ (centred.mT @ (target - means[1]) / n)
    penalty = np.reshape(penalties, (-1, 1, 1, 1))
    weights = axes @ (shared / (variances[..., np.newaxis].clip(0) + penalty))
    return weights, means[1] - means[0] @ weights


def cascade(
    activations: Sequence[np.ndarray],
    decoders: Sequence[tuple[np.ndarray, np.ndarray]],
    transfer: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Reconstructions (layers, networks, images, features) from every layer.

    Parameters
    ----------
    activations : for each layer (networks, images, units)
    decoders : for each layer weights (networks, units, features) and offsets (networks, 1,
        features), towards the layer before
    transfer : what a decoder applies to the sum, if anything
    """
    found = np.empty((0, *activations[-1].shape))
    for signal, (weights, offsets) in zip(activations[::-1], decoders[::-1], strict=True):
        found = np.concatenate([signal[np.newaxis], found]) @ weights + offsets
        if transfer is not None:
            found = transfer(found)
    return found


def relative_entropy(images: np.ndarray, reconstructed: np.ndarray) -> np.ndarray:
    """sum_i p_i ln(p_i / q_i) of every image p and reconstruction q (..., pixels).

    Each has its minimum subtracted and SMALLEST added, and is normalised to the sum 1.
    """
    p, q = (_shifted(part) for part in (images, reconstructed))
    p, q = (part / part.sum(axis=-1, keepdims=True) for part in (p, q))
    return (p * np.log(p / q)).sum(axis=-1)


def _shifted(images):
    return images - images.min(axis=-1, keepdims=True) + SMALLEST


def differential_entropy(
    reconstructed: np.ndarray, varying: np.ndarray, min_shift: bool
) -> np.ndarray:
    """Mean over pixels of 1/2 ln(2 pi e) + ln s, s the deviation of a pixel over the images.

    Images are normalised to the sum 1. Pixels that are the same in all images carry no information
    and would have an infinite entropy; where a reconstruction has lost all variance, s is SMALLEST.

    Parameters
    ----------
    reconstructed : (..., images, pixels)
    varying : (pixels,), which pixels count
    min_shift : whether the minimum of each image is subtracted first, as in the published
        program, where another measure changes the images in place
    """
    if min_shift:
        reconstructed = _shifted(reconstructed)
    shares = reconstructed / reconstructed.sum(axis=-1, keepdims=True)
    deviation = shares[..., varying].std(axis=-2, ddof=1).clip(SMALLEST)
    return 0.5 * np.log(2 * np.pi * np.e) + np.log(deviation).mean(axis=-1)


def measures(images: np.ndarray, reconstructed: np.ndarray, min_shift: bool) -> dict:
    """MEASURES (networks, layers + 1) of reconstructions (layers, networks, images, pixels).

    Layer 0 is the images themselves.
    """
    same = np.broadcast_to(images, reconstructed.shape[1:])
    whole = np.concatenate([same[np.newaxis], reconstructed])
    divergence = relative_entropy(images, whole)
    found = {
        "relative_entropy": np.median(divergence, axis=-1),
        "relative_entropy_ratio": np.median(divergence / divergence[-1], axis=-1),
        "differential_entropy": differential_entropy(whole, images.std(axis=0) > 0, min_shift),
        "error": ((whole - images) ** 2).mean(axis=(-2, -1)),
    }
    return {name: values.T for name, values in found.items()}


def reconstruct(
    dataset: xr.Dataset, *, name: str, realisation: int, setting: Mapping, settings: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Cascades of ridge regressions through the networks of all variances.

    Decoders are fitted to the activations of the layer before as they are, without atanh: then they
    minimise the error that is measured.

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    name, realisation : of the data set and of the random numbers
    setting : weight_variances, bias_variance, side (most pixels along one side of the images)
    settings : depth, samples, images, penalties, min_shift, shown (layers)

    Returns
    -------
    cascades : see `as_dataset`; a decoder for each penalty
    cost : ``cpu_seconds`` over (dataset, realisation)
    """
    began = time.process_time()
    images = images_of(dataset, name, setting["side"], settings)
    n = len(images.train)
    before, unseen, decoders = images.train, [], []
    for signal in network(images, setting, settings["depth"], name, realisation):
        decoders.append(ridge(signal[:, :n], before, settings["penalties"]))
        unseen.append(signal[:, n:])
        before = signal[:, :n]
    found = {
        f"ridge {penalty:g}": cascade(unseen, [(w[k], b[k]) for w, b in decoders])
        for k, penalty in enumerate(settings["penalties"])
    }
    job = {"dataset": name, "realisation": realisation}
    return as_dataset(found, images, setting, settings, job), costs.spent(began, job)


def as_dataset(
    found: Mapping[str, np.ndarray],
    images: Images,
    setting: Mapping,
    settings: Mapping,
    job: Mapping[str, str | int],
) -> xr.Dataset:
    """Measures and a few pictures of reconstructions.

    Parameters
    ----------
    found : decoder -> (layers, networks, images, pixels), of `cascade`
    setting, settings : as of `reconstruct`
    job : dataset and realisation

    Returns
    -------
    xarray.Dataset
        MEASURES over (dataset, decoder, realisation, weight_variance, layer); ``reconstruction``
        over (dataset, decoder, realisation, weight_variance, shown_layer, image, y, x) and
        ``original`` over (dataset, image, y, x) of the first N_SHOWN test images.
    """
    lead, pixels = ("dataset", "decoder", "realisation", "weight_variance"), ("image", "y", "x")
    every = [measures(images.test, one, settings["min_shift"]) for one in found.values()]
    variables = {}
    for name, (meaning, units) in MEASURES.items():
        values = np.stack([one[name] for one in every])[np.newaxis, :, np.newaxis]
        variables[name] = ((*lead, "layer"), values, {"long_name": meaning, "units": units})
    shown = np.array(settings["shown"], np.int32)
    pictures = np.stack([one[shown - 1, :, :N_SHOWN].swapaxes(0, 1) for one in found.values()])
    pictures = pictures.reshape(*pictures.shape[:-1], *images.shape).astype(np.float32)
    originals = images.test[:N_SHOWN].reshape(-1, *images.shape).astype(np.float32)
    grey = {"units": "1", "comment": "0 to 1 in the images"}
    variables["reconstruction"] = (
        (*lead, "shown_layer", *pixels),
        pictures[np.newaxis, :, np.newaxis],
        {"long_name": "reconstructed image"} | grey,
    )
    variables["original"] = (
        ("dataset", *pixels), originals[np.newaxis], {"long_name": "test image"} | grey
    )  # fmt: skip
    layer = np.arange(settings["depth"] + 1, dtype=np.int32)
    coords = {"dataset": [job["dataset"]], "decoder": list(found)}
    coords |= {"realisation": np.array([job["realisation"]], np.int32), "layer": layer}
    coords |= {"weight_variance": np.array(setting["weight_variances"], float)}
    cascades = xr.Dataset(variables, coords | {"shown_layer": shown})
    for name in cascades.coords:
        cascades[name].attrs = {"long_name": AXES[name], "units": "1"}
    cascades.attrs = {"title": "Images reconstructed from the layers of random networks"}
    cascades.attrs["references"] = REFERENCES
    return cascades
