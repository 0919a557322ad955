"""Noise on images for networks trained on clean ones: how it is laid on, and the noise itself."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from netphase.noise.schedule import Level
from netphase.streams import stream

# Images that share a noise field where the study wants noise by the batch (Seidler & Abel 2025).
SHARED_BATCH = 512


class Mixture(NamedTuple):
    """What a network gets: signal * image + offset + noise * epsilon, in stored intensities."""

    signal: float
    offset: float
    noise: float
    kappa: float
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
    """How images are mixed with noise at one level.

    x_t = sqrt(alpha_bar) x_0 + sqrt(1 - alpha_bar) epsilon (Seidler & Abel 2024, eq. 5), or with
    form literal_eq5 x_t = alpha_bar x_0 + (1 - alpha_bar) epsilon, as Seidler & Abel (2025) print
    it. x_0 is the image in one of the scales 0..255, 0..1, -1..1, or standardised; the network gets
    x_t brought back to 0..255, divided by the signal's factor where renormalise asks for it.
    kappa_effective is kappa over the standard deviation of x_0.

    Parameters
    ----------
    scale : mean and standard deviation of the data, of `moments`
    noise : form, x0_scale, renormalise of the study
    """
    mean, deviation = scale
    origin, unit = {
        "uint8_255": (0.0, 1.0),
        "unit01": (0.0, 255.0),
        "pm1": (127.5, 127.5),
        "standardised": (mean, deviation),
    }[noise["x0_scale"]]
    literal = noise["form"] == "literal_eq5"
    power = 2 if literal else 1
    signal, strength = level.signal**power, level.noise**power
    kappa = level.kappa**power
    factor = 1 / signal if noise["renormalise"] == "divide_by_sqrt_abar" else 1.0
    return Mixture(
        signal=factor * signal,
        offset=origin * (1 - factor * signal),
        noise=factor * strength * unit,
        kappa=kappa,
        kappa_effective=kappa * unit / deviation,
    )


def field(
    shape: Sequence[int], sample: int, *, dataset: str, step: int, realisation: int, shared: bool
) -> np.ndarray:
    """Noise epsilon of one image, the same whatever else is drawn, in float32.

    Parameters
    ----------
    shape : of the image
    sample : its place in the data set
    shared : one field for every SHARED_BATCH images in a row, in place of one for each
    """
    name = {"batch": sample // SHARED_BATCH} if shared else {"sample": sample}
    rng = stream("image noise", dataset=dataset, step=step, realisation=realisation, **name)
    return rng.standard_normal(shape, dtype=np.float32)
