"""Gram spectra of a batch of images in all layers of random deep networks.

The phases of a network are read from these spectra alone (`netphase.criticality.gram_spectra`).
"""

import time
from collections.abc import Mapping

import numpy as np
import xarray as xr

from netphase.criticality import gram_spectra
from netphase.criticality.gram_spectra import PHASES
from netphase.criticality.random_networks import layers
from netphase.data.inputs import inputs
from netphase.errors import InputError
from netphase.files.flags import flags
from netphase.jobs import costs
from netphase.streams import stream

REFERENCES = (
    "Poole et al. (2016), arXiv:1606.05340; Schoenholz et al. (2017), arXiv:1611.01232; "
    "Thurn, Jefferson & Erdmenger (2024), arXiv:2406.12916"
)
MEASURES = {
    "entropy": "entropy of the Gram spectrum",
    "effective_rank": "exponential of the entropy",
    "purity": "sum of the squared eigenvalues",
    "gap": "1 - largest eigenvalue",
    "slope": "change of ln(gap) over the last half of the layers",
    "xi": "number of layers in which the gap falls by e; NaN where it does not fall",
    "phase": "phase by the classifier",
    "growth": "growth of a small gap in a layer, chi, by spectra",
    "critical_variance": "weight variance at which growth is 1; NaN where it is never",
    "critical_by_line": "weight variance at which a line through slopes is 0, or NaN",
    "input_entropy": "entropy of the Gram spectrum of the images themselves",
}
UNITS = {
    "entropy": "nat",
    "slope": "1 / layer",
    "xi": "layer",
    "input_entropy": "nat",
}
AXES = {
    "dataset": "data set",
    "realisation": "realisation: images, weights and biases",
    "weight_variance": "variance of a weight, times the fan-in",
    "layer": "layer, from 1 on",
}


def propagate(
    dataset: xr.Dataset, *, name: str, realisation: int, network: Mapping, spectra: Mapping
) -> tuple[xr.Dataset, xr.Dataset]:
    """Gram spectra of a batch of training images in all layers of networks of all variances.

    In one piece, since it is a list of measures and the metadata of their file.

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    name, realisation : of the data set and of the random numbers
    network : weight_variances, bias_variance, side (most pixels along one side of the images)
    spectra : images (of the batch), width, depth, flat and least (see `gram_spectra.classify`)

    Returns
    -------
    signals : xarray.Dataset
        entropy, effective_rank, purity and gap over (dataset, realisation, weight_variance, layer);
        slope, xi, phase and growth over the first three; input_entropy, critical_variance and
        critical_by_line over the first two.
    cost : xarray.Dataset
        ``cpu_seconds`` over (dataset, realisation).

    Raises
    ------
    InputError : more images than the data set has, or too few layers
    """
    began = time.process_time()
    images = inputs(dataset, network["side"], name)[dataset.split.values == 0]
    if spectra["images"] > len(images):
        raise InputError(
            f"spectra.images: {spectra['images']}, but {name} has {len(images)} to train on"
        )
    rng = stream("signals", dataset=name, realisation=realisation)
    batch = images[rng.permutation(len(images))[: spectra["images"]]].reshape(spectra["images"], -1)
    variances = np.array(network["weight_variances"], float)
    course = layers(
        batch, variances, network["bias_variance"], spectra["width"], spectra["depth"], rng
    )
    eigenvalues = np.stack([gram_spectra.spectrum(signal) for signal in course], axis=1)
    gaps = 1 - eigenvalues[..., -1]
    rule = {key: spectra[key] for key in ("flat", "least")}
    classes = [gram_spectra.classify(gap, **rule) for gap in gaps]
    slopes = np.array([one.slope for one in classes])
    decays = np.array([one.phase == "subcritical" for one in classes])
    growth = np.array([_or_nan(gram_spectra.growth_of_gaps, gap) for gap in gaps])
    entropy = gram_spectra.entropy(eigenvalues)
    measures = {
        "entropy": entropy,
        "effective_rank": np.exp(entropy),
        "purity": gram_spectra.purity(eigenvalues),
        "gap": gaps,
        "slope": slopes,
        "xi": np.divide(-1, slopes, out=np.full(slopes.shape, np.nan), where=slopes < 0),
        "phase": np.array([PHASES.index(one.phase) for one in classes], np.int8),
        "growth": growth,
        "critical_variance": _or_nan(gram_spectra.variance_of_no_growth, variances, growth),
        "critical_by_line": _or_nan(
            gram_spectra.critical_variance, variances, np.where(decays, slopes, 0)
        ),
        "input_entropy": gram_spectra.entropy(gram_spectra.spectrum(batch)),
    }
    dims = ("weight_variance", "layer")
    variables = {}
    for key, value in measures.items():
        of = ("dataset", "realisation", *dims[: np.ndim(value)])
        words = {"long_name": MEASURES[key], "units": UNITS.get(key, "1")}
        variables[key] = of, np.array([[value]]), words
    coords = {"dataset": [name], "realisation": np.array([realisation], np.int32)}
    coords |= {
        "weight_variance": variances,
        "layer": np.arange(1, spectra["depth"] + 1, dtype=np.int32),
    }
    found = xr.Dataset(
        variables,
        {
            key: (key, values, {"long_name": AXES[key], "units": "1"})
            for key, values in coords.items()
        },
        {
            "title": "Gram spectra of random networks",
            "references": REFERENCES,
            "n_images": np.int32(spectra["images"]),
        },
    )
    found.phase.attrs |= flags(PHASES)
    return found, costs.spent(began, {"dataset": name, "realisation": realisation})


def _or_nan(estimate, *data):
    """Value of an estimate, or NaN where the data do not allow it."""
    try:
        return estimate(*data)
    except InputError:
        return np.nan
