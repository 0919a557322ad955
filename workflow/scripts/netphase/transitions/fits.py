"""Maximum-likelihood fits of transition curves, many at once: parameters, intervals, goodness.

The half point stands in the place of the centre, so that for every family the profiles of the
likelihood are those of the transition point and of the width. The file is long because the flags of
a fit need the checked data, the search and the goodness at once (`_describe`).
"""

import math
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import gammaln, xlogy
from scipy.stats import chi2
from scipy.stats import t as student

from netphase.errors import InputError
from netphase.files.flags import flags
from netphase.transitions import curves, fit_kernels
from netphase.transitions.fit_kernels import BETA_BINOMIAL, GAUSSIAN, LIKELIHOODS

REFERENCES = (
    "Griffiths (1973), Biometrics 29, 637 (beta-binomial); Hurvich and Tsai (1989), Biometrika 76, "
    "297 (AICc); Venzon and Moolgavkar (1988), Appl. Stat. 37, 87 (profile intervals)"
)
STATUS = {
    "fitted": "",
    "too_few_levels": "no more levels than parameters",
    "no_fall": "at chance everywhere: the fall is within five standard errors of zero",
    "not_converged": "the maximum of the likelihood was not found",
    "unresolved": "half point or width is censored: the levels do not resolve the fall",
}
FITTED, TOO_FEW_LEVELS, NO_FALL, NOT_CONVERGED, UNRESOLVED = range(len(STATUS))
BOUNDS = ("none", "lower", "upper")
QUANTITIES = {
    "plateau": "order parameter in the limit of no noise",
    "floor": "order parameter in the limit of pure noise",
    "centre": "centre of the curve",
    "half_point": "control parameter at which half of the height is lost",
    "slope": "slope of the curve",
    "width": "distance between the level sets 0.9 and 0.1 of the height",
    "rho": "correlation of the samples of one count",
    "plateau_se": "standard error of plateau",
    "floor_se": "standard error of floor",
    "half_point_se": "standard error of half_point",
    "width_se": "standard error of width",
    "log_likelihood": "logarithm of the largest likelihood",
    "aicc": "Akaike information criterion, corrected for few points",
    "deviance": "deviance from the saturated model, without overdispersion",
    "dof": "points minus parameters of the curve",
    "r2": "coefficient of determination over all points",
    "n_points": "number of fitted points",
    "floor_reached": "whether the last three levels are flat",
    "plateau_bound": "bound that holds the plateau",
    "floor_bound": "bound that holds the floor",
    "status": "outcome of the fit",
}
INTERVALS = {
    "half_point_low": "lower end of the 95 % profile interval of half_point",
    "half_point_high": "upper end of the 95 % profile interval of half_point",
    "width_low": "lower end of the 95 % profile interval of width",
    "width_high": "upper end of the 95 % profile interval of width",
}


class _Data(NamedTuple):
    """Checked data, levels in rising order, the coordinate brought to unit scale."""

    family: str
    likelihood: int
    lead: tuple[int, ...]
    origin: float
    scale: float
    x: np.ndarray  # (levels,), u = origin + scale x
    k: np.ndarray  # (curves, levels, realisations)
    n: np.ndarray
    mean_n: np.ndarray  # (curves,)
    lower: np.ndarray  # (parameters,)
    upper: np.ndarray  # (curves, parameters)
    free: np.ndarray  # (parameters,)

    @property
    def n_curve(self) -> int:
        """Number of free parameters of the curve itself."""
        return int(self.free[: fit_kernels.INFLATION].sum())

    @property
    def kernel(self) -> tuple:
        kind = curves.FAMILIES[self.family]
        half, upper, lower = (float(kind.inverse(np.asarray(a))) for a in (0.5, 0.8, 0.2))
        return fit_kernels.SHAPES.index(kind.shape), half, lower - upper


def fit_curves(
    family: str,
    u,
    k,
    n,
    *,
    likelihood: str = "beta_binomial",
    floor_limits: tuple[float, float] | None = None,
    start: dict | None = None,
) -> dict[str, np.ndarray]:
    """Fit one family to many curves; every curve has six starts and keeps the best.

    k ~ BetaBinomial(n, p (1 - rho) / rho, (1 - p) (1 - rho) / rho) with p = m(u); rho = 0 is the
    binomial. With the likelihood gaussian k is a mean and n its standard error. Damped Newton steps
    on the exact second derivatives, within bounds: for counts plateau and floor lie in [0, 1].
    A level u = -inf, without noise, determines the plateau only.

    The status is one of `STATUS`. A curve has no fall, whatever the family, where the deviance of
    its mean exceeds that of the nearest curve that never rises by no more than 25 times the
    dispersion about the latter. It is unresolved where it rises, the half point lies outside the
    levels, fewer than two levels lie between 1 % and 99 % of the fall, a bound holds half point or
    slope, or the standard error of the width exceeds the width. Parameters of curves with too few
    levels or no fall are NaN; those of curves that are not converged or unresolved are there to be
    looked at only.

    Parameters
    ----------
    family : key of `netphase.transitions.curves.FAMILIES`
    u : (levels,) control parameter in the coordinate of the family
    k, n : broadcast to (..., levels, realisations), NaN where missing; all realisations of a
        curve are fitted together
    floor_limits : bounds of the floor, e.g. (1 / classes, 1) where chance bounds it from below;
        floor_bound says which of them was active
    start : an earlier result, for curves that broadcast to (...), to start from; where that does
        not converge the usual starts follow

    Returns
    -------
    dict
        The keys of `QUANTITIES`, each of shape (...).

    Raises
    ------
    InputError
        Unknown likelihood, a count outside 0 ... n, or an n that is not positive.
    """
    data = _prepare(family, u, k, n, likelihood, floor_limits)
    found = _maximise(data, start)
    return {name: value.reshape(data.lead) for name, value in _describe(data, *found).items()}


def profile_intervals(
    family: str,
    u,
    k,
    n,
    fits: dict,
    *,
    likelihood: str = "beta_binomial",
    floor_limits: tuple[float, float] | None = None,
) -> dict[str, np.ndarray]:
    """Profile-likelihood intervals of 95 % for half point and width.

    All values at which twice the loss of log-likelihood, maximised over the other parameters, is
    below a threshold: the quantile of chi^2 with one degree of freedom or, where rho is found above
    0, N ln(1 + t^2 / (N - q)) for N points, q parameters of the curve and Student's t with N - q
    degrees of freedom, which is exact for normal errors of unknown variance. An end is infinite
    (for the low end of the width: 0) where the likelihood never falls that far.

    Parameters
    ----------
    fits : result of `fit_curves` for the same data; others as there

    Returns
    -------
    dict
        The keys of `INTERVALS`, each of shape (...), NaN where the fit is not fitted.
    """
    data = _prepare(family, u, k, n, likelihood, floor_limits)
    ends = _profiles(data, fits)
    half = data.origin + data.scale * ends[:, 0]
    width = curves.width(family, 1.0) * data.scale * np.exp(-ends[:, 1, ::-1])
    values = (half[:, 0], half[:, 1], width[:, 0], width[:, 1])
    return {name: v.reshape(data.lead) for name, v in zip(INTERVALS, values, strict=True)}


def akaike_weights(aicc, axis: int = -1) -> np.ndarray:
    """exp(-delta / 2) / sum exp(-delta / 2), delta from the least AICc over `axis`.

    A family without a value has weight 0; NaN where no family has one.
    """
    aicc = np.where(np.isfinite(aicc), aicc, np.inf)
    least = aicc.min(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        relative = np.exp((least - aicc) / 2)
    return relative / relative.sum(axis=axis, keepdims=True)


def fit_runs(
    runs: xr.Dataset,
    controls: xr.Dataset,
    *,
    families=curves.DEFAULT_FAMILIES,
    likelihood: str = "beta_binomial",
    pool: bool,
) -> xr.Dataset:
    """Fit every family to the counts of a run cube, with profile intervals and Akaike weights.

    Parameters
    ----------
    runs : n_correct(..., step, realisation), negative where missing, and n_samples
    controls : the control parameter in the coordinate of every family, each (step,)
    pool : fit all realisations of a curve together; otherwise each by itself

    Returns
    -------
    xarray.Dataset
        `QUANTITIES`, `INTERVALS` and akaike_weight over (..., family), or over
        (..., realisation, family) where each realisation is fitted by itself.
    """
    counts = runs.n_correct.where(runs.n_correct >= 0).transpose(..., "realisation", "step")
    n_samples = runs.n_samples.broadcast_like(counts).transpose(*counts.dims)
    k, n = (np.swapaxes(a.values.astype(float), -1, -2) for a in (counts, n_samples))
    if not pool:
        k, n = (np.moveaxis(a, -1, -2)[..., np.newaxis] for a in (k, n))
    columns = []
    for family in families:
        u = controls[curves.FAMILIES[family].coordinate].values
        fits = fit_curves(family, u, k, n, likelihood=likelihood)
        columns.append(fits | profile_intervals(family, u, k, n, fits, likelihood=likelihood))
    fitted_over = ["step", "realisation"] if pool else ["step"]
    result = xr.Dataset(coords=counts.isel(dict.fromkeys(fitted_over, 0), drop=True).coords)
    names = [curves.FAMILIES[family].coordinate for family in families]
    result = result.assign_coords(family=list(families), coordinate=("family", names))
    dims = [dim for dim in counts.dims if dim not in fitted_over]
    for name, meaning in (QUANTITIES | INTERVALS).items():
        values = np.stack([column[name] for column in columns], axis=-1)
        result[name] = ((*dims, "family"), values, {"long_name": meaning, "units": "1"})
    weights = akaike_weights(result.aicc.where(result.status.isin([FITTED, UNRESOLVED])))
    result["akaike_weight"] = (
        (*dims, "family"),
        weights,
        {"long_name": "Akaike weight among the families", "units": "1"},
    )
    for name, meanings in (
        ("status", tuple(STATUS)),
        ("plateau_bound", BOUNDS),
        ("floor_bound", BOUNDS),
        ("floor_reached", ("not_flat", "flat")),
    ):
        result[name].attrs |= flags(meanings)
    result.attrs = {
        "title": "Maximum-likelihood fits of the transition",
        "likelihood": likelihood,
        "references": REFERENCES,
    }
    return result


def _prepare(family, u, k, n, kind, floor_limits):
    if kind not in LIKELIHOODS:
        raise InputError(f"likelihood: {kind!r} is none of {', '.join(LIKELIHOODS)}")
    kind = LIKELIHOODS.index(kind)
    u = np.asarray(u, float)
    k, n = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float))
    if np.any(n <= 0):
        what = "a standard error" if kind == GAUSSIAN else "a number of samples"
        raise InputError(f"fit: {what} is not positive; leave out points without error or samples")
    if kind != GAUSSIAN and np.any((k < 0) | (k > n)):
        raise InputError("fit: a count lies outside 0 ... number of samples")
    order = np.argsort(u)
    lead, u = k.shape[:-2], u[order]
    missing = np.isnan(k) | np.isnan(n) | np.isnan(u)[np.argsort(order), np.newaxis]
    k, n = (np.where(missing, np.nan, a)[..., order, :] for a in (k, n))
    # In one memory layout, since every other would be compiled for.
    k, n = (np.ascontiguousarray(a.reshape(-1, *a.shape[-2:])) for a in (k, n))

    finite = np.unique(u[np.isfinite(u)])
    origin, scale = (finite.mean(), finite.std()) if finite.size > 1 else (0.0, 1.0)
    x = (u - origin) / scale
    low, high = ((finite[[0, -1]] - origin) / scale) if finite.size > 1 else (-1.0, 1.0)
    spacing = np.diff(finite).min() / scale if finite.size > 1 else 1.0
    span = high - low

    slope = curves.FAMILIES[family].slope
    least, most = (-np.inf, np.inf) if kind == GAUSSIAN else (0.0, 1.0)
    floor_least, floor_most = floor_limits or (least, most)
    if slope is None:
        # The bounds keep the search finite; they lie beyond anything the levels could resolve.
        flattest, steepest = np.log(curves.width(family, 1.0) / (10 * span, spacing / 10))
    else:
        flattest = steepest = math.log(slope * scale)
    samples = np.isfinite(n).sum(axis=(1, 2))
    mean_n = np.nansum(n, axis=(1, 2)) / np.maximum(samples, 1)
    mean_n[samples == 0] = 1.0
    lower = np.array([least, floor_least, low - span, flattest, 0.0])
    upper = np.tile([most, floor_most, high + span, steepest, 0.0], (len(k), 1))
    upper[:, fit_kernels.INFLATION] = np.log1p(fit_kernels.LARGEST_ODDS * mean_n)
    free = np.array([True, True, True, slope is None, kind == BETA_BINOMIAL])
    return _Data(family, kind, lead, origin, scale, x, k, n, mean_n, lower, upper, free)


def _parameters(data, fits):
    """The results of an earlier fit as parameters of the search; (curves, parameters)."""
    plateau, floor, half, slope, rho = (
        np.broadcast_to(fits[name], data.lead).ravel()
        for name in ("plateau", "floor", "half_point", "slope", "rho")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        inflation = np.log1p(data.mean_n * rho / (1 - rho))
    columns = (plateau, floor, (half - data.origin) / data.scale, np.log(slope * data.scale))
    return np.stack([*columns, inflation], axis=-1)


def _maximise(data, start):
    first = np.full((len(data.k), fit_kernels.N_PARAMETERS), np.nan)
    if start is not None:
        first = _parameters(data, start)
    levels = np.isfinite(data.k).any(axis=2).sum(axis=1)
    shape, zero, z_20_80 = data.kernel
    return fit_kernels.fit_all(
        shape,
        zero,
        z_20_80,
        data.likelihood,
        data.x,
        data.k,
        data.n,
        data.mean_n,
        first,
        data.lower,
        data.upper,
        data.free,
        levels > data.n_curve,
    )


def _profiles(data, fits):
    best = _parameters(data, fits)
    fitted = np.broadcast_to(fits["status"], data.lead).ravel() == FITTED
    best[~fitted] = np.nan
    points = np.isfinite(data.k).sum(axis=(1, 2))
    dof = np.maximum(points - data.n_curve, 1)
    thresholds = np.where(
        best[:, fit_kernels.INFLATION] > 0,
        points * np.log1p(student.ppf(0.975, dof) ** 2 / dof),
        chi2.ppf(0.95, 1),
    )
    errors = np.full(best.shape, np.nan)
    half_se, width_se, width = (
        np.broadcast_to(fits[name], data.lead).ravel()
        for name in ("half_point_se", "width_se", "width")
    )
    errors[:, fit_kernels.HALF_POINT] = half_se / data.scale
    errors[:, fit_kernels.LN_SLOPE] = width_se / width
    top = np.broadcast_to(fits["log_likelihood"], data.lead).ravel() - _constant(data)
    shape, zero, _ = data.kernel
    return fit_kernels.profile_all(
        shape,
        zero,
        data.likelihood,
        data.x,
        data.k,
        data.n,
        data.mean_n,
        best,
        errors,
        top,
        thresholds,
        data.lower,
        data.upper,
        data.free,
    )


def _describe(data, parameters, errors, values, converged):
    """`QUANTITIES` of the results of a search, each (curves,); statuses need all of them."""
    half = data.origin + data.scale * parameters[:, fit_kernels.HALF_POINT]
    slope = np.exp(parameters[:, fit_kernels.LN_SLOPE]) / data.scale
    odds = np.expm1(parameters[:, fit_kernels.INFLATION]) / data.mean_n
    width = curves.width(data.family, slope)
    fit = {
        "plateau": parameters[:, fit_kernels.PLATEAU],
        "floor": parameters[:, fit_kernels.FLOOR],
        "centre": curves.centre_of(data.family, half, slope),
        "half_point": half,
        "slope": slope,
        "width": width,
        "rho": odds / (1 + odds),
        "plateau_se": errors[:, fit_kernels.PLATEAU],
        "floor_se": errors[:, fit_kernels.FLOOR],
        "half_point_se": data.scale * errors[:, fit_kernels.HALF_POINT],
        "width_se": width * errors[:, fit_kernels.LN_SLOPE],
        "log_likelihood": values + _constant(data),
    }
    points = np.isfinite(data.k).sum(axis=(1, 2))
    fit |= {"n_points": points.astype(np.int32), "dof": (points - data.n_curve).astype(float)}
    n_free = int(data.free.sum())
    spare = points - n_free - 1.0
    penalty = 2 * n_free * (1 + (n_free + 1) / np.where(spare > 0, spare, np.nan))
    fit["aicc"] = penalty - 2 * fit["log_likelihood"]

    z = slope[:, np.newaxis] * (data.origin + data.scale * data.x - fit["centre"][:, np.newaxis])
    fall = curves.FAMILIES[data.family].fall(z)
    height = (fit["plateau"] - fit["floor"])[:, np.newaxis]
    predicted = (fit["floor"][:, np.newaxis] + height * fall)[:, :, np.newaxis]
    fit["deviance"], pearson = _misfit(data, predicted)
    dispersion = np.maximum(pearson / np.maximum(fit["dof"], 1), 1)
    fit["r2"] = _r_squared(data, predicted)
    fit["floor_reached"] = _flat_tail(data, dispersion)
    for name, which in (("plateau_bound", 0), ("floor_bound", 1)):
        at_upper = parameters[:, which] >= data.upper[:, which]
        fit[name] = np.where(at_upper, 2, parameters[:, which] <= data.lower[which]).astype(np.int8)

    levels = np.isfinite(data.k).any(axis=2)
    ends = data.x[np.isfinite(data.x)]
    place = parameters[:, fit_kernels.HALF_POINT]
    resolved = (
        (place > ends.min(initial=np.inf))
        & (place < ends.max(initial=-np.inf))
        & (((fall > 0.01) & (fall < 0.99) & levels).sum(axis=1) >= 2)
        & (height[:, 0] > 0)
        & np.isfinite(fit["half_point_se"])
        & (~data.free[fit_kernels.LN_SLOPE] | (errors[:, fit_kernels.LN_SLOPE] < 1))
    )
    fit["status"] = np.select(
        [
            levels.sum(axis=1) <= data.n_curve,
            ~_falls(data),
            ~converged,
            ~resolved,
        ],
        [TOO_FEW_LEVELS, NO_FALL, NOT_CONVERGED, UNRESOLVED],
        FITTED,
    ).astype(np.int8)
    void = np.isin(fit["status"], (TOO_FEW_LEVELS, NO_FALL))
    for value in fit.values():
        if value.dtype.kind == "f":
            value[void] = np.nan
    return {name: fit[name] for name in QUANTITIES}


def _constant(data):
    """Part of the log-likelihood that is independent of the parameters; (curves,)."""
    k, n = data.k, data.n
    if data.likelihood == GAUSSIAN:
        return -np.nansum(np.log(n) + math.log(2 * math.pi) / 2, axis=(1, 2))
    return np.nansum(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), axis=(1, 2))


def _misfit(data, p):
    """Deviance and Pearson's chi^2 of predictions p without overdispersion; each (curves,)."""
    k, n = data.k, data.n
    if data.likelihood == GAUSSIAN:
        chi_squared = np.nansum(((k - p) / n) ** 2, axis=(1, 2))
        return chi_squared, chi_squared
    p = np.clip(p, fit_kernels.TINY, 1 - fit_kernels.TINY)
    terms = xlogy(k, k / (n * p)) + xlogy(n - k, (n - k) / (n * (1 - p)))
    pearson = (k - n * p) ** 2 / (n * p * (1 - p))
    return 2 * np.nansum(terms, axis=(1, 2)), np.nansum(pearson, axis=(1, 2))


def _weighted(data):
    """Weights, but for a factor that all points share, and values of the points."""
    if data.likelihood == GAUSSIAN:
        return data.n**-2.0, data.k
    return data.n, data.k / data.n


def _level_means(data):
    """Weighted means of the levels over the realisations and their weights; (curves, levels)."""
    weights, y = _weighted(data)
    total = np.nansum(weights, axis=2)
    return np.nansum(weights * y, axis=2) / np.where(total > 0, total, np.nan), total


def _falls(data):
    """Whether the curves fall by more than five standard errors, in no particular shape."""
    means, weights = _level_means(data)
    total = weights.sum(axis=1)
    constant = np.nansum(weights * means, axis=1) / np.where(total > 0, total, np.nan)
    falling = fit_kernels.decreasing(means, weights)
    steps = (np.diff(falling, axis=1) < 0).sum(axis=1)
    before = _misfit(data, constant[:, np.newaxis, np.newaxis])[0]
    after = _misfit(data, falling[:, :, np.newaxis])[0]
    dof = np.isfinite(data.k).sum(axis=(1, 2)) - steps - 1
    return before - after > 25 * np.maximum(after / np.maximum(dof, 1), 1)


def _r_squared(data, predicted):
    """1 - sum (y - m)^2 / sum (y - mean y)^2 over the points, NaN if all are equal; (curves,)."""
    y = _weighted(data)[1]
    points = np.maximum(np.isfinite(y).sum(axis=(1, 2)), 1)
    mean = np.nansum(y, axis=(1, 2)) / points
    total = np.nansum((y - mean[:, np.newaxis, np.newaxis]) ** 2, axis=(1, 2))
    residual = np.nansum((y - predicted) ** 2, axis=(1, 2))
    return 1 - residual / np.where(total > 0, total, np.nan)


def _flat_tail(data, dispersion):
    """1 where the last three levels agree with their mean at three standard errors; (curves,)."""
    means, weights = _level_means(data)
    there = weights > 0
    tail = there & (np.cumsum(there[:, ::-1], axis=1)[:, ::-1] <= 3)
    weights = np.where(tail, weights, 0)
    mean = np.nansum(weights * means, axis=1) / np.maximum(weights.sum(axis=1), fit_kernels.TINY)
    chi_squared = np.nansum(weights * (means - mean[:, np.newaxis]) ** 2, axis=1)
    if data.likelihood != GAUSSIAN:
        chi_squared /= np.maximum(mean * (1 - mean), fit_kernels.TINY)
    flat = (tail.sum(axis=1) == 3) & (chi_squared <= chi2.ppf(0.9973, 2) * dispersion)
    return flat.astype(np.int8)
