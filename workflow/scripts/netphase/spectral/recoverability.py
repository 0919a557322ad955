"""Until which noise spectral densities are recovered: counts, fits, and what the methods are worth.

A density is recovered where its Wasserstein distance from the truth is below a threshold. The share
of a class that is recovered falls with the noise sigma like the accuracy of a network: the same
fits, in ln sigma, give the transition point and the width, with profile intervals.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import xarray as xr
from scipy.signal import find_peaks

from netphase.files.attributes import flags
from netphase.spectral.problems import EXACT, LIMIT
from netphase.transitions.fits import FITTED, STATUS, fit_curves, profile_intervals

FAMILY = "hill"
RESAMPLED = 2000
RELIABLE = 0.9
PROMINENCE = 0.05
"""Of a peak, as a share of the highest."""
NETWORK, CONSISTENT = "network", "consistent_network"
ENTROPY, CLASSIC = "maximum_entropy", "classic_entropy"
METHODS = (NETWORK, CONSISTENT, ENTROPY, CLASSIC, LIMIT)
RIVALS, REFERENCES = METHODS[:2], METHODS[2:4]
MEASURES = ("mse", "mae", "wasserstein", "chi2")
SOURCE = "Assaad et al. (2026), arXiv:2602.18561"
REPRODUCED, REFUTED, UNDECIDED = "reproduced", "not reproduced", "depends on the sampling error"
DEPENDS = "depends on the choice of alpha"
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
    """All inversions of a study over (solver, times, level, realisation, case)."""
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


def answer(study: str, found: xr.Dataset, seconds: float) -> dict[str, list[dict[str, str]]]:
    """What the study says, in answers of the form of `netphase.findings.noise`."""
    entries = [
        {"ladder": "", "question": question, "answer": said, "trust": trust}
        for question, (said, trust) in _answers(found, seconds)
    ]
    return {study: entries}


def _answers(found, seconds) -> Iterator:
    sigma = 10 ** (-found.attrs["quoted_level"] / 100)
    where = f"{found.attrs['quoted_times']} times, sigma = {sigma:.2g}"
    n = int(found.n_cases) * found.sizes["realisation"]
    trust = (
        f"{n} spectra of each class; intervals are of 95 %, by a paired bootstrap over them, not "
        "over trainings."
    )
    yield (
        "Is a network nearer to the truth than maximum entropy?",
        (
            "Ratio of the Wasserstein distances, network to maximum entropy with alpha at the kink "
            f"(with the most probable alpha; {where}): "
            + "; ".join(f"{name} {_ratio(found, name, 'wasserstein')}" for name in _classes(found))
            + ". Mean squared errors: "
            + "; ".join(f"{name} {_ratio(found, name, 'mse')}" for name in _classes(found))
            + ".",
            trust,
        ),
    )
    yield (
        "Do the densities fit the data?",
        (
            "Median chi^2 per time, of 1 for an error as large as the noise: "
            + "; ".join(
                f"{name} network {_value(found, NETWORK, name, 'chi2')}, consistent network "
                f"{_value(found, CONSISTENT, name, 'chi2')}, maximum entropy "
                f"{_value(found, ENTROPY, name, 'chi2')}"
                for name in _classes(found)
            )
            + ".",
            "Against the Green's function without noise. The consistent network learns from chi^2.",
        ),
    )
    largest = found.isel(times=-1)
    yield "Until which noise are spectra recovered?", (
        f"Half of what is recovered at all is lost at sigma_c ({int(largest.times)} times): "
        + "; ".join(
            f"{name} {', '.join(_point(largest, method, name) for method in METHODS)}"
            for name in _classes(found)
        ) + ".",
        f"Recovered: within a Wasserstein distance of {found.attrs['threshold']:g}. Beta-binomial "
        f"fits in ln sigma; all noise levels have the same spectra. The truncation keeps, exactly, "
        "the coefficients that exceed the noise, but does not know that densities are positive. "
        f"{_alphas(found)} "
        f"{seconds / 60:.2g} CPU-minutes.",
    )  # fmt: skip
    yield (
        "What do the methods see of systems that are solved exactly?",
        (
            "Peaks of the exact density, by network and by maximum entropy, with the distance: "
            + "; ".join(_system(found, name) for name in found.system.values)
            + ".",
            f"One noisy Green's function each ({where}); poles broadened by 0.15.",
        ),
    )


def judge(study: str, found: xr.Dataset) -> dict[str, list[dict]]:
    """A verdict on each claim, in the form of `netphase.findings.weights`."""
    learned = _classes(found)[0]
    claims = [
        _claim(
            found, learned, measure, f"The network is nearer to the truth in the {words}.",
            "yes, on synthetic spectra", below=True,
        )
        for measure, words in (
            ("mse", "mean squared error"), ("mae", "mean absolute error"),
            ("wasserstein", "Wasserstein distance"),
        )
    ]  # fmt: skip
    claims += [
        _claim(
            found, "gapped", "wasserstein", "Off what it has learned from it is behind.",
            "inferior on physical spectra", below=False,
        ),
        _claim(
            found, learned, "chi2", "Its densities do not fit the data as maximum entropy's do.",
            "not claimed", below=False,
        ),
    ]  # fmt: skip
    more = {
        solver: int((found.peaks.sel(solver=solver) > found.true_peaks).sum())
        for solver in (NETWORK, ENTROPY)
    }
    claims.append(
        {
            "scenario": "exactly solved systems",
            "claim": "The network shows peaks that are not there.",
            "paper": "spurious stratification",
            "ours": f"more peaks than the exact density for {more[NETWORK]} of "
            f"{found.sizes['system']} systems, by maximum entropy for {more[ENTROPY]}",
            "depends": "one noisy Green's function each; a count, without an interval",
            "verdict": REPRODUCED if more[NETWORK] > more[ENTROPY] else REFUTED,
        }
    )
    return {study: [{"source": SOURCE} | claim for claim in claims]}


def _claim(found, name, measure, claim, paper, *, below):
    part = found.sel(class_name=name, measure=measure, rival=NETWORK)
    low, high = part.ratio_low.values, part.ratio_high.values
    holds, fails = (high < 1, low > 1) if below else (low > 1, high < 1)
    verdict = UNDECIDED
    if holds.all() or fails.all():
        verdict = REPRODUCED if holds.all() else REFUTED
    elif holds.any() or fails.any():
        verdict = DEPENDS
    return {
        "scenario": name,
        "claim": claim,
        "paper": paper,
        "ours": f"{_ratio(found, name, measure)} of that of maximum entropy",
        "depends": "choice of alpha: at the kink (most probable)",
        "verdict": verdict,
    }


def _classes(found):
    return [str(name) for name in found.class_name.values]


def _ends(part, name):
    return tuple(float(part[name + end]) for end in ("", "_low", "_high"))


def _ratio(found, name, measure):
    part = found.sel(class_name=name, measure=measure, rival=NETWORK)
    ends = (_ends(part.sel(reference=reference), "ratio") for reference in REFERENCES)
    return "{} ({})".format(*("{:.2f} [{:.2f}, {:.2f}]".format(*end) for end in ends))


def _alphas(found):
    share = found.alpha_found.sel(solver=list(REFERENCES)).min("times")
    lost = found.sigma.values[(share < RELIABLE).any("solver").values]
    if not lost.size:
        return "Both choices found an alpha nearly always."
    return f"From sigma = {lost.min():.2g} on the choices find no alpha for a part of the spectra."


def _value(found, method, name, measure):
    part = found.sel(solver=method, class_name=name, measure=measure)
    return "{:.2g} [{:.2g}, {:.2g}]".format(*_ends(part, "value"))


def _point(found, method, name):
    part = found.sel(solver=method, class_name=name)
    label = method.replace("_", " ")
    if int(part.status) != FITTED:
        return f"{label}: {list(STATUS)[int(part.status)].replace('_', ' ')}"
    return "{} {:.2g} [{:.2g}, {:.2g}]".format(label, *_ends(part, "sigma_c"))


def _system(found, name):
    part = found.sel(system=name)
    parts = ", ".join(
        f"{int(part.peaks.sel(solver=method))} ({float(part.distance.sel(solver=method)):.2f})"
        for method in (NETWORK, ENTROPY)
    )
    return f"{name.replace('_', ' ')} {int(part.true_peaks)}: {parts}"
