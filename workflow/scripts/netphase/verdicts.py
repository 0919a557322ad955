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

from netphase.runs import ladders
from netphase.transition import NO_FALL, normalise

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
SAMPLING, MISSING = "depends on the sampling error", "depends on missing runs or fits"

EMNIST = ("emnist_balanced", "emnist47")
SEIDLER_ABEL_2024 = (
    {
        "claim": "Test accuracy falls as a sigmoid of the noise at every network size.",
        "source": "Seidler & Abel (2024), abstract and Fig. 4",
        "paper": 0.82,
        "quantity": "sigmoid_at_every_size",
        "accept": (0.82, 1.0),
    },
    {
        "claim": "Test accuracy falls to chance at every network size.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": None,
        "quantity": "floor_above_chance",
        "accept": (-3.0, 3.0),
    },
    {
        "claim": "The sigmoid fits the test accuracy of 2 hidden units with R2 = 0.82.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": 0.82,
        "datasets": EMNIST,
        "quantity": "r2",
        "size": 2,
        "accept": (0.77, 0.87),
    },
    {
        "claim": "The sigmoid fits the test accuracy of 128 hidden units with R2 > 0.99.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": 0.99,
        "datasets": EMNIST,
        "quantity": "r2",
        "size": 128,
        "accept": (0.99, 1.0),
    },
    {
        "claim": "The plateau of the test accuracy of 2 hidden units is about 0.2.",
        "source": "Seidler & Abel (2024), Figs. 3 and 4",
        "paper": 0.2,
        "datasets": EMNIST,
        "quantity": "plateau",
        "size": 2,
        "accept": (0.15, 0.25),
    },
    {
        "claim": "The plateau of the test accuracy of 128 hidden units is about 0.75.",
        "source": "Seidler & Abel (2024), Figs. 3 and 4",
        "paper": 0.75,
        "datasets": EMNIST,
        "quantity": "plateau",
        "size": 128,
        "accept": (0.7, 0.8),
    },
    {
        "claim": "The plateau of the test accuracy rises with network size.",
        "source": "Seidler & Abel (2024), Fig. 3",
        "paper": None,
        "quantity": "plateau_gain",
        "accept": (0.0, np.inf),
    },
    {
        "claim": "The maximum test accuracy saturates at about 64 hidden units.",
        "source": "Seidler & Abel (2024), Fig. 3",
        "paper": 64,
        "quantity": "saturation_size",
        "size": 64,
        "tolerance": 0.02,
        "accept": (0, 64),
    },
    {
        "claim": "128 hidden units learn the training images by heart at every noise level.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": 1.0,
        "quantity": "train_accuracy",
        "size": 128,
        "accept": (0.995, 1.0),
    },
    {
        "claim": "The curves of all sizes, scaled to 0..1, overlay.",
        "source": "Seidler & Abel (2024), Fig. 5",
        "paper": None,
        "quantity": "spread_of_normalised_curves",
        "accept": (0.0, 0.1),
    },
)


class Reading(NamedTuple):
    """One value of a quantity with its interval, and what distinguishes it from the others."""

    name: str
    value: float
    low: float
    high: float


class Quantity(NamedTuple):
    """What a quantity is, what its readings and intervals mean, and how it is measured.

    `measure(statistics, fits, claim)` reads one ladder (see `netphase.runs.ladders`) of statistics
    and of sigmoid fits.
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
    statistics, transition : of `netphase.runs.summarise` and `netphase.transition.fit_transition`
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
        verdicts[dataset] = [
            _judge_claim(claim, dataset, name, ladder, fits[name])
            for claim in claims
            for name, ladder in ladders(statistics.sel(dataset=dataset)).items()
        ]
    return verdicts


def _judge_claim(claim, dataset, ladder, statistics, fits):
    quantity = QUANTITIES[claim["quantity"]]
    low, high = claim["accept"]
    readings = quantity.measure(statistics, fits, claim)
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
        "interval": [_number(worst.low), _number(worst.high)],
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
                "interval": [_number(reading.low), _number(reading.high)],
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
    parts = []
    for outcome in dict.fromkeys(verdicts):
        names = [r.name for r, verdict in zip(readings, verdicts, strict=True) if verdict == outcome]
        parts.append(f"{outcome.replace('depends on', 'open by')} for {', '.join(names)}")
    return f"depends on the {readings_by}: {'; '.join(parts)}"


def _number(value):
    return float(f"{value:.4g}") if np.isfinite(value) else None


def fisher_interval(r2, n) -> tuple[float, float]:
    """95 % interval of R^2 over n points: tanh^2(artanh(R) -+ 1.96 / sqrt(n - 3))."""
    with np.errstate(divide="ignore"):
        z = np.arctanh(np.sqrt(np.maximum(r2, 0)))
    low, high = np.tanh(np.maximum(z + np.array([-1.96, 1.96]) / np.sqrt(n - 3), 0)) ** 2
    return float(low), float(high)


def half_width_of_mean(statistics: xr.Dataset) -> xr.DataArray:
    """Student t(0.975, R - 1) s.d. / sqrt(R); 1.96 binomial standard errors for R = 1."""
    n = statistics.n_realisations
    t = xr.apply_ufunc(student.ppf, 0.975, (n - 1).where(n > 1))
    return (t * statistics.sd_accuracy / np.sqrt(n)).where(n > 1, 1.96 * _binomial(statistics))


def half_width_of_maximum(statistics: xr.Dataset) -> xr.DataArray:
    """1.96 s.d. pi / sqrt(12 ln R), the Gumbel limit for R normal values, at most 1.96 s.d."""
    n = statistics.n_realisations
    shrink = np.minimum(np.pi / np.sqrt(12 * np.log(n.where(n > 1))), 1)
    return (1.96 * shrink * statistics.sd_accuracy).where(n > 1, 1.96 * _binomial(statistics))


def _binomial(statistics):
    p = statistics.mean_accuracy
    return np.sqrt(p * (1 - p) / statistics.n_samples)


def r2(statistics, fits, claim):
    return [
        _r2_of("all points", fits, claim["size"], "mean", "r2_points"),
        _r2_of("maxima over the realisations", fits, claim["size"], "max", "r2_points"),
    ]


def sigmoid_at_every_size(statistics, fits, claim):
    return [_r2_of(str(size), fits, size, "mean", "r2_points") for size in fits["size"].values]


def _fit_of(fits, size, curve):
    return fits.sel(split="test", curve=curve).reindex(size=[size]).isel(size=0)


def plateau(statistics, fits, claim):
    return [
        Reading(name, *_with_limits(*_plateau_of(fits, claim["size"], curve)))
        for name, curve in (("mean of the realisations", "mean"), ("their maximum", "max"))
    ]


def plateau_gain(statistics, fits, claim):
    small, large = (_plateau_of(fits, fits["size"].values[i], "mean") for i in (0, -1))
    gain, half_width = large[0] - small[0], np.hypot(large[1], small[1])
    return [Reading("largest minus smallest size", *_with_limits(gain, half_width))]
