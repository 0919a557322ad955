"""Depth to which networks of each weight variance can be trained, and its predictors.

Mean-field theory bounds the depth by about six decay lengths xi_c of the correlation of two inputs
(Schoenholz et al. 2017, arXiv 1611.01232, section 5).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.errors import InputError
from netphase.files import attributes
from netphase.statistics.intervals import PERCENTILES, Interval, interval, resampled_means

DIMENSIONS = ("dataset", "depth", "initialisation", "realisation", "step")
"""Of the jobs of `netphase.criticality.deep_training.train`."""
LENGTHS = 6
"""Decay lengths of a correlation after which a network cannot be trained any more."""
LONG_NAMES = {
    "dataset": "data set",
    "depth": "number of hidden layers",
    "weight_variance": "variance of a weight, times the fan-in",
    "realisation": "realisation, index of the random numbers",
    "train_accuracy": "accuracy on the training images at the end",
    "test_accuracy": "accuracy on the test images at the end",
    "first_step": "step at which the test accuracy is first above the threshold, NaN if never",
    "trained_depth": "depth at which the test accuracy at the end falls below the threshold",
    "trained_depth_mean": "mean of trained_depth, a lower bound where trained_through > 0",
    "trained_depth_high": "upper end of the interval of trained_depth_mean, or NaN: it has none",
    "trained_through": "share of the realisations in which the deepest networks are trained",
    "deepest": "weight variance of the networks that train deepest",
    "deepest_mean": "mean of deepest",
    "decay_length": "mean-field decay length of the correlation of two inputs, in layers",
    "critical_variance": "mean-field critical weight variance",
    "lengths": "trained_depth over decay_length, geometric mean where six of those are in reach",
    "predictor": "predictor of the trained depth",
    "rank_correlation": "Spearman correlation of trained depth and prediction over the variances",
    "distance": "deepest less the predicted critical weight variance",
    "predicted": "predicted critical weight variance",
    "initialisation": "initialisation",
    "accuracy_mean": "mean test accuracy at the end",
    "accuracy_half": "half of the 95 % interval of accuracy_mean",
    "gain": "test accuracy with the chosen initialisation less that with this one, paired",
    "gain_half": "half of the 95 % interval of gain (paired t)",
    "chosen": "chosen weight variance",
}


def trained_depth(depths: np.ndarray, accuracy: np.ndarray, threshold: float) -> np.ndarray:
    """Depth (...) at which the accuracy (..., depths) falls below a threshold for good.

    Straight lines join the accuracies of neighbouring depths. The depth is the last one where no
    network falls below, and 0 where all do.

    Parameters
    ----------
    depths : ascending
    """
    above = accuracy > threshold
    last = accuracy.shape[-1] - 1 - above[..., ::-1].argmax(axis=-1)
    following = np.minimum(last + 1, accuracy.shape[-1] - 1)
    here, there = (
        np.take_along_axis(accuracy, k[..., np.newaxis], -1)[..., 0] for k in (last, following)
    )
    drop = np.where(here > there, here - there, 1)
    share = np.where(following > last, (here - threshold) / drop, 0)
    found = depths[last] + share * (depths[following] - depths[last])
    return np.where(above.any(axis=-1), found, 0.0)


def deepest(weight_variances: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Variance (...) at which the trained depth (..., variances) is largest; of ties, the middle.

    The middle is the mean of the least and the largest of them.
    """
    top = depth == depth.max(axis=-1, keepdims=True)
    low = weight_variances[top.argmax(axis=-1)]
    high = weight_variances[::-1][top[..., ::-1].argmax(axis=-1)]
    return (low + high) / 2


def unbounded(trained: xr.Dataset) -> np.ndarray:
    """Weight variances at which most of the deepest networks are trained, if three or more.

    No single one of them can then be called the variance that trains deepest.

    Parameters
    ----------
    trained : of `describe`, of one data set
    """
    through = trained.weight_variance.values[trained.trained_through.values > 0.5]
    return through if through.size >= 3 else through[:0]


def describe(runs: xr.Dataset, *, threshold: float, bias_variance: float, kind: str) -> xr.Dataset:
    """Measure the trained depth at each weight variance, and compare it with mean-field theory.

    Parameters
    ----------
    runs : jobs of some networks, aggregated over DIMENSIONS; initialisations differ in their weight
        variance alone
    threshold : test accuracy above which a network counts as trained
    kind : one of `netphase.criticality.deep_networks.KINDS`; the theory does not hold for residual
        ones, of which decay_length, critical_variance and lengths are NaN

    Returns
    -------
    xarray.Dataset
        Over (dataset, weight_variance, depth, realisation): train_accuracy, test_accuracy at the
        end, first_step; over (dataset, weight_variance): trained_depth with realisation and its
        mean and interval, trained_through; over dataset: deepest likewise, lengths with interval;
        decay_length over weight_variance; critical_variance.
    """
    variances = runs.weight_variance.isel(dataset=0).values
    runs = runs.drop_vars(["weight_variance", "bias_variance"])
    runs = runs.assign_coords(initialisation=variances)
    runs = runs.rename(initialisation="weight_variance").sortby("weight_variance")
    order = ("dataset", "weight_variance", "depth", "realisation")
    last = runs.isel(step=-1, drop=True).transpose(*order)
    passed = (runs.test_accuracy > threshold).transpose(*order, "step")
    first = runs.step.values[passed.values.argmax(axis=-1)].astype(float)
    first[~passed.values.any(axis=-1)] = np.nan
    result = last[["train_accuracy", "test_accuracy"]].assign(first_step=(order, first))

    depths, variances = runs.depth.values, runs.weight_variance.values
    accuracy = last.test_accuracy.transpose(..., "depth").values
    depth = trained_depth(depths, accuracy, threshold)
    through = (accuracy[..., -1] > threshold).mean(axis=-1)
    across = ("dataset", "weight_variance")
    result["trained_depth"] = (*across, "realisation"), depth
    result["trained_through"] = across, through
    mean = interval(depth)
    mean = mean._replace(high=np.where(through > 0, np.nan, mean.high))
    _add(result, "trained_depth", across, mean, suffix="_mean")
    best = deepest(variances, np.swapaxes(depth, 1, 2))
    result["deepest"] = ("dataset", "realisation"), best
    _add(result, "deepest", ("dataset",), interval(best), suffix="_mean")

    theory = kind != "residual"
    lengths = [fixed_point(w, bias_variance).depth_of_c for w in variances] if theory else np.nan
    result["decay_length"] = "weight_variance", np.broadcast_to(lengths, variances.shape)
    critical = critical_weight_variance(bias_variance) if theory else np.nan
    result["critical_variance"] = (), critical
    # Only where the depth is known, and bounded by the theory and not by finite widths.
    bounded = LENGTHS * result.decay_length.values < depths[-1]
    known = (depth > 0) & (depth < depths[-1]) & bounded[:, np.newaxis]
    length = result.decay_length.values[:, np.newaxis]
    ratio = np.log(np.where(known, depth, 1) / np.where(known, length, 1))
    counts = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(known, ratio, 0).sum(axis=1) / counts
    _add(result, "lengths", ("dataset",), Interval(*map(np.exp, interval(means))))
    settings = {"threshold": threshold, "bias_variance": bias_variance, "kind": kind}
    return _described(result, "Depth to which networks can be trained", runs.attrs, **settings)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman correlation (...) over the last axis; ties share their ranks, NaN where all tie."""
    ranks = [rankdata(values, axis=-1) for values in (first, second)]
    x, y = (rank - rank.mean(axis=-1, keepdims=True) for rank in ranks)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))


class Prediction(NamedTuple):
    """Quantity that grows with the depth to which a network should be trainable.

    depth : (dataset, weight_variance[, realisation]), or None
    critical : (dataset, realisation) critical weight variance, or None
    """

    depth: xr.DataArray | None
    critical: xr.DataArray | None


def predictions(signals: xr.Dataset, cascade: xr.Dataset) -> dict[str, Prediction]:
    """Predictors of the trained depth, all known before training.

    - mean_field: the decay length xi_c, and where it diverges;
    - spectra: closeness of ln w to the critical variance by Gram spectra;
    - cutoff: last layer at which the relative entropy of the cascade still changes;
    - reconstruction: smallness of the reconstruction error at the end of the cascade, and the
      variance that minimises it.

    Parameters
    ----------
    signals : of `netphase.criticality.signals.join`
    cascade : of `netphase.criticality.cascades.join`
    """
    cascade = cascade.sel(decoder=cascade.attrs["quoted"])
    datasets = signals.critical_mean.dataset
    variance = signals.weight_variance
    last = cascade.optimum.sel(metric="error").isel(layer=-1, drop=True)
    exact = signals.critical_weight_variance.expand_dims(dataset=datasets, realisation=[0])
    return {
        "mean_field": Prediction(signals.depth_of_c.expand_dims(dataset=datasets), exact),
        "spectra": Prediction(
            -abs(np.log(variance / signals.critical_mean)), signals.critical_variance
        ),
        "cutoff": Prediction(cascade.cutoff.sel(metric="relative_entropy", drop=True), None),
        "reconstruction": Prediction(-cascade.error.isel(layer=-1, drop=True), last),
    }


def compare(
    trained: xr.Dataset, predictions: Mapping[str, Prediction], rng: np.random.Generator
) -> xr.Dataset:
    """Compare the trained depth with its predictors, with 95 % intervals.

    The mean trained depth is compared with the mean prediction over their common variances.
    The bootstrap resamples the realisations, of networks and predictions apart.

    Parameters
    ----------
    trained : of `describe`
    predictions : by name

    Returns
    -------
    xarray.Dataset
        rank_correlation over (predictor, dataset); predicted and distance, of the critical weight
        variance, likewise; with intervals, NaN where a predictor has no value.

    Raises
    ------
    InputError : fewer than three variances are common
    """
    shape = (len(predictions), trained.sizes["dataset"])
    found = {
        name: np.full((3, *shape), np.nan) for name in ("rank_correlation", "predicted", "distance")
    }
    for p, (name, prediction) in enumerate(predictions.items()):
        for d, dataset in enumerate(trained.dataset.values):
            one = trained.sel(dataset=dataset)
            if prediction.depth is not None:
                found["rank_correlation"][:, p, d] = _correlation(
                    one.trained_depth, prediction.depth.sel(dataset=dataset), name, rng
                )
            if prediction.critical is not None:
                critical = prediction.critical.sel(dataset=dataset).values
                critical = critical[np.isfinite(critical)]
                copies = [resampled_means(values, rng) for values in (critical, one.deepest.values)]
                ends = np.quantile([copies[0], copies[1] - copies[0]], PERCENTILES, axis=1)
                values = critical.mean(), one.deepest.values.mean() - critical.mean()
                for key, value, (low, high) in zip(
                    ("predicted", "distance"), values, ends.T, strict=True
                ):
                    found[key][:, p, d] = value, low, high
    result = xr.Dataset(coords={"predictor": list(predictions), "dataset": trained.dataset})
    for name, values in found.items():
        _add(result, name, ("predictor", "dataset"), Interval(*values))
    return _described(result, "Predictors of the depth to which networks can be trained", {})


def _correlation(depth, prediction, name, rng):
    """Rank correlation over the common variances, NaN where all tie, and its interval.

    Realisations of which a variance is unknown are left out, but decay lengths may be infinite.
    """
    variances = np.intersect1d(depth.weight_variance, prediction.weight_variance)
    if variances.size < 3:
        raise InputError(f"weight_variances: {name} has fewer than three of those of the networks")
    rows = [
        np.atleast_2d(part.sel(weight_variance=variances).transpose(..., "weight_variance").values)
        for part in (depth, prediction)
    ]
    rows = [part[~np.isnan(part).any(axis=1)] for part in rows]
    if not all(map(len, rows)):
        return np.full(3, np.nan)
    value = rank_correlation(*(part.mean(axis=0) for part in rows))
    if not np.isfinite(value):
        return np.full(3, np.nan)
    copies = [resampled_means(part, rng) for part in rows]
    return value, *np.nanquantile(rank_correlation(*copies), PERCENTILES)


def compare_choice(runs: xr.Dataset) -> xr.Dataset:
    """Gain of a chosen weight variance over the usual initialisations, in paired networks.

    Parameters
    ----------
    runs : aggregated over DIMENSIONS, the initialisations being those of
        `netphase.criticality.deep_training.of_choice`

    Returns
    -------
    xarray.Dataset
        Over (dataset, depth, initialisation): accuracy_mean, gain, with halves of their intervals;
        test_accuracy likewise with realisation.
    """
    order = ("dataset", "depth", "initialisation", "realisation")
    accuracy = runs.test_accuracy.isel(step=-1, drop=True).transpose(*order)
    result = accuracy.to_dataset(name="test_accuracy")
    result = result.drop_vars(("weight_variance", "bias_variance"), errors="ignore")
    gains = accuracy.sel(initialisation="chosen").values[:, :, np.newaxis] - accuracy.values
    for name, values in (("accuracy", accuracy.values), ("gain", gains)):
        found = interval(values)
        result[{"accuracy": "accuracy_mean", "gain": "gain"}[name]] = order[:-1], found.mean
        result[f"{name}_half"] = order[:-1], found.high - found.mean
    chosen = runs.weight_variance.sel(initialisation="chosen")
    result["chosen"] = "dataset", chosen.sel(dataset=result.dataset).values
    return _described(
        result, "A chosen weight variance beside the usual initialisations", runs.attrs
    )


def _add(result, name, dims, found, suffix=""):
    for end, values in zip((suffix, "_low", "_high"), found, strict=True):
        result[name + end] = dims, values


def _described(result, title, attrs, **settings):
    kept = {key: attrs[key] for key in ("network", "n_classes", "references") if key in attrs}
    result.attrs = {"title": title} | kept | settings
    attributes.describe(result, LONG_NAMES)
    return result
