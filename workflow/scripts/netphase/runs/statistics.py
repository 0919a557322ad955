"""Statistics of a run cube over its realisations."""

import numpy as np
import xarray as xr

METRICS = ("accuracy", "f1", "precision", "recall")
REDUCTIONS = {
    "mean": "mean over the realisations",
    "sd": "standard deviation (ddof 1) over the realisations",
    "max": "maximum over the realisations",
    "min": "minimum over the realisations",
}


def summarise(runs: xr.Dataset) -> xr.Dataset:
    """Mean, standard deviation (ddof 1), maximum and minimum over the realisations.

    Adds `floor` and `floor_levels` of the accuracy (see `flat_floor`) and n_realisations. The
    standard deviation of a single realisation is NaN.
    """
    statistics = xr.Dataset(coords=runs.coords).drop_dims("realisation", errors="ignore")
    counts = runs.accuracy.count("realisation")
    for metric in METRICS:
        values = runs[metric]
        reductions = {
            "mean": values.mean("realisation"),
            "sd": values.std("realisation", ddof=1),
            "max": values.max("realisation"),
            "min": values.min("realisation"),
        }
        for prefix, reduced in reductions.items():
            reduced.attrs = {"long_name": f"{REDUCTIONS[prefix]} of {metric}", "units": "1"}
            statistics[f"{prefix}_{metric}"] = reduced
    floor, levels = xr.apply_ufunc(
        flat_floor,
        runs.kappa,
        runs.accuracy,
        runs.n_samples,
        input_core_dims=[["step"], ["step", "realisation"], []],
        output_core_dims=[[], []],
        vectorize=True,
    )
    floor.attrs = {
        "long_name": "mean accuracy of the levels flat at the large-kappa end",
        "units": "1",
    }
    levels.attrs = {
        "long_name": "number of levels in floor, 0 where the last three are not flat",
        "units": "1",
    }
    counts.attrs = {"long_name": "number of realisations", "units": "1"}
    statistics = statistics.assign(
        floor=floor, floor_levels=levels.astype(np.int32), n_realisations=counts.astype(np.int32)
    )
    statistics.attrs = {"title": "Statistics over the realisations"}
    return statistics


def flat_floor(kappa, accuracy, n_samples) -> tuple[float, int]:
    """Accuracy of the flat tail at large kappa, and the number of levels in that tail.

    The tail grows from the three largest kappa towards smaller ones while every level mean in it
    stays within three standard errors of their common mean. The standard error of a level of R
    realisations is s / sqrt(R); s^2 is the variance within the levels of the tail, or the binomial
    p (1 - p) / n_samples where no level has two realisations. If already the last three are
    not flat, the floor has not been reached: their mean is returned with 0 levels. Fewer than
    three levels: (NaN, 0).

    Parameters
    ----------
    kappa : (levels,)
    accuracy : (levels, realisations), NaN where missing
    n_samples : images behind each accuracy
    """
    order = np.argsort(kappa)[::-1]
    accuracy = accuracy[order][np.isfinite(accuracy[order]).any(axis=1)]
    if len(accuracy) < 3:
        return np.nan, 0
    means = np.nanmean(accuracy, axis=1)
    counts = np.isfinite(accuracy).sum(axis=1)
    squares = np.nansum((accuracy - means[:, np.newaxis]) ** 2, axis=1)
    flat = 0
    for n in range(3, len(means) + 1):
        common = means[:n].mean()
        freedom = np.sum(counts[:n] - 1)
        binomial = common * (1 - common) / n_samples
        variance = squares[:n].sum() / freedom if freedom else binomial
        # Equal values may differ from their mean by rounding.
        tolerance = 3 * np.sqrt(variance / counts[:n]) + 1e-12
        if np.any(np.abs(means[:n] - common) > tolerance):
            break
        flat = n
    return means[: max(flat, 3)].mean(), flat
