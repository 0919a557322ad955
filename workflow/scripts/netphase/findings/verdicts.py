"""The claims of a source document, each beside what the runs say.

A claim names a quantity (one of `QUANTITIES`) and the interval `accept` in which the quantity must
lie. A quantity may have several readings: sizes, noise levels, ways to read an unclear definition.
Each reading has an interval of 95 % and is

- reproduced: the whole interval is accepted;
- not reproduced: none of it is accepted;
- depends on the sampling error: the interval lies across a limit of acceptance;
- depends on missing runs or fits: no value.

A claim whose readings disagree depends on what distinguishes them. A number that the source gives
for particular data sets is judged on these only; elsewhere the claim depends on the data set.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import t as student

from netphase.runs.ladders import ladders
from netphase.transitions.normalisation import normalise_levels
from netphase.transitions.sigmoid import NO_FALL

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
SAMPLING, MISSING = "depends on the sampling error", "depends on missing runs or fits"


class Reading(NamedTuple):
    """One value of a quantity with its interval, and what distinguishes it from the others."""

    name: str
    value: float
    low: float
    high: float


class Quantity(NamedTuple):
    """What a quantity is, what its readings and intervals mean, and how it is measured.

    `measure(statistics, fits, claim)` reads one ladder (see `netphase.runs.ladders.ladders`) of
    statistics and of sigmoid fits.
    """

    meaning: str
    interval: str
    readings_by: str
    measure: Callable[[xr.Dataset, xr.Dataset, Mapping], list[Reading]]


def judge(
    statistics: xr.Dataset, transition: xr.Dataset, claims: Sequence[Mapping]
) -> dict[str, list[dict]]:
    """Judge every claim on every data set.

    Parameters
    ----------
    statistics, transition : of `netphase.runs.statistics.summarise` and
        `netphase.transitions.sigmoid.fit_transition`
    claims : mappings with the keys claim, source, paper (its value or None), quantity, accept;
        datasets, where the number holds only for some; size and tolerance, as the quantity needs

    Returns
    -------
    dict
        Data set -> list of entries ready for JSON, one per claim and ladder. `ours`, `interval`
        and `reading` are those of the reading least in favour of the claim; `readings` has all.
    """
    verdicts = {}
    for dataset in map(str, statistics.dataset.values):
        fits = ladders(transition.sel(dataset=dataset))
        measured = ladders(statistics.sel(dataset=dataset))
        verdicts[dataset] = [
            judged(claim, quantity, quantity.measure(ladder, fits[name], claim), dataset, name)
            for claim, quantity in ((claim, QUANTITIES[claim["quantity"]]) for claim in claims)
            for name, ladder in measured.items()
        ]
    return verdicts


def judged(
    claim: Mapping, quantity: Quantity, readings: Sequence[Reading], dataset: str, ladder: str
) -> dict:
    """The entry of one claim: its readings, the one least in its favour, and the verdict."""
    low, high = claim["accept"]
    verdicts = [compare(reading, low, high) for reading in readings]
    worst = min(
        (reading for reading in readings if np.isfinite(reading.value)),
        key=lambda reading: min(reading.value - low, high - reading.value),
        default=Reading("none", np.nan, np.nan, np.nan),
    )
    foreign = dataset not in claim.get("datasets", (dataset,))
    return {
        "claim": claim["claim"],
        "source": claim["source"],
        "ladder": ladder,
        "paper": claim["paper"],
        "ours": _number(worst.value),
        "interval": _interval(worst),
        "reading": worst.name,
        "verdict": (
            f"depends on the data set: the paper's value is for {' or '.join(claim['datasets'])}"
            if foreign
            else combine(readings, verdicts, quantity.readings_by)
        ),
        "quantity": quantity.meaning,
        "interval_kind": quantity.interval,
        "accepted": [_number(low), _number(high)],
        "readings": [
            {
                "reading": reading.name,
                "ours": _number(reading.value),
                "interval": _interval(reading),
                "verdict": "not judged" if foreign else verdict,
            }
            for reading, verdict in zip(readings, verdicts, strict=True)
        ],
    }


def compare(reading: Reading, low: float, high: float) -> str:
    """Verdict on one reading against the accepted interval [low, high]."""
    if not np.isfinite(reading.value):
        return MISSING
    if low <= reading.low and reading.high <= high:
        return REPRODUCED
    if reading.high < low or reading.low > high:
        return NOT_REPRODUCED
    return SAMPLING


def combine(readings: Sequence[Reading], verdicts: Sequence[str], readings_by: str) -> str:
    """The common verdict of all readings, or which of them say what."""
    if len(set(verdicts)) == 1:
        return verdicts[0]
    names: dict[str, list[str]] = {}
    for reading, verdict in zip(readings, verdicts, strict=True):
        names.setdefault(verdict, []).append(reading.name)
    parts = (f"{verdict} for {', '.join(those)}" for verdict, those in names.items())
    return f"depends on the {readings_by}: {'; '.join(parts)}"


def _interval(reading):
    ends = [_number(reading.low), _number(reading.high)]
    return None if ends == [None, None] else ends


def _number(value):
    return float(f"{value:.4g}") if np.isfinite(value) else None


def fisher_interval(r2, n) -> tuple[float, float]:
    """95 % interval of R^2 over n points: tanh^2(artanh(R) -+ 1.96 / sqrt(n - 3))."""
    with np.errstate(divide="ignore"):
        z = np.arctanh(np.sqrt(max(r2, 0.0)))
    step = 1.96 / np.sqrt(n - 3)
    return float(np.tanh(max(z - step, 0.0)) ** 2), float(np.tanh(z + step) ** 2)


def half_width_of_mean(statistics: xr.Dataset) -> xr.DataArray:
    """Student t(0.975, R - 1) s.d. / sqrt(R); 1.96 binomial standard errors for R = 1."""
    n = statistics.n_realisations
    t = xr.apply_ufunc(student.ppf, 0.975, (n - 1).where(n > 1))
    return (t * statistics.sd_accuracy / np.sqrt(n)).where(n > 1, _binomial(statistics))


def half_width_of_maximum(statistics: xr.Dataset) -> xr.DataArray:
    """1.96 s.d. min(1, pi / sqrt(12 ln R)), by Gumbel's limit for the maximum of R normal values.

    1.96 binomial standard errors for R = 1.
    """
    n = statistics.n_realisations
    shrinkage = np.minimum(np.pi / np.sqrt(12 * np.log(n.where(n > 1))), 1)
    return (1.96 * shrinkage * statistics.sd_accuracy).where(n > 1, _binomial(statistics))


def _binomial(statistics):
    p = statistics.mean_accuracy
    return 1.96 * np.sqrt(p * (1 - p) / statistics.n_samples)


def _around(name, value, half_width):
    return Reading(name, float(value), float(value - half_width), float(value + half_width))


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


def _r2_of_one_size(statistics, fits, claim):
    return [
        _r2("all points", "r2_points", fits, claim["size"]),
        _r2("means of the levels", "r2_means", fits, claim["size"]),
    ]


def _r2_of_every_size(statistics, fits, claim):
    return [_r2(f"{size} units", "r2_points", fits, size) for size in fits["size"].values]


def _floor_above_chance(statistics, fits, claim):
    chance = 1 / statistics.n_classes
    test = statistics.sel(split="test")
    error = np.sqrt(chance * (1 - chance) / test.n_samples)
    distance = ((test.floor - chance) / error).where(test.floor_levels > 0)
    half_width = 1.96 / np.sqrt(test.n_realisations.max("step") * test.floor_levels)
    return [
        _around(f"{size} units", distance.sel(size=size), half_width.sel(size=size))
        for size in test["size"].values
    ]


def _plateau_of_one_size(statistics, fits, claim):
    return [
        _around("mean over the realisations", *_plateau(fits, claim["size"], "mean")),
        _around("maximum over the realisations", *_plateau(fits, claim["size"], "max")),
    ]


def _plateau_gain(statistics, fits, claim):
    smallest, largest = (_plateau(fits, fits["size"].values[i], "mean") for i in (0, -1))
    gain = largest[0] - smallest[0]
    return [_around("largest minus smallest size", gain, np.hypot(smallest[1], largest[1]))]


def _saturation_size(statistics, fits, claim):
    test = statistics.sel(split="test")
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
    """Where the unbroken run of True that ends at the last element begins; the last is True."""
    within = np.append(within[:-1], True)
    return within.size - np.argmin(np.append(within[::-1], False))


def _train_accuracy(statistics, fits, claim):
    train = statistics.sel(split="train").reindex(size=[claim["size"]]).isel(size=0)
    half_width = half_width_of_mean(train)
    return [
        _around(f"kappa {kappa:.3g}", train.mean_accuracy[i], half_width[i])
        for i, kappa in enumerate(train.kappa.values)
    ]


def _spread_of_normalised_curves(statistics, fits, claim):
    test = statistics.sel(split="test").transpose("size", "step")
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
        readings.append(_around(f"{size} units up", spread[level], np.hypot(*ends)))
    return readings


QUANTITIES = {
    "sigmoid_at_every_size": Quantity(
        "R2 of the sigmoid over the test accuracies of all realisations",
        "Fisher z over the number of points",
        "network size",
        _r2_of_every_size,
    ),
    "floor_above_chance": Quantity(
        "measured floor minus 1/classes, in binomial standard errors of one test set",
        "1.96 binomial standard errors of the mean of the levels in the floor",
        "network size",
        _floor_above_chance,
    ),
    "r2": Quantity(
        "R2 of the sigmoid of the test accuracy",
        "Fisher z over the number of points or levels",
        "reading of R2",
        _r2_of_one_size,
    ),
    "plateau": Quantity(
        "plateau of the sigmoid of the test accuracy",
        "t(0.975, points - 4) standard errors from the Jacobian",
        "curve that is fitted",
        _plateau_of_one_size,
    ),
    "plateau_gain": Quantity(
        "plateau of the test accuracy of the largest size minus that of the smallest",
        "t(0.975, points - 4) standard errors from the Jacobian",
        "network size",
        _plateau_gain,
    ),
    "saturation_size": Quantity(
        "size from which on the best test accuracy over the levels is within 0.02 of the largest's",
        "sizes at the ends of the interval of the difference: t(0.975, R - 1) s.d. / sqrt(R) of a "
        "mean, 1.96 Gumbel standard deviations of a maximum",
        "accuracy that is compared",
        _saturation_size,
    ),
    "train_accuracy": Quantity(
        "mean train accuracy at a noise level",
        "t(0.975, R - 1) s.d. / sqrt(R)",
        "noise level",
        _train_accuracy,
    ),
    "spread_of_normalised_curves": Quantity(
        "largest difference between the sizes of the maximum test accuracy, scaled to 0..1",
        "1.96 Gumbel standard deviations of the maxima of the two sizes that differ most",
        "range of sizes",
        _spread_of_normalised_curves,
    ),
}
