"""Noisy images for networks trained clean and tested noisy: the mixture, and its noise fields."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from netphase.noise.families import FAMILIES, stream_name
from netphase.noise.schedule import Level
from netphase.streams import stream

# Images that share a noise field where the study wants noise by the batch (Seidler & Abel 2025).
SHARED_BATCH = 512


class Mixture(NamedTuple):
    """Input of a network: signal * image + offset + noise * epsilon, in stored intensities."""

    signal: float
    offset: float
    noise: float
    kappa_effective: float


def moments(images: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of all pixels of images (sample, y, x, channel) of uint8."""
    total = squares = 0
    for image in images:
        pixels = image.ravel().astype(np.int64)
        total, squares = total + int(pixels.sum()), squares + int(pixels @ pixels)
    mean = total / images.size
    return mean, float(np.sqrt(squares / images.size - mean**2))


def mixture(level: Level, scale: tuple[float, float], noise: Mapping) -> Mixture:
    """Mixture of images and noise at one noise level.

    x_t = level.signal x_0 + level.noise epsilon, where x_0 is the image in one of the scales
    0..255, 0..1, -1..1, or standardised; the network gets x_t brought back to 0..255, divided by
    the signal's factor where renormalise is true. kappa_effective is kappa over the standard
    deviation of x_0.

    Parameters
    ----------
    scale : mean and standard deviation of the data, of `moments`
    noise : x0_scale and renormalise of the study
    """
    mean, deviation = scale
    origin, unit = {
        "uint8_255": (0.0, 1.0),
        "unit01": (0.0, 255.0),
        "pm1": (127.5, 127.5),
        "standardised": (mean, deviation),
    }[noise["x0_scale"]]
    factor = 1 / level.signal if noise["renormalise"] == "divide_by_sqrt_abar" else 1.0
    return Mixture(
        signal=factor * level.signal,
        offset=origin * (1 - factor * level.signal),
        noise=factor * level.noise * unit,
        kappa_effective=level.kappa * unit / deviation,
    )


def field(
    x_0: np.ndarray,
    kappa: float,
    sample: int,
    noise: Mapping,
    *,
    dataset: str,
    step: int,
    realisation: int,
) -> np.ndarray:
    """Noise epsilon of one image, the same whatever else is drawn, in float32.

    Parameters
    ----------
    x_0 : the image, standardised; kappa : effective noise-to-signal ratio
    sample : place of the image in the data set
    noise : family and shared_batch of the study, whether every SHARED_BATCH images in a row share
        a random stream, in place of one for each
    """
    name = {"batch": sample // SHARED_BATCH} if noise["shared_batch"] else {"sample": sample}
    name |= stream_name(noise["family"])
    rng = stream("image noise", dataset=dataset, step=step, realisation=realisation, **name)
    return FAMILIES[noise["family"]].draw(x_0[np.newaxis], kappa, rng)[0]


def noisy(
    image: np.ndarray,
    mixed: Mixture,
    sample: int,
    scale: tuple[float, float],
    noise: Mapping,
    key: Mapping,
) -> np.ndarray:
    """One image (y, x, channel) as a network gets it, float32.

    Parameters
    ----------
    mixed, scale : of `mixture`, and what it was made of; sample, noise : as of `field`
    key : data set, step and realisation of the noise
    """
    x_t = image.astype(np.float32)
    x_t *= np.float32(mixed.signal)
    x_t += np.float32(mixed.offset)
    if mixed.noise:
        mean, deviation = map(np.float32, scale)
        epsilon = field((image - mean) / deviation, mixed.kappa_effective, sample, noise, **key)
        x_t += epsilon * np.float32(mixed.noise)
    return x_t
