"""Laws of a positive quantity (width, half point, ...) of the size N of the system.

Three laws, fitted to the logarithm of the quantity with weights 1 / SE^2:

- pure: ln q = b - gamma ln N
- offset: q = limit + amplitude (N / N0)^(-gamma), N0 the geometric mean of the sizes
- log_corrected: ln q = b - gamma ln N + lambda ln ln N

A quantity with a limit looks like a pure power law over few decades, so none of them is fitted
without the others. Sizes that are left out and laws that cannot be fitted carry a reason. The file
is long because all three laws share their least squares, intervals and table.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import least_squares
from scipy.stats import norm

from netphase.errors import InputError
from netphase.files.attributes import describe
from netphase.statistics.intervals import student_half_width

REFERENCES = (
    "Birge (1932), Phys. Rev. 40, 207, for the scale of the errors; "
    "Hurvich and Tsai (1989), Biometrika 76, 297, for AICc"
)
LAWS = {
    "pure": ("b", "gamma"),
    "offset": ("limit", "amplitude", "gamma"),
    "log_corrected": ("b", "gamma", "lambda"),
}
STATUS = ("fitted", "too_few_sizes", "at_bound", "not_converged", "undefined")
FITTED, TOO_FEW_SIZES, AT_BOUND, NOT_CONVERGED, UNDEFINED = range(len(STATUS))
REASONS = ("used", "near_chance", "no_value", "no_error")
USED, NEAR_CHANCE, NO_VALUE, NO_ERROR = range(len(REASONS))
# An offset law with a steeper or flatter decay is a constant or a logarithm within any ladder.
GAMMA_BOUNDS = (0.01, 8.0)


class PowerLaw(NamedTuple):
    """ln q = b - gamma ln N; low and high bound gamma; every field has the shape of the stack."""

    b: np.ndarray
    gamma: np.ndarray
    b_se: np.ndarray
    gamma_se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    chi2: np.ndarray
    dof: np.ndarray
    aicc: np.ndarray


class LawFit(NamedTuple):
    """One fitted law: parameters in the order of `LAWS`, their covariance with Birge's factor."""

    law: str
    parameters: np.ndarray
    covariance: np.ndarray
    chi2: float
    dof: int
    aicc: float
    origin: float
    status: int


class Prediction(NamedTuple):
    """ln q of a size that was not fitted, with the 95 % interval of its measurement.

    error = measured - predicted.
    """

    value: float
    low: float
    high: float
    error: float


def exclusions(log_value, se, height=np.inf, height_se=1.0) -> np.ndarray:
    """Reason to leave a size out of the scaling: index into `REASONS`, 0 where it is used.

    near_chance : plateau - chance below 10 standard errors
    no_value : the quantity is missing (no converged fit, censored level)
    no_error : its standard error is missing or zero (one realisation, no scatter)

    Parameters
    ----------
    log_value, se : logarithm of the quantity and its standard error, (..., sizes)
    height, height_se : plateau - chance and its standard error, in accuracy
    """
    se = np.asarray(se, float)
    reason = np.where(np.isfinite(se) & (se > 0), USED, NO_ERROR)
    reason = np.where(np.isfinite(log_value), reason, NO_VALUE)
    near_chance = ~(np.asarray(height) >= 10 * np.asarray(height_se))
    return np.where(near_chance, NEAR_CHANCE, reason).astype(np.int8)


def span_decades(size) -> float:
    """log10 of the largest over the smallest size; NaN without a size."""
    size = np.asarray(size, float)
    return float(np.log10(size.max() / size.min())) if size.size else np.nan


def aicc(residuals, k) -> np.ndarray:
    """n ln(mean r^2) + 2 k + 2 k (k + 1) / (n - k - 1) of the present residuals; NaN for n < k + 2.

    Parameters
    ----------
    residuals : (..., n) in the logarithm, NaN where missing
    k : number of parameters, the variance counted
    """
    present = np.isfinite(residuals)
    n = present.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.sum(np.where(present, residuals, 0) ** 2, axis=-1) / n
        value = n * np.log(mean) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    return np.where(n > k + 1, value, np.nan)


def weighted_power_law(size, log_value, se) -> PowerLaw:
    """Weighted least squares of ln q = b - gamma ln N, weights 1 / SE^2.

    The covariance is multiplied by Birge's factor max(1, chi2 / dof), dof = sizes - 2; the interval
    of gamma is Student's t(0.975, dof) standard errors. Sizes without value or error are left out;
    where fewer than three remain, all is NaN.

    Parameters
    ----------
    size : (sizes,)
    log_value, se : ln q and its standard error, (..., sizes), any stack of ladders at once

    Raises
    ------
    InputError
        A size that is not positive, or that occurs twice.
    """
    log_size = np.log(_checked(size))
    design = np.stack([np.ones_like(log_size), -log_size], axis=-1)
    beta, covariance, chi2, dof, residuals = _weighted_least_squares(design, log_value, se)
    errors = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    half_width = student_half_width(errors[..., 1], np.maximum(dof, 1))
    return PowerLaw(
        beta[..., 0],
        beta[..., 1],
        errors[..., 0],
        errors[..., 1],
        beta[..., 1] - half_width,
        beta[..., 1] + half_width,
        chi2,
        dof,
        aicc(residuals, 3),
    )


def local_exponents(size, log_value, se) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """gamma between successive sizes, its standard error, and their geometric mean sizes.

    gamma_i = -(ln q_{i+1} - ln q_i) / (ln N_{i+1} - ln N_i)

    Parameters
    ----------
    size : (sizes,) ascending
    log_value, se : (..., sizes)
    """
    log_size = np.log(_checked(size))
    step = np.diff(log_size)
    se = np.asarray(se, float)
    gamma = -np.diff(log_value, axis=-1) / step
    gamma_se = np.hypot(se[..., 1:], se[..., :-1]) / step
    return gamma, gamma_se, np.exp((log_size[1:] + log_size[:-1]) / 2)


def exponents_from(size, log_value, se) -> tuple[np.ndarray, PowerLaw]:
    """The pure law of the sizes from N_min on, for every N_min that leaves three sizes.

    Parameters
    ----------
    size : (sizes,) ascending
    log_value, se : (sizes,)

    Returns
    -------
    (N_min, PowerLaw)
        Both (sizes - 2,).
    """
    size = np.asarray(size)
    first = np.arange(max(size.size - 2, 0))
    kept = np.arange(size.size) >= first[:, np.newaxis]
    return size[first], weighted_power_law(size, np.where(kept, log_value, np.nan), se)


def fit_law(law: str, size, log_value, se) -> LawFit:
    """Fit one of `LAWS` by weighted least squares in ln q.

    Intervals and predictions of a law with p parameters have sizes - p degrees of freedom. An
    offset whose limit falls to zero, or whose gamma meets the edge of the search, is at_bound and
    has no errors. log_corrected is undefined where a size is one or less.

    Parameters
    ----------
    size, log_value, se : (sizes,), all of them used

    Raises
    ------
    InputError
        A size that is not positive, or that occurs twice.
    """
    size, log_value, se = _checked(size), np.asarray(log_value, float), np.asarray(se, float)
    n_parameters = len(LAWS[law])
    origin = float(np.exp(np.log(size).mean())) if size.size else np.nan
    undefined = law == "log_corrected" and np.any(size <= 1)
    if undefined or size.size <= n_parameters:
        nothing = np.full((n_parameters, n_parameters), np.nan)
        status = UNDEFINED if undefined else TOO_FEW_SIZES
        return LawFit(law, nothing[0], nothing, np.nan, 0, np.nan, origin, status)
    if law == "offset":
        return _fit_offset(size, log_value, se, origin)
    _, design = _law(law, np.zeros(n_parameters), size, origin)
    beta, covariance, chi2, dof, residuals = _weighted_least_squares(design, log_value, se)
    score = float(aicc(residuals, n_parameters + 1))
    return LawFit(law, beta, covariance, float(chi2), int(dof), score, origin, FITTED)


def predict(fit: LawFit, size) -> tuple[np.ndarray, np.ndarray]:
    """ln q of a fitted law at any sizes, and its standard error."""
    value, gradient = _law(fit.law, fit.parameters, np.asarray(size, float), fit.origin)
    return value, np.sqrt(np.einsum("...i,ij,...j->...", gradient, fit.covariance, gradient))


def hold_out(size, log_value, se) -> dict[str, Prediction]:
    """Predict the largest size from the smaller ones, by every law and by the null model.

    The interval is that of the measured value: Student's t(0.975, dof) times the errors of the
    prediction and of the measurement together. The null model, "same as the second largest", has
    1.96 of the errors of both. Laws that the smaller sizes cannot fit are NaN.

    Parameters
    ----------
    size, log_value, se : (sizes,), all used; size ascending
    """
    size, log_value, se = _checked(size), np.asarray(log_value, float), np.asarray(se, float)
    predictions = dict.fromkeys([*LAWS, "null"], Prediction(*[np.nan] * 4))
    if size.size < 2:
        return predictions
    for law in LAWS:
        fit = fit_law(law, size[:-1], log_value[:-1], se[:-1])
        if fit.status in (FITTED, AT_BOUND):
            value, error = predict(fit, size[-1])
            half_width = student_half_width(np.hypot(error, se[-1]), fit.dof)
            predictions[law] = _prediction(value, half_width, log_value[-1])
    half_width = norm.ppf(0.975) * np.hypot(se[-1], se[-2])
    predictions["null"] = _prediction(log_value[-2], half_width, log_value[-1])
    return predictions


def fit_scaling(size, log_value, se, reason) -> xr.Dataset:
    """Fit all laws, local exponents and the hold-out prediction of one quantity of a ladder.

    One function because the table has a NaN wherever a part cannot be computed.

    Parameters
    ----------
    size : (sizes,)
    log_value, se : ln q and its standard error, (sizes,)
    reason : of `exclusions`, (sizes,); only sizes with reason 0 enter

    Returns
    -------
    xarray.Dataset
        Over `law`: gamma with interval, b, limit, amplitude, lambda, chi2, dof, aicc, delta_aicc,
        akaike_weight, status; over `predictor` (the laws and null): the hold-out prediction of the
        largest size; over `successive`: local exponents; over `n_min`: the pure exponent from that
        size on. What does not exist is NaN.

    Raises
    ------
    InputError
        A size that is not positive, or that occurs twice.
    """
    size, log_value, se, reason = map(np.asarray, (size, log_value, se, reason))
    order = np.argsort(size)
    ladder = [part[order][reason[order] == USED] for part in (size, log_value, se)]
    fits = [fit_law(law, *ladder) for law in LAWS]
    scaling = xr.Dataset(coords={"law": list(LAWS), "size": size})
    scaling["log_value"] = "size", log_value
    scaling["log_value_se"] = "size", se
    scaling["reason"] = "size", reason.astype(np.int8)
    for name in ("gamma", "b", "limit", "amplitude", "lambda"):
        rows = [_estimate(fit, name) for fit in fits]
        for column, suffix in enumerate(("", "_se", "_low", "_high")):
            scaling[name + suffix] = "law", [row[column] for row in rows]
    scaling["nu"], scaling["nu_low"], scaling["nu_high"] = _reciprocal(
        scaling.gamma, scaling.gamma_low, scaling.gamma_high
    )
    for name in ("chi2", "dof", "aicc", "origin"):
        scaling[name] = "law", [getattr(fit, name) for fit in fits]
    scaling["delta_aicc"] = scaling.aicc - scaling.aicc.min()
    weight = np.exp(-scaling.delta_aicc / 2)
    scaling["akaike_weight"] = weight / weight.sum()
    scaling["status"] = "law", np.array([fit.status for fit in fits], np.int8)

    predictions = hold_out(*ladder)
    scaling = scaling.assign_coords(predictor=list(predictions))
    for column, name in enumerate(("predicted", "predicted_low", "predicted_high", "error")):
        scaling[name] = "predictor", [prediction[column] for prediction in predictions.values()]

    gamma, gamma_se, between = local_exponents(*ladder)
    scaling = scaling.assign_coords(successive=between)
    scaling["local_gamma"], scaling["local_gamma_se"] = (
        ("successive", gamma),
        ("successive", gamma_se),
    )
    n_min, tails = exponents_from(*ladder)
    scaling = scaling.assign_coords(n_min=n_min)
    scaling["tail_gamma"] = "n_min", tails.gamma
    scaling["tail_gamma_low"] = "n_min", tails.low
    scaling["tail_gamma_high"] = "n_min", tails.high
    return _described(scaling, ladder[0])


def _checked(size):
    size = np.asarray(size, float)
    if not np.all(size > 0) or np.unique(size).size < size.size:
        raise InputError(f"scaling: sizes must be positive and distinct, not {size.tolist()}")
    return size


def _weighted_least_squares(design, log_value, se):
    """Parameters, covariance with Birge's factor, chi2, dof and residuals of a linear law."""
    log_value, se = np.broadcast_arrays(np.asarray(log_value, float), np.asarray(se, float))
    used = np.isfinite(log_value) & np.isfinite(se) & (se > 0)
    n, p = used.sum(axis=-1), design.shape[-1]
    enough = n > max(p, 2)
    root = np.where(used, 1 / np.where(used, se, 1), 0)
    y = np.where(used, log_value, 0)
    inverse = np.linalg.pinv(root[..., np.newaxis] * design)
    beta = np.einsum("...ij,...j->...i", inverse, root * y)
    residuals = np.where(used & enough[..., np.newaxis], y - beta @ design.T, np.nan)
    chi2 = np.where(enough, np.sum((root * np.where(used, residuals, 0)) ** 2, axis=-1), np.nan)
    dof = np.where(enough, n - p, 0)
    birge = np.maximum(1, chi2 / np.maximum(dof, 1))
    covariance = np.einsum("...,...ij,...kj->...ik", birge, inverse, inverse)
    beta = np.where(enough[..., np.newaxis], beta, np.nan)
    return beta, covariance, chi2, dof, residuals


def _law(law, parameters, size, origin):
    """ln q of a law at any sizes, and its gradient in the parameters (last axis)."""
    if law == "offset":
        limit, amplitude, gamma = parameters
        decay = np.exp(-gamma * np.log(size / origin))
        q = limit + amplitude * decay
        slope = -amplitude * decay * np.log(size / origin)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.log(np.where(q > 0, q, np.nan))
            return value, np.stack([np.ones_like(q), decay, slope], -1) / q[..., np.newaxis]
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [np.ones_like(size), -np.log(size), np.log(np.log(size))]
    design = np.stack(columns[: len(parameters)], axis=-1)
    return design @ parameters, design


def _fit_offset(size, log_value, se, origin):
    middle = log_value.mean()
    q = np.exp(log_value - middle)

    def residual(parameters):
        # Where the law is negative, any large misfit will do: the optimiser turns back.
        return np.nan_to_num((_law("offset", parameters, size, origin)[0] - y) / se, nan=1e3)

    def jacobian(parameters):
        gradient = _law("offset", parameters, size, origin)[1]
        return np.nan_to_num(gradient / se[:, np.newaxis])

    y = np.log(q)
    starts = []
    for gamma in np.geomspace(0.05, 4, 16):
        columns = np.stack([np.ones_like(q), np.exp(-gamma * np.log(size / origin))], axis=-1)
        root = 1 / (se * q)
        limit, amplitude = np.linalg.lstsq(root[:, np.newaxis] * columns, root * q)[0]
        if limit < 0:
            limit, amplitude = 0.0, np.exp(np.average(np.log(q / columns[:, 1]), weights=se**-2))
        starts.append((limit, amplitude, gamma))
    starts.sort(key=lambda start: np.sum(residual(start) ** 2))
    bounds = ([0, -np.inf, GAMMA_BOUNDS[0]], [np.inf, np.inf, GAMMA_BOUNDS[1]])
    options = {"bounds": bounds, "ftol": 1e-10, "xtol": 1e-10, "gtol": 1e-10, "max_nfev": 400}
    fits = [least_squares(residual, start, jacobian, **options) for start in starts[:2]]
    best = min(fits, key=lambda fit: fit.cost)

    chi2, dof = 2 * best.cost, size.size - 3
    scale = np.exp(middle) * np.array([1, 1, 0]) + np.array([0, 0, 1])
    score = float(aicc(best.fun * se, 4))
    nothing = np.full((3, 3), np.nan)
    if not best.success:
        return LawFit("offset", nothing[0], nothing, np.nan, dof, np.nan, origin, NOT_CONVERGED)
    edge = np.isclose(best.x[2], GAMMA_BOUNDS, rtol=1e-3).any() or best.x[0] < 1e-6 * q.min()
    inverse = np.linalg.pinv(jacobian(best.x))
    covariance = max(1, chi2 / dof) * np.outer(scale, scale) * (inverse @ inverse.T)
    return LawFit(
        "offset",
        best.x * scale,
        nothing if edge else covariance,
        chi2,
        dof,
        score,
        origin,
        AT_BOUND if edge else FITTED,
    )


def _estimate(fit, name):
    """Value, standard error and 95 % interval of one parameter; NaN where the law has none."""
    if name not in LAWS[fit.law]:
        return (np.nan,) * 4
    i = LAWS[fit.law].index(name)
    value, error = fit.parameters[i], np.sqrt(fit.covariance[i, i])
    half_width = student_half_width(error, max(fit.dof, 1))
    return value, error, value - half_width, value + half_width


def _reciprocal(value, low, high):
    """1 / value with its interval, NaN where the interval of the value holds zero."""
    apart = low * high > 0
    return 1 / value, 1 / high.where(apart), 1 / low.where(apart)


def _prediction(value, half_width, measured):
    numbers = (value, value - half_width, value + half_width, measured - value)
    return Prediction(*map(float, numbers))


def _described(scaling, used):
    names = {
        "gamma": "exponent of the decay with system size",
        "b": "logarithm of the quantity at system size 1",
        "limit": "quantity in the limit of infinite size",
        "amplitude": "distance from the limit at the geometric mean of the sizes",
        "lambda": "power of the logarithm of the system size",
        "nu": "1 / gamma",
        "tail_gamma": "pure exponent of the sizes from n_min on",
        "local_gamma": "exponent between successive sizes",
        "predicted": "logarithm of the quantity at the largest size, from the smaller ones",
        "size": "system size",
        "successive": "geometric mean of two successive sizes",
        "n_min": "smallest size of the fit",
        "law": "law of the size",
        "predictor": "law of the size, or null: the same as at the second largest size",
        "log_value": "logarithm of the quantity",
        "reason": "why the size is left out of the scaling",
        "chi2": "sum of the squared residuals in standard errors",
        "dof": "degrees of freedom",
        "aicc": "Akaike information criterion, corrected for few sizes",
        "origin": "geometric mean of the sizes in the fit",
        "delta_aicc": "aicc above the lowest of all laws",
        "akaike_weight": "Akaike weight of the law",
        "status": "outcome of the fit",
        "error": "measured minus predicted logarithm at the largest size",
    }
    describe(scaling, names, {"status": STATUS, "reason": REASONS})
    scaling.attrs = {
        "title": "Scaling of one quantity with the system size",
        "references": REFERENCES,
        "n_sizes": int(used.size),
        "span_decades": span_decades(used),
    }
    return scaling
