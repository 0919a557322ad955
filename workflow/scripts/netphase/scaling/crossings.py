"""Crossings of the curves of different sizes, and a test that all have one control value.

The order parameter may be an accuracy, raw or normalised, or a cumulant: any y(size, control) with
errors and resampled copies.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import chi2 as chi_square

from netphase.errors import InputError
from netphase.files.attributes import describe

REFERENCES = (
    "Binder (1981), Z. Phys. B 43, 119, for crossings; Rao and Scott (1981), J. Am. Stat. Assoc. "
    "76, 221, for a sum of correlated squares"
)
STATUS = ("crossing", "no_crossing", "at_floor", "unresolved")
CROSSING, NO_CROSSING, AT_FLOOR, UNRESOLVED = range(len(STATUS))
VERDICTS = ("unique", "spread", "not_all_cross", "too_few_pairs")
UNIQUE, SPREAD, NOT_ALL_CROSS, TOO_FEW_PAIRS = range(len(VERDICTS))
SIGNIFICANCE = 0.05
RESOLVED = 0.95  # share of the resampled pairs that must cross


class CommonValue(NamedTuple):
    """Weighted mean of the crossings, its error, and the test that they have one value.

    chi2 = sum (x - mean)^2 / SE^2; dof is its expectation if there is one value.
    """

    value: float
    se: float
    chi2: float
    dof: float
    p: float


def crossing(control, difference, se) -> np.ndarray:
    """Control at which the difference of two curves changes sign, linearly interpolated.

    Noise makes many changes of sign where curves lie close together. The one taken divides the
    curve best: it has the largest |sum of difference / SE before it - the same after it|. NaN where
    no change of sign divides better than none.

    Parameters
    ----------
    control : (points,) ascending
    difference : (..., points)
    se : (points,), standard errors of the difference
    """
    x = np.asarray(control, float)
    difference = np.asarray(difference, float)
    before = np.cumsum(difference / se, axis=-1)
    contrast = np.abs(2 * before - before[..., -1:])[..., :-1]
    i = contrast.argmax(axis=-1)[..., np.newaxis]
    d0 = np.take_along_axis(difference, i, axis=-1)[..., 0]
    d1 = np.take_along_axis(difference, i + 1, axis=-1)[..., 0]
    i = i[..., 0]
    found = (contrast.max(axis=-1) > np.abs(before[..., -1])) & (d0 != d1)
    fraction = np.divide(d0, d0 - d1, out=np.full(d0.shape, np.nan), where=found)
    # Where the difference is zero at a point, rounding may put the change of sign beside it.
    return x[i] + np.clip(fraction, 0, 1) * (x[i + 1] - x[i])


def common_value(values, covariance) -> CommonValue:
    """Test that correlated values have one expectation.

    With W = diag(1 / SE^2), the weighted mean x and Q = W - W 1 1' W / (1' W 1), chi2 = v' Q v has
    the mean a = tr(Q C) and the variance 2 tr(Q C Q C); its distribution is taken as the scaled
    chi-square of the same two moments. C, which is nearly singular because pairs share their
    curves, is not inverted. Independent values: the usual test with n - 1 degrees of freedom.

    Parameters
    ----------
    values : (n,), two or more
    covariance : (n, n)
    """
    values, covariance = np.asarray(values, float), np.asarray(covariance, float)
    weight = 1 / np.diag(covariance)
    share = weight / weight.sum()
    value = share @ values
    q = np.diag(weight) - np.outer(weight, share)
    chi2 = np.sum(weight * (values - value) ** 2)
    qc = q @ covariance
    mean, square = np.trace(qc), np.sum(qc * qc.T)
    p = chi_square.sf(chi2 * mean / square, mean**2 / square)
    return CommonValue(
        float(value), float(np.sqrt(share @ covariance @ share)), float(chi2), float(mean), float(p)
    )


def fit_crossings(control, y, dy, size, replicas, floor=-np.inf) -> xr.Dataset:
    """Crossings of all pairs of sizes, their intervals, spread and common value.

    One function because status, intervals and common value share the resampled crossings.

    A pair is

    - no_crossing: its curves do not cross, or have fewer than two common points; NaN;
    - unresolved: fewer than 95 % of its resampled copies cross, so it has no interval;
    - at_floor: y at the crossing is within two standard errors of the floor or below, where curves
      meet because nothing is left of them.

    The common value is that of the remaining pairs. It is unique if every pair is among them and
    the test does not reject it at 5 %; too_few_pairs means that fewer than two remain.

    Parameters
    ----------
    control : (points,)
    y, dy : (sizes, points), NaN where missing
    size : (sizes,)
    replicas : (replicas, sizes, points), resampled curves
    floor : number or (sizes,), y where nothing is left; -inf for none

    Raises
    ------
    InputError
        An error bar that is zero or negative.
    """
    y, dy, size = np.asarray(y, float), np.asarray(dy, float), np.asarray(size)
    if np.any(dy <= 0):
        raise InputError("crossings: an error bar is zero or negative; give every point its error")
    order = np.argsort(control)
    control, y, dy = np.asarray(control, float)[order], y[:, order], dy[:, order]
    replicas = np.asarray(replicas, float)[..., order]
    floor = np.broadcast_to(floor, size.shape)
    pairs = list(combinations(np.argsort(size), 2))
    values, heights = np.full((2, len(pairs)), np.nan)
    copies = np.full((len(pairs), len(replicas)), np.nan)
    status = np.full(len(pairs), NO_CROSSING, np.int8)
    for p, (a, b) in enumerate(pairs):
        used = np.isfinite(y[[a, b]] + dy[[a, b]]).all(axis=0)
        if used.sum() < 2:
            continue
        x, se = control[used], np.hypot(dy[a], dy[b])[used]
        values[p] = crossing(x, (y[a] - y[b])[used], se)
        if np.isnan(values[p]):
            continue
        copies[p] = crossing(x, (replicas[:, a] - replicas[:, b])[:, used], se)
        heights[p] = np.interp(values[p], x, y[a, used])
        error = max(np.interp(values[p], x, dy[k, used]) for k in (a, b))
        resolved = np.isfinite(copies[p]).mean() >= RESOLVED and np.nanstd(copies[p]) > 0
        at_floor = heights[p] <= max(floor[a], floor[b]) + 2 * error
        status[p] = AT_FLOOR if at_floor else CROSSING if resolved else UNRESOLVED

    resolved = np.isfinite(copies).mean(axis=1) >= RESOLVED
    low, high, se = np.full((3, len(pairs)), np.nan)
    if resolved.any():
        low[resolved], high[resolved] = np.nanquantile(copies[resolved], (0.025, 0.975), axis=1)
        se[resolved] = np.nanstd(copies[resolved], axis=1, ddof=1)
    tested = status == CROSSING
    common = CommonValue(*[np.nan] * 5)
    verdict = TOO_FEW_PAIRS
    if tested.sum() > 1:
        crossed = copies[tested]
        crossed = crossed[:, np.isfinite(crossed).all(axis=0)]
        common = common_value(values[tested], np.cov(crossed))
        verdict = NOT_ALL_CROSS if not tested.all() else UNIQUE
        verdict = SPREAD if common.p < SIGNIFICANCE else verdict

    crossings = xr.Dataset(
        {
            "crossing": ("pair", values),
            "crossing_se": ("pair", se),
            "crossing_low": ("pair", low),
            "crossing_high": ("pair", high),
            "height": ("pair", heights),
            "status": ("pair", status),
            "common": common.value,
            "common_se": common.se,
            "chi2": common.chi2,
            "dof": common.dof,
            "p": common.p,
            "spread": np.ptp(values[tested]) if tested.any() else np.nan,
            "verdict": np.int8(verdict),
        },
        {
            "small": ("pair", [size[a] for a, _ in pairs]),
            "large": ("pair", [size[b] for _, b in pairs]),
        },
    )
    return _described(crossings)


def _described(crossings):
    names = {
        "crossing": "control at which the curves of two sizes cross",
        "height": "order parameter at the crossing",
        "status": "outcome for the pair",
        "common": "weighted mean of the crossings",
        "common_se": "standard error of common, with the covariance of the pairs",
        "chi2": "sum of the squared distances from common in standard errors",
        "dof": "expectation of chi2 if all crossings had one value",
        "p": "probability of a larger chi2 if all crossings had one value",
        "spread": "largest crossing minus smallest",
        "verdict": "whether the crossings have one value",
        "small": "smaller size of the pair",
        "large": "larger size of the pair",
    }
    describe(crossings, names, {"status": STATUS, "verdict": VERDICTS})
    crossings.attrs = {
        "title": "Crossings of the curves of all pairs of sizes",
        "references": REFERENCES,
    }
    return crossings
