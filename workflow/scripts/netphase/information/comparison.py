"""Comparison of the networks of a study with the information limit.

The curve of a limit (`netphase.information.posteriors`) is fitted by the family that is quoted for
the networks, so that its half point and width are read in the same way.
"""

import numpy as np
import xarray as xr

from netphase.files.flags import flags
from netphase.runs.ladders import noised_test, over_ladders
from netphase.transitions.fits import FITTED, STATUS, TOO_FEW_LEVELS, fit_curves, profile_intervals

RATIOS = {
    "kappa_c": "half point of the networks over that of the limit",
    "width": "width of the networks over that of the limit",
}
ENDS = {
    "": "",
    "_low": "lower end of the 95 % profile interval of ",
    "_high": "upper end of the 95 % profile interval of ",
}


def compare_limits(runs: xr.Dataset, pooled: xr.Dataset, limits: xr.Dataset) -> xr.Dataset:
    """Half points and transition widths of the limits, and the networks' ratios to them.

    Parameters
    ----------
    runs : of `netphase.runs.aggregation.aggregate`
    pooled : of `netphase.transitions.model_selection.fit_families` for these runs
    limits : of `netphase.information.posteriors.bound`, over (dataset, reference, step)

    Returns
    -------
    xarray.Dataset
        Over (dataset, ladder, reference): kappa_c, width with profile intervals, status of the fit;
        over (..., size): the ratios of `RATIOS` with intervals, in which both errors are added as
        squares of logarithms; over (..., size, step): share, (accuracy - chance) / (limit - chance)
        of the mean test accuracy, where the limit is three standard errors above chance.
    """

    def compare(ladder, pooled):
        name = str(ladder.dataset.values)
        return _compare(ladder, pooled, limits.sel(dataset=name))

    test = noised_test(runs)
    compared = over_ladders(compare, test, pooled, fill_value={"status": TOO_FEW_LEVELS})
    compared.reference.attrs = limits.reference.attrs
    compared.status.attrs |= flags(tuple(STATUS))
    compared.attrs = {"title": "Networks and the information limit"}
    return compared


def _compare(ladder, pooled, limit):
    family = str(pooled.quoted.values)
    networks = pooled.sel(family=family)
    limit = limit.sel(step=ladder.step).transpose("reference", "step", ...)
    u = np.log(ladder.kappa.values)
    k, n = limit.n_correct.values[..., np.newaxis].astype(float), float(limit.n_samples)
    fits = fit_curves(family, u, k, n)
    fits |= profile_intervals(family, u, k, n, fits)
    fitted = fits["status"] == FITTED
    names = ("size", "step", "kappa", "n_parameters")
    result = xr.Dataset(coords={name: ladder[name].variable for name in names})
    result = result.assign_coords(reference=limit.reference.variable)
    result["status"] = "reference", fits["status"].astype(np.int8)
    result.status.attrs = {"long_name": "outcome of the fit of the limit", "units": "1"}
    there = (networks.status == FITTED).values
    for name, own, meaning in (
        ("kappa_c", "half_point", "half point of the limit"),
        ("width", "width", "distance of the level sets 0.9 and 0.1 of the limit in ln(kappa)"),
    ):
        logarithm = np.asarray if name == "kappa_c" else np.log
        limits, values = (
            [np.where(good, logarithm(part[own + end]), np.nan) for end in ENDS]
            for part, good in ((fits, fitted), (networks, there))
        )
        ratio = [values[0] - limits[0][:, np.newaxis]]
        for sign, end, other in ((-1, 1, 2), (1, 2, 1)):
            error = np.hypot(values[end] - values[0], (limits[other] - limits[0])[:, np.newaxis])
            ratio.append(ratio[0] + sign * error)
        for end, of_limit, of_ratio in zip(ENDS, limits, ratio, strict=True):
            words = {"units": "1", "long_name": ENDS[end] + meaning}
            result[name + end] = "reference", np.exp(of_limit), words
            words = words | {"long_name": ENDS[end] + RATIOS[name]}
            result[f"{name}_ratio{end}"] = ("reference", "size"), np.exp(of_ratio), words
    chance = 1 / float(ladder.n_classes)
    error = np.sqrt(chance * (1 - chance) / n)
    above = limit.accuracy - chance
    mean = ladder.accuracy.mean("realisation") - chance
    result["share"] = (mean / above.where(above > 3 * error)).transpose("reference", "size", "step")
    result.share.attrs = {"long_name": "share of the limit that is reached", "units": "1"}
    return result
