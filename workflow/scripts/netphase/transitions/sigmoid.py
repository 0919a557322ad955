"""The sigmoid of an order parameter against the noise-to-signal ratio: half point, width, fit.

The coordinate of every centre and width is ln(kappa).
"""

import numpy as np
import xarray as xr
from scipy.optimize import least_squares
from scipy.special import expit

from netphase.files.flags import flags

REFERENCES = (
    "Seidler and Abel (2024), Transition of Model Performance in Dependence of the Amount of Data "
    "Corruption with Respect to Network Sizes, ICAART 2024"
)
STATUS = ("fitted", "too_few_levels", "no_fall", "unresolved")
FITTED, TOO_FEW_LEVELS, NO_FALL, UNRESOLVED = range(len(STATUS))
QUANTITIES = {
    "plateau": "accuracy in the limit of no noise",
    "floor": "accuracy in the limit of pure noise",
    "kappa_c": "half point of the sigmoid, as a noise-to-signal ratio",
    "slope": "slope of the sigmoid in ln(kappa)",
    "width": "distance in ln(kappa) between the level sets 0.9 and 0.1 of the sigmoid",
    "plateau_se": "standard error of plateau",
    "floor_se": "standard error of floor",
    "kappa_c_se": "standard error of kappa_c",
    "slope_se": "standard error of slope",
    "width_se": "standard error of width",
    "r2_points": "coefficient of determination over all fitted points",
    "r2_means": "coefficient of determination over the means of the levels",
    "n_points": "number of fitted points",
    "status": "outcome of the fit",
}


def sigmoid(kappa, plateau, floor, kappa_c, slope):
    """floor + (plateau - floor) / (1 + (kappa / kappa_c)^slope), for kappa > 0.

    Half the fall is at kappa_c. Seidler & Abel (2024) print no formula; this is the logistic
    function of ln(kappa).
    """
    return floor + (plateau - floor) * expit(-slope * np.log(kappa / kappa_c))


def width(slope):
    """2 ln(9) / slope: the ln(kappa) in which the sigmoid falls from 9/10 to 1/10 of its height."""
    return 2 * np.log(9) / slope


def r_squared(observed, predicted):
    """1 - sum (observed - predicted)^2 / sum (observed - mean)^2; NaN if all observed are equal."""
    observed = np.asarray(observed)
    total = np.sum((observed - observed.mean()) ** 2)
    return 1 - np.sum((observed - predicted) ** 2) / total if total > 0 else np.nan


def fit_sigmoid(kappa, accuracy) -> dict[str, float]:
    """Least-squares fit of `sigmoid` to every point of one curve.

    Several starts, best one kept; plateau and floor lie in [0, 1]. Standard errors come from the
    Jacobian and one residual variance for all noise levels. One function because starts,
    residuals and status share the scaled levels. The fit is

    - too_few_levels, all NaN: fewer than five levels with kappa > 0 and a value (four parameters);
    - no_fall, all NaN: the height is within five standard errors of zero, as at chance;
    - unresolved: no convergence, fewer than two levels between 1 % and 99 % of the fall, kappa_c
      outside the levels, or a slope smaller than its standard error.

    Parameters
    ----------
    kappa : (levels,)
    accuracy : (levels, realisations), NaN where missing

    Returns
    -------
    dict
        The keys of `QUANTITIES`; `status` is an index into `STATUS`.
    """
    result = dict.fromkeys(QUANTITIES, np.nan)
    kappa, accuracy = np.asarray(kappa, float), np.asarray(accuracy, float)
    used = np.isfinite(accuracy) & (kappa > 0)[:, np.newaxis]
    measured = used.any(axis=1)
    y, u = accuracy[used], np.log(kappa[np.nonzero(used)[0]])
    result["n_points"] = y.size
    if np.unique(kappa[measured]).size < 5:
        return result | {"status": TOO_FEW_LEVELS}

    levels = np.log(kappa[measured])
    means = np.nanmean(accuracy[measured], axis=1)
    span, spacing = np.ptp(levels), np.diff(np.unique(levels)).min()

    def residual(parameters):
        plateau, floor, u_c, slope = parameters
        return floor + (plateau - floor) * expit(-slope * (u - u_c)) - y

    def jacobian(parameters):
        plateau, floor, u_c, slope = parameters
        h = expit(-slope * (u - u_c))
        steepness = (plateau - floor) * h * (1 - h)
        return np.stack([h, 1 - h, steepness * slope, -steepness * (u - u_c)], axis=1)

    # The bounds keep the optimiser finite; they lie beyond anything the levels could resolve.
    lowest = (0, 0, levels.min() - span, width(10 * span))
    highest = (1, 1, levels.max() + span, width(spacing / 10))
    starts = [
        (np.clip(means.max(), 0, 1), np.clip(means.min(), 0, 1), centre, width(fall))
        for centre in np.quantile(levels, (0.25, 0.5, 0.75))
        for fall in (span / 8, span / 2)
    ]
    starts.sort(key=lambda start: np.sum(residual(start) ** 2))
    options = {"bounds": (lowest, highest), "ftol": 1e-12, "xtol": 1e-12, "gtol": 1e-12}
    fits = [
        least_squares(residual, start, jacobian, max_nfev=100, **options) for start in starts[:3]
    ]
    best = min(fits, key=lambda fit: fit.cost)
    plateau, floor, u_c, slope = best.x
    J = jacobian(best.x)
    variance = 2 * best.cost / max(y.size - 4, 1)
    above, below = J[:, 0].sum(), J[:, 1].sum()
    height_se = np.sqrt(variance * (1 / above + 1 / below)) if above * below > 0 else np.inf
    if np.ptp(y) == 0 or plateau - floor <= 5 * height_se:
        return result | {"status": NO_FALL}

    try:
        with np.errstate(invalid="ignore"):
            se = np.sqrt(variance * np.diag(np.linalg.inv(J.T @ J)))
    except np.linalg.LinAlgError:
        se = np.full(4, np.nan)
    on_the_slope = np.abs(slope * (levels - u_c)) < np.log(99)
    bracketed = levels.min() < u_c < levels.max() and on_the_slope.sum() >= 2
    kappa_c = np.exp(u_c)
    return result | {
        "plateau": plateau,
        "floor": floor,
        "kappa_c": kappa_c,
        "slope": slope,
        "width": width(slope),
        "plateau_se": se[0],
        "floor_se": se[1],
        "kappa_c_se": kappa_c * se[2],
        "slope_se": se[3],
        "width_se": width(slope) * se[3] / slope,
        "r2_points": r_squared(y, y + best.fun),
        "r2_means": r_squared(means, sigmoid(kappa[measured], plateau, floor, kappa_c, slope)),
        "status": FITTED if best.success and bracketed and se[3] < slope else UNRESOLVED,
    }


def fit_transition(runs: xr.Dataset) -> xr.Dataset:
    """Fit the sigmoid to every accuracy curve of a run cube.

    Curve "mean" is fitted to the points of all realisations, so its least squares follow the mean;
    curve "max" is fitted to the maximum over the realisations at each level, the quantity of
    Seidler & Abel (2024), which lies above the mean by about 1.5 standard deviations for ten.

    Parameters
    ----------
    runs : accuracy(dataset, model, size, step, realisation, split) with kappa(step)

    Returns
    -------
    xarray.Dataset
        `QUANTITIES` and converged(dataset, model, size, split, curve).
    """
    largest = runs.accuracy.max("realisation").expand_dims(realisation=runs.realisation[:1])
    curves = xr.concat([runs.accuracy, largest], "curve", join="outer", coords="minimal")
    fits = xr.apply_ufunc(
        lambda kappa, points: np.array(list(fit_sigmoid(kappa, points).values())),
        runs.kappa,
        curves,
        input_core_dims=[["step"], ["step", "realisation"]],
        output_core_dims=[["quantity"]],
        vectorize=True,
    )
    fits = fits.assign_coords(quantity=list(QUANTITIES), curve=["mean", "max"])
    transition = fits.to_dataset("quantity").transpose(..., "size", "split", "curve")
    transition = transition.assign(
        n_points=transition.n_points.astype(np.int32), status=transition.status.astype(np.int8)
    )
    transition["converged"] = (transition.status == FITTED).astype(np.int8)
    for name, variable in transition.items():
        variable.attrs = {
            "long_name": QUANTITIES.get(name, "whether the fit is to be trusted"),
            "units": "1",
            "references": REFERENCES,
        }
        if name.removesuffix("_se") in ("kappa_c", "slope", "width"):
            variable.attrs["coordinate"] = "ln(kappa)"
    transition.status.attrs |= flags(STATUS)
    transition.converged.attrs |= flags(("not_converged", "converged"))
    transition.curve.attrs = {
        "long_name": "points of the fit: all realisations (mean) or their maximum (max)"
    }
    transition.attrs = {"title": "Sigmoid fits of the noise transition", "references": REFERENCES}
    return transition
