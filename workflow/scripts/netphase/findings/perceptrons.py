"""Verdicts on the claims of Seidler & Abel (2024), on perceptrons trained at each noise level."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import t as student

from netphase.findings.verdicts import Claim, Quantity, Reading, Verdict, around, judge_claims
from netphase.runs.ladders import ladders
from netphase.statistics.binomial import binomial_half_width
from netphase.statistics.intervals import Z_975
from netphase.transitions.normalisation import normalise_levels
from netphase.transitions.sigmoid import NO_FALL


class Found(NamedTuple):
    """Results of a study on one ladder of sizes: statistics of its runs and sigmoid fits."""

    statistics: xr.Dataset
    fits: xr.Dataset


def judge(
    statistics: xr.Dataset, transition: xr.Dataset, claims: Sequence[Claim]
) -> dict[str, list[Verdict]]:
    """Judge every claim on every data set and ladder of sizes.

    Parameters
    ----------
    statistics, transition : of `netphase.runs.aggregation.summarise` and
        `netphase.transitions.sigmoid.fit_transition`

    Returns
    -------
    dict
        Data set -> records, the name of the ladder as their system.
    """
    verdicts = {}
    for dataset in map(str, statistics.dataset.values):
        fits = ladders(transition.sel(dataset=dataset))
        verdicts[dataset] = [
            verdict
            for name, ladder in ladders(statistics.sel(dataset=dataset)).items()
            for verdict in judge_claims(
                claims, QUANTITIES, Found(ladder, fits[name]), name, dataset
            )
        ]
    return verdicts


def fisher_interval(r2, n) -> tuple[float, float]:
    """95 % interval of R^2 over n points: tanh^2(artanh(R) -+ 1.96 / sqrt(n - 3))."""
    with np.errstate(divide="ignore"):
        z = np.arctanh(np.sqrt(max(r2, 0.0)))
    step = Z_975 / np.sqrt(n - 3)
    return float(np.tanh(max(z - step, 0.0)) ** 2), float(np.tanh(z + step) ** 2)


def half_width_of_mean(statistics: xr.Dataset) -> xr.DataArray:
    """Student t(0.975, R - 1) s.d. / sqrt(R); 1.96 binomial standard errors for R = 1."""
    n = statistics.n_realisations
    t = xr.apply_ufunc(student.ppf, 0.975, (n - 1).where(n > 1))
    binomial = binomial_half_width(statistics.mean_accuracy, statistics.n_samples)
    return (t * statistics.sd_accuracy / np.sqrt(n)).where(n > 1, binomial)


def half_width_of_maximum(statistics: xr.Dataset) -> xr.DataArray:
    """1.96 s.d. min(1, pi / sqrt(12 ln R)), by Gumbel's limit for the maximum of R normal values.

    1.96 binomial standard errors for R = 1.
    """
    n = statistics.n_realisations
    shrinkage = np.minimum(np.pi / np.sqrt(12 * np.log(n.where(n > 1))), 1)
    binomial = binomial_half_width(statistics.mean_accuracy, statistics.n_samples)
    return (Z_975 * shrinkage * statistics.sd_accuracy).where(n > 1, binomial)


def _test_fit(fits, size, curve):
    return fits.sel(split="test", curve=curve).reindex(size=[size]).isel(size=0)


def _r2(name, quantity, fits, size):
    fit, n_levels = _test_fit(fits, size, "mean"), _test_fit(fits, size, "max").n_points
    if fit.status == NO_FALL:
        return Reading(name, 0.0, 0.0, 0.0)
    value = float(fit[quantity].where(fit.converged == 1))
    n = fit.n_points if quantity == "r2_points" else n_levels
    return Reading(name, value, *fisher_interval(value, float(n)))


def _plateau(fits, size, curve):
    """Plateau of a converged fit and its half-width, NaN without."""
    fit = _test_fit(fits, size, curve)
    fit = fit.where(fit.converged == 1)
    return float(fit.plateau), float(student.ppf(0.975, fit.n_points - 4) * fit.plateau_se)


def _r2_of_one_size(found, claim):
    return [
        _r2("all points", "r2_points", found.fits, claim["size"]),
        _r2("means of the levels", "r2_means", found.fits, claim["size"]),
    ]


def _r2_of_every_size(found, claim):
    return [
        _r2(f"{size} units", "r2_points", found.fits, size) for size in found.fits["size"].values
    ]


def _floor_above_chance(found, claim):
    chance = 1 / found.statistics.n_classes
    test = found.statistics.sel(split="test")
    error = np.sqrt(chance * (1 - chance) / test.n_samples)
    distance = ((test.floor - chance) / error).where(test.floor_levels > 0)
    half_width = Z_975 / np.sqrt(test.n_realisations.max("step") * test.floor_levels)
    return [
        around(f"{size} units", distance.sel(size=size), half_width.sel(size=size))
        for size in test["size"].values
    ]


def _plateau_of_one_size(found, claim):
    return [
        around("mean over the realisations", *_plateau(found.fits, claim["size"], "mean")),
        around("maximum over the realisations", *_plateau(found.fits, claim["size"], "max")),
    ]


def _plateau_gain(found, claim):
    smallest, largest = (
        _plateau(found.fits, found.fits["size"].values[i], "mean") for i in (0, -1)
    )
    gain = largest[0] - smallest[0]
    return [around("largest minus smallest size", gain, np.hypot(smallest[1], largest[1]))]


def _saturation_size(found, claim):
    test = found.statistics.sel(split="test")
    if claim["size"] not in test["size"].values[:-1]:
        return [Reading(f"sizes from {claim['size']} up", np.nan, np.nan, np.nan)]
    readings = []
    for name, best, half_width in (
        ("mean over the realisations", test.mean_accuracy, half_width_of_mean(test)),
        ("maximum over the realisations", test.max_accuracy, half_width_of_maximum(test)),
    ):
        level = best.fillna(-1).argmax("step")
        best, half_width = best.isel(step=level), half_width.isel(step=level)
        missing = best.isel(size=-1) - best
        error = np.hypot(half_width, half_width.isel(size=-1))
        sizes = [
            int(test["size"].values[_first_of_tail((gap <= claim["tolerance"]).values)])
            for gap in (missing, missing - error, missing + error)
        ]
        readings.append(Reading(name, *sizes))
    return readings


def _first_of_tail(within):
    """First element of the unbroken run of True at the end; the last element is True."""
    within = np.append(within[:-1], True)
    return within.size - np.argmin(np.append(within[::-1], False))


def _train_accuracy(found, claim):
    train = found.statistics.sel(split="train").reindex(size=[claim["size"]]).isel(size=0)
    half_width = half_width_of_mean(train)
    return [
        around(f"kappa {kappa:.3g}", train.mean_accuracy[i], half_width[i])
        for i, kappa in enumerate(train.kappa.values)
    ]


def _spread_of_normalised_curves(found, claim):
    test = found.statistics.sel(split="test").transpose("size", "step")
    test = test.isel(step=np.flatnonzero(test.kappa > 0))
    height = test.max_accuracy.max("step") - test.max_accuracy.min("step")
    curves = normalise_levels(test.max_accuracy, "minmax").values
    half_width = (half_width_of_maximum(test) / height.where(height > 0)).values
    readings = []
    for i, size in enumerate(test["size"].values[:-1]):
        spread = np.ptp(curves[i:], axis=0)
        level = np.argmax(np.nan_to_num(spread))
        at_level = curves[i:, level]
        ends = half_width[i:, level][[at_level.argmin(), at_level.argmax()]]
        readings.append(around(f"{size} units up", spread[level], np.hypot(*ends)))
    return readings


QUANTITIES = {
    "sigmoid_at_every_size": Quantity(
        "R2 of the sigmoid over the test accuracies of all realisations",
        "",
        "Fisher z over the number of points",
        "network size",
        _r2_of_every_size,
    ),
    "floor_above_chance": Quantity(
        "measured floor minus 1/classes, in binomial standard errors of one test set",
        "standard errors",
        "1.96 binomial standard errors of the mean of the levels in the floor",
        "network size",
        _floor_above_chance,
    ),
    "r2": Quantity(
        "R2 of the sigmoid of the test accuracy",
        "",
        "Fisher z over the number of points or levels",
        "reading of R2",
        _r2_of_one_size,
    ),
    "plateau": Quantity(
        "plateau of the sigmoid of the test accuracy",
        "",
        "t(0.975, points - 4) standard errors from the Jacobian",
        "curve that is fitted",
        _plateau_of_one_size,
    ),
    "plateau_gain": Quantity(
        "plateau of the test accuracy of the largest size minus that of the smallest",
        "",
        "t(0.975, points - 4) standard errors from the Jacobian",
        "network size",
        _plateau_gain,
    ),
    "saturation_size": Quantity(
        "size from which on the best test accuracy over the levels is within 0.02 of the largest's",
        "units",
        "sizes at the ends of the interval of the difference: t(0.975, R - 1) s.d. / sqrt(R) of a "
        "mean, 1.96 Gumbel standard deviations of a maximum",
        "accuracy that is compared",
        _saturation_size,
    ),
    "train_accuracy": Quantity(
        "mean train accuracy at a noise level",
        "",
        "t(0.975, R - 1) s.d. / sqrt(R)",
        "noise level",
        _train_accuracy,
    ),
    "spread_of_normalised_curves": Quantity(
        "largest difference between the sizes of the maximum test accuracy, scaled to 0..1",
        "",
        "1.96 Gumbel standard deviations of the maxima of the two sizes that differ most",
        "range of sizes",
        _spread_of_normalised_curves,
    ),
}
