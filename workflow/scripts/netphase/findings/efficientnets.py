"""Verdicts on the claims on networks trained clean and tested noisy.

They are read from the laws of the sizes, the crossings and the widths of the transition.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from netphase.findings.verdicts import Claim, Quantity, Reading, Verdict, exactly, judge_claims
from netphase.runs.ladders import ladders
from netphase.scaling.crossings import CROSSING
from netphase.scaling.exponents import quoted_interval
from netphase.statistics.intervals import Z_975
from netphase.transitions.curves import convert


class Found(NamedTuple):
    """Results of a study on one ladder of sizes."""

    laws: xr.Dataset
    crossings: xr.Dataset
    exponents: pd.DataFrame
    schedule: Mapping


def judge_networks(
    scaling: xr.Dataset,
    crossings: xr.Dataset,
    sensitivity: pd.DataFrame,
    schedule: Mapping,
    claims: Sequence[Claim],
) -> dict[str, list[Verdict]]:
    """Judge every claim on every data set, as `netphase.findings.perceptrons.judge` does.

    Parameters
    ----------
    scaling, crossings, sensitivity : of `netphase.scaling.exponents.fit_exponents`,
        `netphase.scaling.universality.collapse_curves` and
        `netphase.scaling.sensitivity.sensitivity`
    schedule : noise schedule of the study
    """
    verdicts: dict[str, list[Verdict]] = {}
    for dataset in map(str, scaling.dataset.values):
        verdicts[dataset] = []
        for name, laws in ladders(scaling.sel(dataset=dataset)).items():
            rows = sensitivity[(sensitivity.dataset == dataset) & (sensitivity.ladder == name)]
            found = Found(laws, crossings.sel(dataset=dataset, ladder=name), rows, schedule)
            verdicts[dataset] += judge_claims(claims, QUANTITIES, found, name, dataset)
    return verdicts


def _half_points(found, claim):
    laws = found.laws.sel(quantity="kappa_c")
    readings = []
    for size in laws["size"].values:
        interval = quoted_interval(laws.sel(size=size))
        steps = map(float, convert(interval, "kappa", "t", found.schedule))
        readings.append(Reading(f"{size:,} parameters", *steps))
    return readings


def _crossing_steps(found, claim):
    readings = []
    for curve in found.crossings.curve.values:
        one = found.crossings.sel(curve=curve)
        values = float(one.common) + Z_975 * float(one.common_se) * np.array([0, -1, 1])
        steps = convert(values, "ln_kappa", "t", found.schedule)
        readings.append(Reading(f"{curve} curves", *map(float, steps)))
    return readings


def _share_of_crossings(found, claim):
    readings = []
    for curve in found.crossings.curve.values:
        share = float((found.crossings.sel(curve=curve).status == CROSSING).mean())
        readings.append(exactly(f"{curve} curves", share))
    return readings


def _exponents(found, claim):
    pure = found.laws.sel(quantity="width", law="pure")
    quoted = (float(pure[f"gamma{end}"]) for end in ("", "_low", "_high"))
    readings = [Reading("ln kappa, fits of realisations", *quoted)]
    rows = found.exponents
    rows = rows[
        (rows.estimator == "mean_levels")
        & (rows["shape"] == "chance_plateau")
        & (rows.coordinate == "beta")
    ]
    rows = rows[rows.n_min == rows.n_min.min()]
    for pair in ((0.9, 0.1), (0.8, 0.2)):
        for _, row in rows[(rows.upper == pair[0]) & (rows.lower == pair[1])].iterrows():
            values = (float(row[name]) for name in ("gamma", "gamma_low", "gamma_high"))
            name = f"beta, levels {pair[0]} and {pair[1]} of the mean curve"
            readings.append(Reading(name, *values))
    return readings


QUANTITIES = {
    "half_point_step": Quantity(
        "diffusion step of the half point of the fall",
        "steps",
        "Student's t over the realisations, profile where there is one",
        "network size",
        _half_points,
    ),
    "share_of_crossings": Quantity(
        "share of the pairs of sizes whose curves cross above the floor",
        "",
        "none: a count",
        "curve",
        _share_of_crossings,
    ),
    "crossing_step": Quantity(
        "weighted mean of the crossings of all pairs above the floor, as a diffusion step",
        "steps",
        "1.96 bootstrap standard errors",
        "curve",
        _crossing_steps,
    ),
    "width_exponent": Quantity(
        "exponent of the width over all sizes",
        "",
        "Student's t over the sizes",
        "way to read the width",
        _exponents,
    ),
}
