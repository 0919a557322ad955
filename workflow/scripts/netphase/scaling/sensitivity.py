"""Exponent of the width under every other reading of the width.

Choices: the estimator (`netphase.transitions.widths`), the family of the fits or the normalisation
of the level sets, the coordinate, the pair of level sets, the smallest size. One row is the quoted
result: seed_fit, the quoted family, ln_kappa, level sets 0.9 and 0.1, all sizes. (Errors here are
those of the scatter alone; the quoted ones draw on the errors of the fits too, see
`netphase.scaling.exponents.moderated_mean`.)
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from netphase.runs.ladders import ladders, noised_test
from netphase.runs.statistics import flat_floor
from netphase.scaling.power_laws import exclusions, exponents_from, span_decades
from netphase.transitions.model_selection import controls
from netphase.transitions.normalisation import NORMALISATIONS, normalise
from netphase.transitions.widths import (
    LEVELS,
    REASONS,
    LogWidth,
    mean_levels,
    seed_fit,
    seed_levels,
)

PAIRS = LEVELS["A"] + LEVELS["B"]
COORDINATES = ("ln_kappa", "t", "log2_t", "beta")
COLUMNS = (
    *("dataset", "ladder", "estimator", "shape", "coordinate", "upper", "lower"),
    *("n_min", "n_sizes", "decades", "gamma", "gamma_low", "gamma_high", "chi2", "dof"),
)
WIDTH_COLUMNS = (*COLUMNS[:7], "size", "width", "log_width_se", "left_out")
N_SAMPLES = 200  # bootstrap samples of the mean curve


class Reading(NamedTuple):
    """Widths of the sizes of one ladder, read in one way."""

    dataset: str
    ladder: str
    choice: dict[str, str | float]
    size: np.ndarray
    widths: LogWidth


def read_widths(
    runs: xr.Dataset, single: xr.Dataset, schedule: Mapping, rng: np.random.Generator
) -> Iterator[Reading]:
    """Read the widths of all sizes that have several realisations, under every choice.

    chance_plateau takes the floor from the flat levels at large kappa
    (`netphase.runs.statistics.flat_floor`) and the plateau of each curve from its smallest kappa.

    Parameters
    ----------
    runs : of `netphase.runs.aggregation.aggregate`
    single : of `netphase.transitions.model_selection.fit_families`, for the same runs
    schedule : noise schedule of the study
    """
    test = noised_test(runs)
    if not test.sizes["step"]:
        return
    u = controls(test.kappa, schedule)
    for dataset in test.dataset.values:
        fits = ladders(single.sel(dataset=dataset))
        for name, ladder in ladders(test.sel(dataset=dataset)).items():
            # A single realisation has no error, so that its size enters no law.
            several = (ladder.accuracy.notnull().any("step").sum("realisation") > 1).values
            ladder, own = ladder.isel(size=several), fits[name].isel(size=several)
            for choice, widths in chain(_fitted(own, schedule), _crossed(ladder, u, rng)):
                yield Reading(str(dataset), name, choice, ladder["size"].values, widths)


def sensitivity(readings: Iterable[Reading]) -> pd.DataFrame:
    """The pure exponent of the width of the test accuracy under every choice.

    Returns
    -------
    DataFrame
        dataset, ladder, the choices (estimator, shape, coordinate, upper, lower, n_min), n_sizes,
        decades, gamma, gamma_low, gamma_high (95 %), chi2, dof; NaN where fewer than three sizes
        have a width.
    """
    rows = [
        {"dataset": reading.dataset, "ladder": reading.ladder} | reading.choice | law
        for reading in readings
        for law in _laws(reading.size, reading.widths)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def width_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """Tabulate the widths behind `sensitivity`.

    Returns
    -------
    DataFrame
        dataset, ladder, the choices (estimator, shape, coordinate, upper, lower), size, width, the
        standard error of its logarithm, and why it has none
    """
    rows = [
        {"dataset": one.dataset, "ladder": one.ladder}
        | one.choice
        | {"size": size, "width": np.exp(mean), "log_width_se": se, "left_out": reason}
        for one in readings
        for size, mean, se, reason in zip(
            one.size,
            one.widths.mean,
            one.widths.se,
            np.array(list(REASONS.values()))[one.widths.reason],
            strict=True,
        )
    ]
    return pd.DataFrame(rows, columns=WIDTH_COLUMNS)


def _fitted(fits, schedule) -> Iterator[tuple[dict, LogWidth]]:
    """Widths of the fits of single realisations."""
    fits = fits.transpose("size", "realisation", "family")
    for family, coordinate, pair in product(fits.family.values, COORDINATES, PAIRS):
        own = {name: fits[name].sel(family=family).values for name in ("centre", "slope", "status")}
        choice = _choice("seed_fit", str(family), coordinate, pair)
        with np.errstate(invalid="ignore"):  # curves that are not fitted are NaN
            widths = seed_fit(own, str(family), pair, coordinate, schedule)
        yield choice, widths


def _crossed(ladder, u, rng) -> Iterator[tuple[dict, LogWidth]]:
    """Widths of the level sets of single realisations, and of their mean curve."""
    accuracy = ladder.accuracy.transpose("size", "step", "realisation").values
    y = np.swapaxes(accuracy, 1, 2)
    kappa, n = ladder.kappa.values, int(ladder.n_samples)
    floor = np.array([flat_floor(kappa, curve, n)[0] for curve in accuracy])
    first = int(np.argmin(kappa))
    plateau = ladder.accuracy.isel(step=first).mean("realisation").values
    middle = (plateau + floor) / 2
    height = np.abs(plateau - floor)
    binomial = np.sqrt(middle * (1 - middle) / n) / np.where(height > 0, height, np.nan)
    of_means = binomial / np.sqrt(y.shape[1])
    protocol = ladder.attrs.get("protocol", "trained_at_each_level")
    for method, coordinate, pair in product(NORMALISATIONS, COORDINATES, PAIRS):

        def normalised(curves, floor=floor, method=method):
            return normalise(curves, method, curves[..., first], floor)

        def each(curves, floor=floor[:, np.newaxis], normalised=normalised):
            return normalised(curves, floor)

        x = u[coordinate].values
        choice = _choice("seed_levels", method, coordinate, pair)
        yield choice, seed_levels(x, y, pair, each, binomial[:, np.newaxis])
        widths, _ = mean_levels(
            x, y, pair, normalised,
            protocol=protocol, n_samples=N_SAMPLES, rng=rng, se=of_means,
        )  # fmt: skip
        yield choice | {"estimator": "mean_levels"}, widths


def _choice(estimator, shape, coordinate, pair):
    choice = {"estimator": estimator, "shape": shape, "coordinate": coordinate}
    return choice | {"upper": pair[0], "lower": pair[1]}


def _laws(size, widths) -> Iterator[dict]:
    """The pure law from every smallest size on."""
    used = exclusions(widths.mean, widths.se) == 0
    size, mean, se = size[used], widths.mean[used], widths.se[used]
    smallest, laws = exponents_from(size, mean, se)
    if not smallest.size:
        yield {"n_min": np.nan, "n_sizes": size.size, "decades": span_decades(size)}
    for i, n_min in enumerate(smallest):
        yield {
            "n_min": n_min,
            "n_sizes": size.size - i,
            "decades": span_decades(size[i:]),
            "gamma": laws.gamma[i],
            "gamma_low": laws.low[i],
            "gamma_high": laws.high[i],
            "chi2": laws.chi2[i],
            "dof": laws.dof[i],
        }
