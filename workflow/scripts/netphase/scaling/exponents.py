"""Size dependence of transition point and width of the curves of a study.

Quoted are the fits of single realisations in one family (`netphase.transitions.model_selection`),
averaged as logarithms over the realisations, with the laws of `netphase.scaling.power_laws`.
`netphase.scaling.sensitivity` repeats the fit under every other choice.
"""

import numpy as np
import pandas as pd
import xarray as xr

from netphase.files.flags import flags
from netphase.runs.ladders import noised_test, over_ladders
from netphase.scaling.power_laws import (
    NO_VALUE,
    REASONS,
    TOO_FEW_SIZES,
    exclusions,
    fit_scaling,
)
from netphase.statistics.intervals import student_half_width
from netphase.statistics.means import size_means
from netphase.statistics.resampling import percentile_interval
from netphase.transitions import curves
from netphase.transitions.fits import (
    FITTED,
    NOT_CONVERGED,
    TOO_FEW_LEVELS,
    UNRESOLVED,
)
from netphase.transitions.widths import NO_WIDTH, LogWidth, bootstrap_seed_fit, log_mean
from netphase.transitions.widths import REASONS as MEAN_REASONS

QUANTITIES = {
    "kappa_c": "half point of the fitted curve, as a noise-to-signal ratio",
    "width": "distance in ln(kappa) between the level sets 0.9 and 0.1 of the fitted curve",
}
N_SAMPLES = 1000
# Degrees of freedom that the error of the fits is worth beside the R - 1 of the realisations. With
# 2 the intervals of the exponents cover 90 to 99 % for 2, 3, 5 and 10 realisations, whether they
# scatter by no more than the errors of their fits or three times as much.
FIT_FREEDOM = 2
FILL = {"status": TOO_FEW_SIZES, "reason": NO_VALUE, "mean_reason": NO_WIDTH, "quoted": ""}


def fit_exponents(runs: xr.Dataset, pooled: xr.Dataset, single: xr.Dataset) -> xr.Dataset:
    """Sizes, scaling laws and hold-out prediction of kappa_c, width and curve.

    Parameters
    ----------
    runs : of `netphase.runs.aggregation.aggregate`
    pooled, single : of `netphase.transitions.model_selection.fit_families` for these runs; sizes
        whose pooled profile interval of the half point leaves the levels have no value

    Returns
    -------
    xarray.Dataset
        The results of `netphase.scaling.power_laws.fit_scaling` over (dataset, ladder, quantity,
        ...); over (..., quantity, size) value with its 95 % interval low, high (Student's t over
        the realisations, see `moderated_mean`), profile_low and profile_high (of all realisations
        together), n_fitted, n_left_out, and the split of the variance of one realisation into the
        error of its fit and the rest; over (..., predictor, step) the curve of the largest size
        (`predict_curve`).
    """

    def scale(ladder, pooled, single):
        pooled, single = (fits.sel(family=str(pooled.quoted.values)) for fits in (pooled, single))
        u = np.log(ladder.kappa.values)
        parts = [_scale_quantity(name, pooled, single, u) for name in QUANTITIES]
        names = xr.Variable("quantity", list(QUANTITIES))
        scaling = xr.concat(parts, names, join="outer", fill_value=FILL)
        curve = predict_curve(ladder, pooled, scaling)
        levels = {name: ladder[name].variable for name in ("step", "kappa")}
        return scaling.assign(curve | {"quoted": pooled.quoted}).assign_coords(levels)

    test = noised_test(runs)
    counted = {"n_fitted": 0, "n_left_out": 0}
    scaling = over_ladders(scale, test, pooled, single, fill_value=FILL | counted)
    scaling["size"].attrs = runs["size"].attrs
    scaling.quantity.attrs = {"long_name": "quantity that is scaled"} | QUANTITIES
    scaling.attrs |= {"title": "Scaling of kappa_c and width with the system size"}
    return scaling


def _scale_quantity(name, pooled, single, u):
    single = single.transpose("size", "realisation")
    # Where the levels do not hold the fall, chance picks the realisations that seem to show it.
    held = (pooled.half_point_low > u.min(initial=np.inf)) & (
        pooled.half_point_high < u.max(initial=-np.inf)
    )
    fitted = (single.status == FITTED) & held
    if name == "width":
        values = single.width.where(fitted).values
        errors = (single.width_se / single.width).values
        ends = [pooled[f"width_{end}"].values for end in ("low", "high")]
    else:
        values = np.exp(single.half_point.where(fitted).values)
        errors = single.half_point_se.values
        ends = [np.exp(pooled[f"half_point_{end}"].values) for end in ("low", "high")]
    mean = moderated_mean(values, errors)
    split = size_means(np.log(values), errors)
    known = pooled.status.isin([FITTED, UNRESOLVED])
    height = (pooled.plateau - 1 / pooled.n_classes).where(known).values
    reason = exclusions(mean.mean, mean.se, height, pooled.plateau_se.values)
    # Without a fit nothing is known of the height.
    reason = np.where(pooled.status.isin([TOO_FEW_LEVELS, NOT_CONVERGED]), NO_VALUE, reason)
    scaling = fit_scaling(pooled["size"].values, mean.mean, mean.se, reason)
    half_width = student_half_width(mean.se, np.maximum(mean.n - 1, 1) + FIT_FREEDOM)
    per_size = {
        "value": (np.exp(mean.mean), "mean over the realisations, of the logarithm"),
        "low": (np.exp(mean.mean - half_width), "lower end of the 95 % interval of value"),
        "high": (np.exp(mean.mean + half_width), "upper end of the 95 % interval of value"),
        "profile_low": (ends[0], "lower end of the 95 % profile interval, realisations pooled"),
        "profile_high": (ends[1], "upper end of the 95 % profile interval, realisations pooled"),
        "sampling_variance": (split.sampling_variance, "variance of ln(value) within one fit"),
        "between_variance": (split.between_variance, "variance of ln(value) between realisations"),
        "n_fitted": (mean.n.astype(np.int32), "number of realisations with a value"),
        "n_left_out": (mean.n_left_out.astype(np.int32), "number of realisations without a value"),
        "mean_reason": (mean.reason, "why the mean has no error"),
    }
    for key, (numbers, meaning) in per_size.items():
        scaling[key] = "size", numbers, {"long_name": meaning, "units": "1"}
    scaling.mean_reason.attrs |= flags(tuple(MEAN_REASONS))
    for key, meaning in (
        ("n_sizes", "number of sizes in the scaling"),
        ("span_decades", "decades of size in the scaling"),
    ):
        scaling[key] = (), scaling.attrs.pop(key), {"long_name": meaning, "units": "1"}
    return scaling.assign_coords(n_parameters=pooled.n_parameters.variable)


def quoted_interval(one: xr.Dataset) -> tuple[float, float, float]:
    """Value of one size and its interval: over the realisations, or the profile's without one."""
    ends = ("low", "high") if np.isfinite(one.low) else ("profile_low", "profile_high")
    return tuple(float(one[name]) for name in ("value", *ends))


def moderated_mean(values, errors) -> LogWidth:
    """Mean logarithm of each size; its error draws on the scatter and on the errors of the fits.

    SE^2 = ((R - 1) s^2 + f v) / ((R - 1 + f) R), s^2 the variance of R realisations, v the mean
    squared error of their fits, f = FIT_FREEDOM. Two realisations that agree by chance would
    otherwise outweigh all others. Where the fits err less than the realisations scatter, the error
    is too small at all sizes alike, which Birge's factor of the scaling law makes good. (Moderated
    variance: Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3.)

    Parameters
    ----------
    values : (sizes, realisations), NaN where missing
    errors : their relative standard errors

    Returns
    -------
    LogWidth
        That of `netphase.transitions.widths.log_mean` with the moderated error.
    """
    mean, split = log_mean(values), size_means(np.log(values), errors)
    freedom = np.maximum(mean.n - 1, 1)
    variance = freedom * split.variance + FIT_FREEDOM * split.sampling_variance
    moderated = np.sqrt(variance / (freedom + FIT_FREEDOM) / np.maximum(mean.n, 1))
    return mean._replace(se=np.where(np.isfinite(mean.se), moderated, np.nan))


def bootstrap_intervals(
    runs: xr.Dataset, pooled: xr.Dataset, rng: np.random.Generator
) -> xr.Dataset:
    """Percentile intervals of kappa_c and width over resampled realisations, to compare.

    Where every network is trained at one level, realisations are drawn anew at each level. With few
    realisations such intervals are too narrow; none of them is quoted.

    Parameters
    ----------
    runs, pooled : as of `fit_exponents`

    Returns
    -------
    xarray.Dataset
        bootstrap_low, bootstrap_high over (dataset, ladder, quantity, size), NaN where a size has a
        single realisation, or half of its samples have no fit.
    """

    def resample(ladder, pooled):
        counts = ladder.n_correct.where(ladder.n_correct >= 0)
        counts = counts.transpose("size", "step", "realisation")
        samples = bootstrap_seed_fit(
            str(pooled.quoted.values), np.log(ladder.kappa.values), counts.values,
            float(ladder.n_samples), n_samples=N_SAMPLES, rng=rng,
            protocol=ladder.attrs.get("protocol", "trained_at_each_level"),
        )  # fmt: skip
        several = (counts.notnull().any("step").sum("realisation") > 1).values
        names = {"kappa_c": "half_point", "width": "log_width"}
        ends = [
            np.where(several, np.exp(percentile_interval(samples[name])), np.nan)
            for name in names.values()
        ]
        low, high = np.swapaxes(ends, 0, 1)
        dims, words = ("quantity", "size"), "end of the 95 % interval, realisations resampled"
        return xr.Dataset(
            {
                "bootstrap_low": (dims, low, {"long_name": f"lower {words}", "units": "1"}),
                "bootstrap_high": (dims, high, {"long_name": f"upper {words}", "units": "1"}),
            },
            {"quantity": list(names)}
            | {name: ladder[name].variable for name in ("size", "n_parameters")},
        )

    return over_ladders(resample, noised_test(runs), pooled)


def predict_curve(ladder: xr.Dataset, pooled: xr.Dataset, scaling: xr.Dataset) -> dict:
    """The normalised curve of the largest size, from kappa_c and width of the smaller sizes.

    The null model has the fit of the second largest size. What is measured is the mean test
    accuracy over the realisations, scaled by floor and plateau of its own fit: the height of the
    curve is no part of the prediction. The band is that of the intervals of kappa_c and width
    together.

    Parameters
    ----------
    ladder : accuracy(size, step, realisation), kappa(step) > 0
    pooled : fits of the quoted family, over size
    scaling : over (quantity, predictor), predicted and its ends, logarithms

    Returns
    -------
    dict
        curve, curve_low, curve_high over (predictor, step), curve_measured over step, and the
        root mean square error curve_rms over predictor.
    """
    family, u = str(pooled.family.values), np.log(ladder.kappa)
    largest = pooled.isel(size=-1)
    accuracy = ladder.accuracy.isel(size=-1).mean("realisation")
    measured = (accuracy - largest.floor) / (largest.plateau - largest.floor)
    measured = measured.where(largest.status == FITTED)

    def predicted(half_point_end="", width_end=""):
        half_point = scaling[f"predicted{half_point_end}"].sel(quantity="kappa_c", drop=True)
        width = np.exp(scaling[f"predicted{width_end}"].sel(quantity="width", drop=True))
        slope = curves.width(family, 1.0) / width
        centre = curves.centre_of(family, half_point, slope)
        return curves.curve(family, u, 1.0, 0.0, centre, slope).transpose("predictor", "step")

    curve = predicted()
    moved = xr.concat([curve, predicted("_low"), predicted("_high")], "end")
    stretched = xr.concat([curve, predicted("", "_low"), predicted("", "_high")], "end")
    down = np.hypot(curve - moved.min("end"), curve - stretched.min("end"))
    up = np.hypot(moved.max("end") - curve, stretched.max("end") - curve)
    described = {
        "curve": (curve, "normalised curve of the largest size, from the smaller sizes"),
        "curve_low": (curve - down, "lower end of the 95 % band of curve"),
        "curve_high": (curve + up, "upper end of the 95 % band of curve"),
        "curve_measured": (measured, "normalised test accuracy of the largest size"),
        "curve_rms": (
            ((measured - curve) ** 2).mean("step", skipna=False) ** 0.5,
            "root mean square of curve_measured minus curve",
        ),
    }
    return {
        name: (values.dims, values.values, {"long_name": meaning, "units": "1"})
        for name, (values, meaning) in described.items()
    }


def size_table(scaling: xr.Dataset) -> pd.DataFrame:
    """Table of all sizes: value, interval, variances, and why a size is left out."""
    columns = ["value", "low", "high", "profile_low", "profile_high"]
    columns += ["bootstrap_low", "bootstrap_high", "sampling_variance", "between_variance"]
    columns += ["n_fitted", "n_left_out"]
    table = scaling[columns].to_dataframe().reset_index()
    axes = ("dataset", "ladder", "quantity", "size")
    reason = scaling.reason.transpose(*axes).values.ravel()
    table["left_out"] = np.where(reason == 0, "", np.array(REASONS)[reason])
    return table[[*axes, *columns, "left_out"]]
