"""Noise up to which spectral densities are recovered: counts, fits, errors of the methods.

A density is recovered where its Wasserstein distance from the truth is below a threshold. The share
of a class that is recovered falls with the noise sigma like the accuracy of a network: the same
fits, in ln sigma, give the transition point and the width, with profile intervals.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr
from scipy.signal import find_peaks

from netphase.files.flags import flags
from netphase.spectral.problems import EXACT, LIMIT
from netphase.transitions.fits import FITTED, STATUS, fit_curves, profile_intervals

FAMILY = "hill"
RESAMPLED = 2000
PROMINENCE = 0.05
"""Of a peak, as a share of the highest."""
NETWORK, CONSISTENT = "network", "consistent_network"
ENTROPY, CLASSIC = "maximum_entropy", "classic_entropy"
METHODS = (NETWORK, CONSISTENT, ENTROPY, CLASSIC, LIMIT)
RIVALS, REFERENCES = METHODS[:2], METHODS[2:4]
MEASURES = ("mse", "mae", "wasserstein", "chi2")
SOURCE = "Assaad et al. (2026), arXiv:2602.18561"
MEANINGS = {
    "recovered": "test spectra within the threshold",
    "n_cases": "test spectra of a class",
    "sigma_c": "noise at which half of the height is lost",
    "sigma_c_low": "lower end of the 95 % profile interval of sigma_c",
    "sigma_c_high": "upper end of the 95 % profile interval of sigma_c",
    "width": "distance in ln sigma between 0.9 and 0.1 of the height",
    "width_low": "lower end of the 95 % profile interval of width",
    "width_high": "upper end of the 95 % profile interval of width",
    "plateau": "share recovered without noise",
    "floor": "share recovered in pure noise",
    "half_point": "ln sigma_c",
    "slope": "slope in ln sigma",
    "centre": "centre of the curve in ln sigma",
    "status": "outcome of the fit",
    "ratio": "error of the network over that of maximum entropy, means over the spectra",
    "ratio_low": "lower end of the 95 % bootstrap interval of ratio",
    "ratio_high": "upper end of the 95 % bootstrap interval of ratio",
    "alpha_found": "share of the spectra for which the choice of alpha found one",
    "peaks": "peaks found",
    "true_peaks": "peaks of the exact density",
}


def join(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Join all inversions of a study over (solver, times, level, realisation, case)."""
    groups = defaultdict(list)
    for part in parts:
        groups[tuple(part.solver.values)].append(part)
    # A study resumed after a commit has runs with the marks of both.
    found = [
        xr.combine_by_coords(group, data_vars="all", combine_attrs="drop_conflicts")
        for group in groups.values()
    ]
    joined = xr.concat([one.drop_vars("truth") for one in found], "solver")
    # xarray cuts the names to the length of those of the first.
    joined["solver"] = np.concatenate([one.solver.values for one in found])
    # The same at every noise level.
    joined = joined.assign(truth=found[0].truth.isel(times=0, level=0, drop=True))
    # The integers of some solvers are missing for others, which an integer on disk cannot say.
    return joined.drop_encoding()


def locate(
    inversions: xr.Dataset, threshold: float, quoted: dict[str, int], rng: np.random.Generator
) -> xr.Dataset:
    """Transitions of all methods, classes and numbers of times, and a comparison at one noise.

    Parameters
    ----------
    threshold : Wasserstein distance (t) up to which a density is recovered
    quoted : times and level of the comparison

    Returns
    -------
    xarray.Dataset
        Over (solver, class_name, times[, level, realisation]): recovered, and the fit with sigma_c
        and width; over (class_name, measure, rival, reference): ratio of the error of a network to
        that of maximum entropy with paired bootstrap intervals; over (solver, class_name,
        measure): value with bootstrap intervals, of the means (chi2: medians); over system: peaks,
        true_peaks and distance.
    """
    data = inversions.sortby(["times", "level"]).sel(solver=list(METHODS))
    classes = [name for name in dict.fromkeys(data.class_name.values) if name != EXACT]
    near = data.wasserstein < threshold
    counts = xr.concat(
        [near.sel(case=data.class_name.values == name).sum("case") for name in classes],
        xr.IndexVariable("class_name", classes),
    ).transpose("solver", "class_name", "times", "level", "realisation")
    n = int((data.class_name == classes[0]).sum())
    u = np.log(data.sigma.values)
    fits = fit_curves(FAMILY, u, counts.values, float(n))
    ends = profile_intervals(FAMILY, u, counts.values, float(n), fits)
    dims = ("solver", "class_name", "times")
    found = xr.Dataset(coords={name: counts[name] for name in counts.coords})
    found["recovered"], found["n_cases"] = counts.astype(np.int32), n
    share = data.alpha_found.mean(["case", "realisation"])
    found["alpha_found"] = share.transpose("solver", "times", "level")
    good = fits["status"] == FITTED
    for name in ("plateau", "floor", "half_point", "slope", "centre", "width"):
        found[name] = dims, np.where(good, fits[name], np.nan)
    found["sigma_c"] = np.exp(found.half_point)
    for end in ("low", "high"):
        found[f"sigma_c_{end}"] = dims, np.exp(ends[f"half_point_{end}"])
        found[f"width_{end}"] = dims, ends[f"width_{end}"]
    found["status"] = dims, fits["status"].astype(np.int8)
    found = _compare(found, data.sel(**quoted), classes, rng)
    found = _count_peaks(found, data.sel(**quoted).isel(realisation=0))
    return _described(found, threshold, quoted)


def _compare(found, data, classes, rng):
    data = data.stack(spectrum=("realisation", "case"))
    shape = (len(METHODS), len(classes), len(MEASURES), 3)
    values, ratios = np.empty(shape), np.empty((len(classes), len(MEASURES), 2, 2, 3))
    for c, name in enumerate(classes):
        chosen = data.isel(spectrum=np.flatnonzero(data.class_name.values == name))
        n = chosen.sizes["spectrum"]
        draws = rng.integers(n, size=(RESAMPLED, n))
        for k, measure in enumerate(MEASURES):
            table = chosen[measure].sel(solver=list(METHODS)).values
            typical = np.median if measure == "chi2" else np.mean
            means = typical(table, axis=1)
            resampled = typical(table[:, draws], axis=2)
            low, high = np.percentile(resampled, [2.5, 97.5], axis=1)
            values[:, c, k] = np.stack([means, low, high], axis=1)
            quotients = resampled[:2, np.newaxis] / resampled[2:4]
            limits = np.percentile(quotients, [2.5, 97.5], axis=-1)
            ratios[c, k] = np.stack([means[:2, np.newaxis] / means[2:4], *limits], axis=-1)
    found = found.assign_coords(
        measure=list(MEASURES), rival=list(RIVALS), reference=list(REFERENCES)
    )
    for place, end in enumerate(("", "_low", "_high")):
        found[f"value{end}"] = ("solver", "class_name", "measure"), values[..., place]
        found[f"ratio{end}"] = ("class_name", "measure", "rival", "reference"), ratios[..., place]
    return found


def _count_peaks(found, data):
    exact = data.isel(case=np.flatnonzero(data.class_name.values == EXACT))
    densities = exact.density.transpose("solver", "case", "omega").values
    found = found.assign_coords(system=exact.system.values)
    found["peaks"] = ("solver", "system"), [[_peaks(one) for one in row] for row in densities]
    truth = exact.truth.transpose("case", "omega").values
    found["true_peaks"] = "system", [_peaks(one) for one in truth]
    distances = exact.wasserstein.transpose("solver", "case").values
    found["distance"] = ("solver", "system"), distances
    return found


def _peaks(density):
    return len(find_peaks(density, prominence=PROMINENCE * density.max())[0])


def _described(found, threshold, quoted):
    for name, variable in found.variables.items():
        meaning = MEANINGS.get(name, name.replace("_", " "))
        if name.startswith("value"):
            meaning = "mean error of the densities, or median of chi2" + name.removeprefix("value")
        variable.attrs = {"long_name": meaning, "units": "1"}
    found.level.attrs["long_name"] = "-100 log10 sigma"
    found.distance.attrs |= {
        "long_name": "Wasserstein-1 distance from the exact density", "units": "t",
    }  # fmt: skip
    found.status.attrs |= flags(STATUS)
    found.attrs = {
        "title": "Noise at which spectral densities are no longer recovered",
        "threshold": threshold,
        "quoted_times": quoted["times"],
        "quoted_level": quoted["level"],
        "references": SOURCE,
    }
    return found


def table(found: xr.Dataset) -> pd.DataFrame:
    """One row for each method, class and number of times: sigma_c and width with intervals."""
    columns = ["sigma_c", "width"]
    columns = [f"{name}{end}" for name in columns for end in ("", "_low", "_high")]
    rows = found[[*columns, "plateau", "floor", "status"]].to_dataframe().reset_index()
    rows["status"] = [list(STATUS)[code] for code in rows.status]
    return rows[["solver", "class_name", "times", *columns, "plateau", "floor", "status"]]
