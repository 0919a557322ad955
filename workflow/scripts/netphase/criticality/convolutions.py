"""Signals in random convolutional networks of tanh units, with and without residual connections.

A layer is h' = tanh(W * h + b), the convolution over 3 x 3 pixels of periodic images, in residual
networks h' = tanh(W * h + b + h). With many channels the first obeys the mean-field theory of dense
networks, its fan-in being nine times the channels (Xiao et al. 2018, arXiv 1806.05393). In the
second the identity carries signals on: the difference of two inputs decays, if at all, as a power
of the depth and not exponentially (Yang and Schoenholz 2017, arXiv 1712.08969, for h' = h + tanh).
"""

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from netphase.criticality.gram_spectra import entropy, spectrum
from netphase.criticality.random_networks import check_variances
from netphase.data.inputs import inputs
from netphase.files.flags import flags
from netphase.streams import stream

SPECTRA = {
    "gap": "1 - largest eigenvalue of the Gram matrix of normalised activations",
    "entropy": "entropy of the eigenvalues",
}
AXES = {
    "network": "networks",
    "dataset": "data set",
    "realisation": "realisation, index of the random numbers",
    "weight_variance": "variance of a weight, times the fan-in",
    "layer": "layer, from 1 on",
    "bias_variance": "variance of a bias",
    "residual": "whether a layer is added to the one before",
}


def layers(
    images: np.ndarray,
    weight_variance: float,
    bias_variance: float,
    channels: int,
    depth: int,
    rng: np.random.Generator,
    *,
    residual: bool,
) -> Iterator[np.ndarray]:
    """Yield the activations (inputs, pixels * channels) of each layer of a random network.

    The first layer maps the single channel of the images to `channels`, without a residual
    connection.

    Parameters
    ----------
    images : (n, y, x)
    weight_variance : of a weight, times the fan-in of nine times the channels
    bias_variance : of a bias

    Raises
    ------
    InputError
        Unless weight_variance > 0 and bias_variance >= 0.
    """
    check_variances(weight_variance, bias_variance)
    signal = np.asarray(images, np.float64)[..., np.newaxis]
    for layer in range(depth):
        around = neighbourhoods(signal)
        weights = rng.standard_normal((around.shape[-1], channels))
        biases = np.sqrt(bias_variance) * rng.standard_normal(channels)
        drive = np.sqrt(weight_variance / len(weights)) * (around @ weights) + biases
        signal = np.tanh(drive + signal if layer and residual else drive)
        yield signal.reshape(len(signal), -1)


def neighbourhoods(signal: np.ndarray) -> np.ndarray:
    """The 3 x 3 pixels around each pixel: (n, y, x, channels) -> (n, y, x, 9 channels)."""
    rows = np.concatenate([np.roll(signal, shift, 1) for shift in (1, 0, -1)], axis=-1)
    return np.concatenate([np.roll(rows, shift, 2) for shift in (1, 0, -1)], axis=-1)


def propagate(
    dataset: xr.Dataset, *, network: str, name: str, realisation: int, settings: Mapping
) -> xr.Dataset:
    """Gram spectra of a batch of training images in all layers of one random network.

    The networks of all weight variances have the same random weights up to a factor.

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    network, name, realisation : coordinates of the job: networks, data set, random numbers
    settings : kind (of KINDS), weight_variances, bias_variance, side, images (number of them, the
        first ones), channels, depth

    Returns
    -------
    xarray.Dataset
        SPECTRA over (network, dataset, realisation, weight_variance, layer), layers from 1 on;
        bias_variance and residual over network.
    """
    rows = np.flatnonzero(dataset.split.values == 0)[: settings["images"]]
    images = inputs(dataset, settings["side"], name)[rows]
    variances, residual = settings["weight_variances"], settings["kind"] == "residual"
    found = np.empty((len(SPECTRA), len(variances), settings["depth"]))
    for v, variance in enumerate(variances):
        rng = stream("random convolutions", network=network, dataset=name, realisation=realisation)
        drawn = layers(
            images, variance, settings["bias_variance"], settings["channels"], settings["depth"],
            rng, residual=residual,
        )  # fmt: skip
        for layer, activations in enumerate(drawn):
            eigenvalues = spectrum(activations)
            found[:, v, layer] = 1 - eigenvalues[-1], entropy(eigenvalues)
    dims = ("network", "dataset", "realisation", "weight_variance", "layer")
    result = xr.Dataset(
        {key: (dims, values[np.newaxis, np.newaxis, np.newaxis])
         for key, values in zip(SPECTRA, found, strict=True)},
        {
            "network": [network],
            "dataset": [name],
            "realisation": np.array([realisation], np.int32),
            "weight_variance": np.array(variances, float),
            "layer": np.arange(1, settings["depth"] + 1, dtype=np.int32),
            "bias_variance": ("network", [float(settings["bias_variance"])]),
            "residual": ("network", np.array([residual], np.int8)),
        },
        {"title": f"Signals in random networks of convolutions ({network}) on {name}"},
    )  # fmt: skip
    for name, meaning in (SPECTRA | AXES).items():
        result[name].attrs = {"long_name": meaning, "units": "1"}
    result.residual.attrs |= flags(("no", "yes"))
    return result
