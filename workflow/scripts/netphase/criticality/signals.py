"""How far random deep networks carry a batch of images, and where they do so the farthest.

The phases of a network are read from Gram spectra alone (`netphase.criticality.gram_spectra`);
mean-field theory (`netphase.criticality.mean_field`) stands beside them and is not asked.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.criticality import gram_spectra
from netphase.criticality.gram_spectra import PHASES
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.criticality.random_networks import layers
from netphase.data.inputs import inputs
from netphase.errors import InputError
from netphase.files.attributes import flags
from netphase.jobs import costs
from netphase.streams import stream

N_COPIES = 2000
"""Resampled copies of the realisations behind an interval."""
ENDS = ("mean", "low", "high")
REFERENCES = (
    "Poole et al. (2016), arXiv:1606.05340; Schoenholz et al. (2017), arXiv:1611.01232; "
    "Thurn, Jefferson & Erdmenger (2024), arXiv:2406.12916"
)
MEANINGS = {
    "entropy": ("entropy of the Gram spectrum", "nat"),
    "effective_rank": ("exponential of the entropy", "1"),
    "purity": ("sum of the squared eigenvalues", "1"),
    "gap": ("1 - largest eigenvalue", "1"),
    "slope": ("change of ln(gap) over the last half of the layers", "1 / layer"),
    "xi": ("number of layers in which the gap falls by e; NaN where it does not fall", "layer"),
    "phase": ("phase by the classifier", "1"),
    "growth": ("growth of a small gap in a layer, chi, by spectra", "1"),
    "critical_variance": ("weight variance at which growth is 1; NaN where it is never", "1"),
    "critical_by_line": ("weight variance at which a line through slopes is 0, or NaN", "1"),
    "critical_mean": ("mean of critical_variance over the realisations", "1"),
    "critical_low": ("lower end of the 95 % interval of critical_mean", "1"),
    "critical_high": ("upper end of the 95 % interval of critical_mean", "1"),
    "by_line_mean": ("mean of critical_by_line over the realisations", "1"),
    "by_line_low": ("lower end of the 95 % interval of by_line_mean", "1"),
    "by_line_high": ("upper end of the 95 % interval of by_line_mean", "1"),
    "critical_weight_variance": ("critical weight variance by mean-field theory", "1"),
    "q": ("variance of the pre-activations after infinitely many layers, mean field", "1"),
    "chi": ("growth of a small difference in a layer, mean field", "1"),
    "c": ("correlation of two inputs after infinitely many layers, mean field", "1"),
    "depth_of_c": ("layers in which a deviation of c falls by e, mean field", "layer"),
    "depth_of_q": ("layers in which a deviation of q falls by e, mean field", "layer"),
    "entropy_inf": ("entropy after infinitely many layers, mean field", "nat"),
    "gap_inf": ("gap after infinitely many layers, mean field", "1"),
    "input_entropy": ("entropy of the Gram spectrum of the images themselves", "nat"),
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

    Parameters
    ----------
    dataset : as of `netphase.data.datasets.read`
    name, realisation : of the data set and of the random numbers
    network : weight_variances, bias_variance, side (most pixels along one side of the images)
    spectra : images (of the batch), width, depth, flat and least (see `gram_spectra.classify`)

    Returns
    -------
    found : xarray.Dataset
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
    variables = {
        key: (("dataset", "realisation", *dims[: np.ndim(value)]), np.array([[value]]))
        for key, value in measures.items()
    }
    coords = {"dataset": [name], "realisation": np.array([realisation], np.int32)}
    coords |= {
        "weight_variance": variances,
        "layer": np.arange(1, spectra["depth"] + 1, dtype=np.int32),
    }
    attributes = {"n_images": np.int32(spectra["images"])}
    cost = costs.spent(began, {"dataset": name, "realisation": realisation})
    return _described(xr.Dataset(variables, coords, attributes)), cost


def join(found: Sequence[xr.Dataset], bias_variance: float, rng: np.random.Generator) -> xr.Dataset:
    """All realisations of all data sets, the critical variance with its interval, mean field.

    Parameters
    ----------
    found : as of `propagate`
    rng : of the copies in which the realisations are resampled
    """
    whole = xr.combine_by_coords(found, combine_attrs="drop_conflicts")
    # The encoding of the first file would cut names to the length of its own.
    whole = whole.drop_encoding()
    for estimate, short in (("critical_variance", "critical"), ("critical_by_line", "by_line")):
        values = whole[estimate].transpose("dataset", "realisation").values
        for end, found_ends in zip(ENDS, bootstrap_mean(values, rng), strict=True):
            whole[f"{short}_{end}"] = "dataset", found_ends
    points = [fixed_point(variance, bias_variance) for variance in whole.weight_variance.values]
    for name in ("q", "chi", "c", "depth_of_c", "depth_of_q"):
        whole[name] = "weight_variance", [getattr(point, name) for point in points]
    n_images = int(whole.attrs["n_images"])
    limits = np.array(
        [gram_spectra.expected_spectrum(point, bias_variance, n_images) for point in points]
    )
    whole["entropy_inf"] = "weight_variance", gram_spectra.entropy(limits)
    whole["gap_inf"] = "weight_variance", 1 - limits[:, -1]
    whole["critical_weight_variance"] = critical_weight_variance(bias_variance)
    return _described(whole)


def bootstrap_mean(
    values: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over the last axis, and the ends of its 95 % interval, by resampling that axis.

    All three are NaN where one of the values is.
    """
    n = values.shape[-1]
    copies = values[..., rng.integers(n, size=(N_COPIES, n))].mean(axis=-1)
    low, high = np.quantile(copies, (0.025, 0.975), axis=-1)
    return values.mean(axis=-1), low, high


def _or_nan(estimate, *data):
    """What an estimate gives, or NaN where the data do not allow it."""
    try:
        return estimate(*data)
    except InputError:
        return np.nan


def _described(found):
    for name in found.data_vars:
        meaning, units = MEANINGS[name]
        found[name].attrs = {"long_name": meaning, "units": units}
    found.phase.attrs |= flags(PHASES)
    for name in AXES.keys() & found.coords.keys():
        found[name].attrs = {"long_name": AXES[name], "units": "1"}
    found.attrs |= {"title": "Gram spectra of random networks", "references": REFERENCES}
    return found
