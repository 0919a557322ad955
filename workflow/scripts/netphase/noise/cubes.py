"""Noise cubes: a labelled image set at one noise level, packed, reproducible block by block."""

from collections.abc import Sequence

import numba
import numpy as np
import xarray as xr

from netphase.noise.families import FAMILIES, stream_name
from netphase.noise.schedule import Level
from netphase.streams import stream

# Noise is keyed per block of rows, so that any row can be remade without the rows before it.
BLOCK_ROWS = 4700
COARSE_STEP = np.float32(0.048)
FINE_STEP = np.float32(1 / 4096)
KAPPA_TOLERANCE = 1e-3


@numba.njit(cache=True, error_model="numpy")
def _add_moment(pixels, origin, power, out):
    for i in range(pixels.shape[0]):
        for j in range(pixels.shape[1]):
            deviation = pixels[i, j] - origin[j]
            out[j] += deviation if power == 1 else deviation * deviation


def standardisation(
    image: np.ndarray, split: np.ndarray, method: str = "global", fit_on: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation that give the pixels zero mean and unit variance.

    Parameters
    ----------
    image : (sample, ...) pixel intensities; split : (sample,), 0 = train, 1 = test
    method : "global", one mean and deviation over all pixels, or "per_pixel"
    fit_on : "train", the training split only, or "all"

    Returns
    -------
    mean, deviation : float64, of shape () or of one image; constant pixels have deviation 1
    """
    chosen = image if fit_on == "all" else image[split == 0]
    pixels = chosen.reshape(len(chosen), -1)
    moment = np.zeros((2, pixels.shape[1]))
    _add_moment(pixels, np.zeros(pixels.shape[1]), 1, moment[0])
    mean = moment[0] / len(pixels)
    if method == "global":
        mean = np.full_like(mean, mean.mean())
    _add_moment(pixels, mean, 2, moment[1])
    variance = moment[1] / len(pixels)
    if method == "global":
        mean, variance = mean[0], variance.mean()
    else:
        mean, variance = mean.reshape(image.shape[1:]), variance.reshape(image.shape[1:])
    return np.asarray(mean), np.where(variance == 0, 1.0, np.sqrt(variance))


def largest_pixel(image: np.ndarray, scaling: tuple[np.ndarray, np.ndarray]) -> float:
    """Largest |x_0| of a data set, x_0 = (image - mean) / deviation."""
    mean, deviation = scaling
    return max(np.max(np.abs(e - mean) / deviation) for e in (image.min(axis=0), image.max(axis=0)))


def packing(level: Level, largest: float, reach: float) -> tuple[np.dtype, np.float32]:
    """Storage type and quantisation step of a level, for |x_0| <= largest and |epsilon| <= reach.

    Rounding to a quantisation step d adds variance d^2/12 and so raises kappa by the fraction
    d^2/(24 noise^2). int8 serves wherever that stays below KAPPA_TOLERANCE (noise of that strength
    also dithers the rounding, which leaves no bias); int16 serves the weaker noise. Data that reach
    beyond the range of either, as rare pixels do after per-pixel standardisation, are stored as
    float32.
    """
    farthest = level.signal * largest + reach * level.noise
    if (
        24 * KAPPA_TOLERANCE * level.noise**2 >= COARSE_STEP**2
        and farthest <= np.iinfo(np.int8).max * COARSE_STEP
    ):
        return np.dtype(np.int8), COARSE_STEP
    if farthest <= np.iinfo(np.int16).max * FINE_STEP:
        return np.dtype(np.int16), FINE_STEP
    return np.dtype(np.float32), np.float32(1)


@numba.njit(cache=True, error_model="numpy")
def _mix(image, gain, offset, epsilon, noise, limit, out):
    """out = clip(rint(image * gain - offset + epsilon * noise)), in quantisation steps."""
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            value = image[i, j] * gain[j] - offset[j] + epsilon[i, j] * noise
            if limit > 0:
                value = max(min(np.rint(value), limit), -limit)
            out[i, j] = value


def noised(
    image: np.ndarray,
    dataset: str,
    level: Level,
    realisation: int,
    scaling: tuple[np.ndarray, np.ndarray],
    *,
    family: str = "gaussian",
    share_levels: bool = False,
    rows: slice = slice(None),
    dtype: np.dtype,
    step: np.float32,
) -> np.ndarray:
    """Packed x_t of the chosen rows; any rows come out the same, alone or with all others.

    x_t = level.signal x_0 + level.noise epsilon, x_0 = (image - mean) / deviation (Seidler & Abel
    2024, eq. 5), returned as rint(x_t / step).

    Parameters
    ----------
    image : (sample, ...) pixel intensities of the whole data set
    scaling : (mean, deviation) of `standardisation`
    dtype, step : storage type and quantisation step of `packing`
    family : key of `netphase.noise.families.FAMILIES`
    share_levels : one random stream per realisation for all noise levels, instead of a new one for
        each
    """
    first, stop, stride = rows.indices(len(image))
    if stride != 1:
        raise ValueError("rows must be contiguous")
    pixels = image.reshape(len(image), -1)
    mean, deviation = (np.broadcast_to(s, image.shape[1:]).ravel() for s in scaling)
    gain = level.signal / deviation / step
    offset = mean * gain
    key = {"dataset": dataset, "realisation": realisation} | stream_name(family)
    if not share_levels:
        key["step"] = level.step
    packed = np.empty((max(stop - first, 0), pixels.shape[1]), dtype)
    draw = FAMILIES[family].draw
    for block in range(first // BLOCK_ROWS, -(-stop // BLOCK_ROWS)):
        start = block * BLOCK_ROWS
        wanted = slice(max(first, start), min(stop, start + BLOCK_ROWS))
        x_0 = np.subtract(image[start : start + BLOCK_ROWS], scaling[0], dtype=np.float32)
        x_0 /= np.asarray(scaling[1], np.float32)
        epsilon = draw(x_0, level.kappa, stream("noise", block=block, **key))
        _mix(
            pixels[wanted],
            gain.astype(np.float32),
            offset.astype(np.float32),
            epsilon.reshape(len(x_0), -1)[wanted.start - start : wanted.stop - start],
            np.float32(level.noise / step),
            np.float32(np.iinfo(dtype).max if dtype.kind == "i" else 0),
            packed[wanted.start - first : wanted.stop - first],
        )
    return packed.reshape(-1, *image.shape[1:])


def build(
    dataset: xr.Dataset,
    name: str,
    level: Level,
    realisations: Sequence[int],
    *,
    family: str = "gaussian",
    standardise: str = "global",
    fit_on: str = "train",
    share_levels: bool = False,
) -> xr.Dataset:
    """The cube of some realisations of one noise level, packed, with CF metadata.

    In one piece, since most of its lines are the metadata.

    Parameters
    ----------
    dataset : image(sample, y, x[, channel]), label(sample), split(sample)
    name : key of the noise streams, the data set's name in the configuration
    family, share_levels : as of `noised`; standardise, fit_on : as of `standardisation`

    Returns
    -------
    image(realisation, sample, y, x[, channel]) as stored (decode with its scale_factor), label,
    split, and the coordinates realisation, diffusion_step, kappa, alpha_bar
    """
    image = dataset["image"].values
    scaling = standardisation(image, dataset["split"].values, standardise, fit_on)
    dtype, step = packing(level, largest_pixel(image, scaling), FAMILIES[family].reach)
    packed = np.empty((len(realisations), *image.shape), dtype)
    for r, realisation in enumerate(realisations):
        packed[r] = noised(
            image, name, level, realisation, scaling,
            family=family, share_levels=share_levels, dtype=dtype, step=step,
        )  # fmt: skip
    attributes = {"long_name": "noisy image, standardised pixel intensity", "units": "1"}
    if dtype.kind == "i":
        attributes |= {"scale_factor": step, "_FillValue": dtype.type(np.iinfo(dtype).min)}
    coordinates = {
        "realisation": (
            "realisation",
            np.asarray(realisations, np.int32),
            {"long_name": "realisation, index of the noise and of the network", "units": "1"},
        ),
        "diffusion_step": ((), np.int32(level.step), {"long_name": "diffusion step", "units": "1"}),
        "kappa": ((), level.kappa, {"long_name": "noise-to-signal ratio", "units": "1"}),
        "alpha_bar": ((), level.alpha_bar, {"long_name": "signal power kept", "units": "1"}),
    }
    return xr.Dataset(
        {
            "image": (("realisation", *dataset["image"].dims), packed, attributes),
            "label": dataset["label"],
            "split": dataset["split"],
        },
        coords=coordinates,
        attrs={
            "title": f"{name}, noisy at kappa = {level.kappa:.5g}",
            "noise_family": family,
            "standardise": standardise,
            "fit_on": fit_on,
            "mean": scaling[0].ravel(),
            "standard_deviation": scaling[1].ravel(),
            "noise_stream": f"SFC64, keyed by data set, realisation, block of {BLOCK_ROWS} rows"
            + ("" if share_levels else ", diffusion step"),
        },
    )


def encoding(cube: xr.Dataset) -> dict[str, dict]:
    """NetCDF encoding of a cube: one compressed chunk per block of one realisation.

    Noise is incompressible beyond its entropy: zstd gets there at a tenth of zlib's cost.
    """
    image = cube["image"]
    return {
        "image": {
            "chunksizes": (1, min(BLOCK_ROWS, image.sizes["sample"]), *image.shape[2:]),
            "compression": "zstd",
            "complevel": 1,
        }
    }
