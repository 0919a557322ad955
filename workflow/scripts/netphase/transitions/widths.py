"""The width of a transition: level sets of normalised curves, and three estimators of ln(width).

mean_levels : level sets of the mean curve over the realisations (the reading of the papers)
seed_levels : level sets of the curve of each realisation, averaged as ln(width)
seed_fit : width of a parametric fit to each realisation, averaged as ln(width); the quoted one

The width is |u(a_low) - u(a_up)|, of Seidler & Abel (2025) in u = beta.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from netphase.statistics.means import size_means
from netphase.statistics.resampling import resample
from netphase.transitions import curves
from netphase.transitions.fit_kernels import decreasing
from netphase.transitions.fits import FITTED, fit_curves

REFERENCES = (
    "Seidler and Abel (2025); Ayer et al. (1955), Ann. Math. Stat. 26, 641 (monotone curve)"
)
# Upper and lower level of every pair. A: tenths; B: gaps of 2^-k, nested about one half.
LEVELS = {
    "A": ((0.9, 0.1), (0.8, 0.2), (0.7, 0.3), (0.6, 0.4)),
    "B": tuple((0.5 + 2.0 ** -(k + 1), 0.5 - 2.0 ** -(k + 1)) for k in range(1, 6)),
}
_ROUNDING = 1e-14  # relative scatter of equal widths
ESTIMATORS = ("seed_fit", "mean_levels", "seed_levels")
REASONS = {
    "measured": "",
    "begins_below": "censored: the curve begins below the upper level",
    "ends_above": "censored: the curve ends above the lower level",
    "small_gap": "the gap of the levels is below four standard errors of the order parameter",
    "no_curve": "no curve: fewer than two levels, or no height",
    "no_width": "no realisation has a width",
    "single_realisation": "a single realisation has no standard error",
    "zero_variance": "all realisations agree: their scatter is no standard error",
}
(
    MEASURED,
    BEGINS_BELOW,
    ENDS_ABOVE,
    SMALL_GAP,
    NO_CURVE,
    NO_WIDTH,
    SINGLE_REALISATION,
    ZERO_VARIANCE,
) = range(len(REASONS))


class LogWidth(NamedTuple):
    """Mean of ln(width) of each size, its standard error, and the realisations behind them.

    n realisations had a width, n_left_out had none; reason is an index into `REASONS`. The error
    is NaN for any reason but measured, the mean where no realisation has a width.
    """

    mean: np.ndarray
    se: np.ndarray
    n: np.ndarray
    n_left_out: np.ndarray
    reason: np.ndarray


def crossings(u, y, levels) -> tuple[np.ndarray, np.ndarray]:
    """Level sets of falling curves: u, and the reason (index into `REASONS`) where it is NaN.

    The curve is made monotone by pool-adjacent-violators; from its last point at or above the
    level a straight line leads to the next point.

    Parameters
    ----------
    u : (points,), finite where the point is to count
    y : (..., points), NaN where missing
    levels : (levels,)

    Returns
    -------
    two arrays (..., levels)
    """
    u, y, levels = (np.asarray(a, float) for a in (u, y, levels))
    order = np.argsort(u)
    order = order[np.isfinite(u[order])]
    u, lead = u[order], y.shape[:-1]
    flat = y[..., order].reshape(-1, order.size)
    flat = np.ascontiguousarray(flat)
    flat = decreasing(flat, np.ones_like(flat))[:, np.newaxis, :]
    levels = levels[:, np.newaxis]
    index = np.arange(order.size)
    last = np.where(flat >= levels, index, -1).max(axis=-1, initial=-1)
    following = np.where(flat < levels, index, order.size).min(axis=-1, initial=order.size)
    there = np.isfinite(flat).sum(axis=-1)
    reason = np.select(
        [there < 2, last < 0, following == order.size],
        [NO_CURVE, BEGINS_BELOW, ENDS_ABOVE],
        MEASURED,
    )
    where = np.full(reason.shape, np.nan)
    curve, level = np.nonzero(reason == MEASURED)
    i, j = last[curve, level], following[curve, level]
    above, below = flat[curve, 0, i], flat[curve, 0, j]
    where[curve, level] = u[i] + (above - levels[level, 0]) / (above - below) * (u[j] - u[i])
    shape = (*lead, levels.size)
    return where.reshape(shape), reason.reshape(shape).astype(np.int8)


def level_widths(u, y, pairs, se=0.0) -> tuple[np.ndarray, np.ndarray]:
    """Distance in u of the two level sets of every pair, and the reason where it is NaN.

    Parameters
    ----------
    u : (points,); y : (..., points), normalised
    pairs : ((upper, lower), ...), as in `LEVELS`
    se : standard error of the normalised order parameter, broadcasts to (...); pairs whose gap is
        below four of it are left out

    Returns
    -------
    two arrays (..., pairs)
    """
    pairs = np.asarray(pairs, float)
    where, why = crossings(u, y, pairs.ravel())
    where, why = (a.reshape(*a.shape[:-1], *pairs.shape) for a in (where, why))
    reason = np.where(why[..., 0] != MEASURED, why[..., 0], why[..., 1])
    small = pairs[:, 0] - pairs[:, 1] < 4 * np.asarray(se, float)[..., np.newaxis]
    reason = np.where(small & (reason == MEASURED), SMALL_GAP, reason).astype(np.int8)
    return np.where(reason == MEASURED, where[..., 1] - where[..., 0], np.nan), reason


def fitted_width(fits: dict, family: str, pair=(0.9, 0.1), coordinate=None, schedule=None):
    """Width between the level sets of fitted curves; NaN where a curve is not fitted.

    In the coordinate of the family or, with the schedule of the study, in another one: then both
    level sets are converted, not their distance.

    Parameters
    ----------
    fits : result of `netphase.transitions.fits.fit_curves`, any shape
    coordinate, schedule : key of `netphase.transitions.curves.COORDINATES`; see
        `netphase.transitions.curves.convert`
    """
    ends = [curves.level_set(family, level, fits["centre"], fits["slope"]) for level in pair]
    if coordinate is not None:
        own = curves.FAMILIES[family].coordinate
        ends = [curves.convert(end, own, coordinate, schedule) for end in ends]
    return np.where(fits["status"] == FITTED, ends[1] - ends[0], np.nan)


def seed_fit(
    fits: dict,
    family: str,
    pair=(0.9, 0.1),
    coordinate: str | None = None,
    schedule: Mapping | None = None,
) -> LogWidth:
    """ln(width) of the fits of single realisations, averaged over them; the quoted estimator.

    Parameters
    ----------
    fits : result of `netphase.transitions.fits.fit_curves`, each (..., realisations)
    pair, coordinate, schedule : as for `fitted_width`

    Returns
    -------
    LogWidth
        of shape (...)
    """
    return log_mean(fitted_width(fits, family, pair, coordinate, schedule))


def seed_levels(u, y, pair, normalised: Callable[[np.ndarray], np.ndarray], se=0.0) -> LogWidth:
    """ln(width) of the level sets of single realisations, averaged over them.

    Parameters
    ----------
    u : (points,)
    y : (..., realisations, points)
    normalised : takes curves (..., points) to their normalised form, see `normalise`
    se : as for `level_widths`, broadcasts to (..., realisations)
    """
    return log_mean(level_widths(u, normalised(y), (pair,), se)[0][..., 0])


def mean_levels(
    u,
    y,
    pair,
    normalised: Callable[[np.ndarray], np.ndarray],
    *,
    protocol: str,
    n_samples: int,
    rng: np.random.Generator,
    se=0.0,
) -> tuple[LogWidth, np.ndarray]:
    """ln(width) of the level sets of the mean curve, and of its bootstrap samples.

    The standard error is the standard deviation of the samples (see
    `netphase.statistics.resampling.resample`); samples without a width are left out of it.

    Parameters
    ----------
    u : (points,)
    y : (sizes, realisations, points)
    normalised, se : as for `seed_levels`; they are given the mean curves

    Returns
    -------
    LogWidth (sizes,) and samples (n_samples, sizes)
    """
    y = np.asarray(y, float)
    there = np.isfinite(y)
    mean = np.where(there, y, 0).sum(axis=-2) / np.where(there.any(-2), there.sum(-2), np.nan)
    width, reason = (a[..., 0] for a in level_widths(u, normalised(mean), (pair,), se))
    n = there.any(axis=-1).sum(axis=-1)
    samples = np.full((n_samples, *mean.shape[:-1]), np.nan)
    several = n > 1
    if several.any():
        drawn = resample(np.swapaxes(y[several], -1, -2), protocol, n_samples, rng)
        known = np.isfinite(drawn)
        total = np.where(known.any(axis=-1), known.sum(axis=-1), np.nan)
        means = np.where(known, drawn, 0).sum(axis=-1) / total
        samples[:, several] = np.log(level_widths(u, normalised(means), (pair,), se)[0][..., 0])
    spread = size_means(np.moveaxis(samples, 0, -1)).variance ** 0.5
    scatters = spread > _ROUNDING * np.abs(np.log(width))
    single = (reason == MEASURED) & ~several
    reason = np.where(single, SINGLE_REALISATION, reason)
    reason = np.where((reason == MEASURED) & ~scatters, ZERO_VARIANCE, reason).astype(np.int8)
    spread = np.where(reason == MEASURED, spread, np.nan)
    return LogWidth(np.log(width), spread, n, np.zeros_like(n), reason), samples


def bootstrap_seed_fit(
    family: str,
    u,
    k,
    n,
    *,
    protocol: str,
    n_samples: int,
    rng: np.random.Generator,
    likelihood: str = "beta_binomial",
    pair=(0.9, 0.1),
) -> dict[str, np.ndarray]:
    """Bootstrap samples of the means over the realisations of half point and ln(width).

    Trained clean and tested noisy, the fits of whole curves are drawn. Trained at each noise level,
    curves of realisations drawn at every level are fitted, from the fit to all realisations on.

    Parameters
    ----------
    k : (..., levels, realisations); n : broadcasts to k, the same for all realisations of a level

    Returns
    -------
    dict
        half_point and log_width, each (n_samples, ...), NaN where no fit of the sample is fitted
    """
    n = np.broadcast_to(np.asarray(n, float), np.shape(k))
    if protocol == "trained_once":
        fits = fit_curves(family, u, _apart(k), _apart(n), likelihood=likelihood)
        drawn = resample(np.stack(_quoted(fits, family, pair), axis=-2), protocol, n_samples, rng)
        half_points, log_widths = drawn[..., 0, :], drawn[..., 1, :]
    else:
        pooled = fit_curves(family, u, k, n, likelihood=likelihood)
        start = {name: value[..., np.newaxis] for name, value in pooled.items()}
        samples = _apart(resample(k, protocol, n_samples, rng))
        fits = fit_curves(family, u, samples, _apart(n), likelihood=likelihood, start=start)
        half_points, log_widths = _quoted(fits, family, pair)
    return {
        "half_point": size_means(half_points).mean,
        "log_width": size_means(log_widths).mean,
    }


def log_mean(widths) -> LogWidth:
    """Mean of ln(width) over the realisations of each size, s / sqrt(S) its standard error.

    Parameters
    ----------
    widths : (..., realisations), NaN where a realisation has none
    """
    widths = np.asarray(widths, float)
    means = size_means(np.log(widths))
    reason = np.select(
        [means.n == 0, means.n == 1, ~(means.se > _ROUNDING * np.abs(means.mean))],
        [NO_WIDTH, SINGLE_REALISATION, ZERO_VARIANCE],
        MEASURED,
    ).astype(np.int8)
    se = np.where(reason == MEASURED, means.se, np.nan)
    return LogWidth(means.mean, se, means.n, widths.shape[-1] - means.n, reason)


def _apart(points):
    """Reshape (..., levels, realisations) to single realisations (..., realisations, levels, 1)."""
    return np.swapaxes(points, -1, -2)[..., np.newaxis]


def _quoted(fits, family, pair):
    """Half points and ln(width) of fitted curves, NaN for the others."""
    half_point = np.where(fits["status"] == FITTED, fits["half_point"], np.nan)
    return half_point, np.log(fitted_width(fits, family, pair))
