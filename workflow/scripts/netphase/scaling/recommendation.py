"""Recommended sizes by noise level: the best, the smallest near it, the smallest sufficient.

Every network is trained at one noise level, so errors at different noise levels are independent;
the sizes of one noise level and realisation share their noisy images, so their errors are kept
together.

The intervals cover the scatter between realisations (noise of the images, initial weights, order of
batches) and, as far as it shows in that scatter, the noise of the test set. With a single
realisation they hold the binomial noise of the test set alone. Not covered are another draw of
clean training or test images, which all realisations share, and the curvature of the accuracy
between two noise levels (see `recommend_at`).
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.files.flags import flags
from netphase.runs.ladders import over_ladders
from netphase.transitions.mean_accuracy import draw_means
from netphase.transitions.normalisation import normalise_levels

N_DRAWS = 2000
LEVEL = 0.05  # intervals of 95 %
WANTED = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
REFERENCES = (
    "Seidler and Abel (2024), Transition of Model Performance in Dependence of the Amount of Data "
    "Corruption with Respect to Network Sizes, ICAART 2024"
)
STATUS = ("recommended", "single_realisation", "one_size", "at_chance", "no_runs")
RECOMMENDED, SINGLE_REALISATION, ONE_SIZE, AT_CHANCE, NO_RUNS = range(len(STATUS))
SUFFICIENT = ("reached", "none_reaches", "surely_none_reaches", "not_above_chance", "no_runs")
REACHED, NONE_REACHES, SURELY_NONE_REACHES, NOT_ABOVE_CHANCE, NO_RUNS_TO_REACH = range(
    len(SUFFICIENT)
)
REASONS = {
    "recommended": "",
    "single_realisation": "one realisation: intervals from the test set's binomial noise alone",
    "one_size": "one size only: no best one among several",
    "at_chance": "every size is at chance: no best size",
    "no_runs": "no runs",
    "reached": "",
    "none_reaches": "no size reaches it, but within the errors one might",
    "surely_none_reaches": "no size reaches it",
    "not_above_chance": "guessing reaches it",
}
QUANTITIES = {
    "mean_accuracy": "mean test accuracy over the realisations",
    "se_accuracy": "standard error of mean_accuracy",
    "drawn_accuracy": "mean test accuracy as it might have come out, for intervals",
    "n_realisations": "least number of realisations of a size",
    "status": "outcome of the search for the best size",
    "best": "size with the best mean test accuracy",
    "best_accuracy": "mean test accuracy of that size, which the choice biases upwards",
    "best_accuracy_se": "standard error of best_accuracy",
    "one_se": "smallest size within one standard error of the best",
    "fall": "loss of mean test accuracy from size fall_from to the larger size fall_to; negative "
    "where each size is better than all smaller ones",
    "fall_from": "size before the most significant loss of accuracy",
    "fall_to": "size after the most significant loss of accuracy",
    "fall_p": "probability of such a loss if accuracy nowhere fell with size",
    "fall_p_holm": "fall_p, corrected for all noise levels (Holm)",
    "spread": "largest difference between the sizes of the mean accuracy, scaled to 0..1",
    "spread_p": "probability of such a spread if the scaled curves were one",
    "spread_if_rising": "spread, had every size at least the accuracy of each smaller one",
    "sufficient": "smallest size that reaches the wanted mean test accuracy",
    "sufficient_status": "outcome of the search for the smallest sufficient size",
}
ENDS = {
    "": "",
    "_low": "lower end of the 95 % interval of the ",
    "_high": "upper end of the 95 % interval of the ",
}
SIZES = ("best", "one_se", "sufficient")
OF_ONE_LEVEL = (
    "n_realisations", "status", "best", "best_low", "best_high", "best_accuracy",
    "best_accuracy_se", "one_se", "one_se_low", "one_se_high", "fall", "fall_from", "fall_to",
    "fall_p", "sufficient", "sufficient_low", "sufficient_high", "sufficient_status",
)  # fmt: skip


def contrasts(mean, draws) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviations of the differences between sizes, and the standardised errors.

    sd_ij is that of a_j - a_i over the draws a*, and t*_ij = (a*_j - a*_i - (a_j - a_i)) / sd_ij.
    A size is not compared with itself: t*_ii = -inf.

    Returns
    -------
    sd : (sizes, sizes)
    drawn : (n_draws, sizes, sizes)
    """
    error = draws - mean
    difference = error[:, np.newaxis, :] - error[:, :, np.newaxis]
    sd = difference.std(axis=0)
    np.fill_diagonal(sd, 1.0)
    return sd, _off_diagonal(difference / sd)


def _off_diagonal(t):
    return np.where(np.eye(t.shape[-1], dtype=bool), -np.inf, t)


def p_value(observed, drawn):
    """(1 + draws at or above the observed) / (1 + draws), over the first axis of the draws."""
    return (1 + np.sum(drawn >= observed, axis=0)) / (1 + len(drawn))


def p_of_being_best(mean, draws, margin=0.0) -> np.ndarray:
    """For each size, the p-value of the hypothesis that none is better by more than `margin`.

    Its statistic is the largest difference to another size in standard deviations,
    max_j (a_j - a_i - margin) / sd_ij, compared with max_j t*_ij of the draws. The sizes with
    p > 0.05 contain the best with 95 % confidence, however many are nearly as good (multiple
    comparisons with the best: Hsu 1984, Ann. Statist. 12, 1136).

    Parameters
    ----------
    mean : (sizes,)
    draws : (n_draws, sizes)
    """
    sd, drawn = contrasts(mean, draws)
    t = (mean - mean[:, np.newaxis] - margin) / sd
    return p_value(_off_diagonal(t).max(axis=1), drawn.max(axis=2))


def greatest_fall(mean, draws) -> tuple[int, int, float]:
    """The most significant loss of accuracy from a size to a larger one, and its p-value.

    Over all pairs of a smaller size i and a larger j the statistic is max (a_i - a_j) / sd_ij; its
    p-value comes from the same maximum over the draws, so it pays for the choice among the pairs.

    Returns
    -------
    smaller, larger, p
    """
    sd, drawn = contrasts(mean, draws)
    smaller, larger = np.triu_indices(mean.size, 1)
    falls = (mean[smaller] - mean[larger]) / sd[larger, smaller]
    pair = np.argmax(falls)
    p = p_value(falls[pair], drawn[:, larger, smaller].max(axis=1))
    return int(smaller[pair]), int(larger[pair]), float(p)


def holm(p) -> np.ndarray:
    """p-values of a family, corrected by Holm (1979), Scand. J. Statist. 6; NaN stays NaN.

    p'_(k) = max_{i <= k} min(1, (m - i + 1) p_(i)) for p_(1) <= ... <= p_(m).
    """
    p = np.asarray(p, float)
    corrected = np.full(p.shape, np.nan)
    order = np.argsort(p)[: np.isfinite(p).sum()]
    steps = p[order] * np.arange(order.size, 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


def choose(sizes, mean, se, draws, chance, n_realisations, wanted) -> dict[str, float | np.ndarray]:
    """Recommend sizes for one noise level.

    - best: the size of the best mean accuracy; its interval reaches from the smallest to the
      largest size that may be the best (`p_of_being_best`).
    - one_se: the smallest size whose mean is within one standard error of the best mean (rule of
      Breiman, Friedman, Olshen & Stone 1984). Its interval starts at the smallest size that may
      be so near and ends where that of the best ends.
    - sufficient: the smallest size whose mean reaches a wanted accuracy. Its interval starts at the
      smallest size that may reach it and ends at the smallest that surely does, each at 2.5 %.

    A size is NaN where there is none, an end of an interval inf where no size comes so far. All
    sizes are at chance where the largest (mean - chance) / sd is below the 95 % quantile of the
    same maximum over the draws. One function because all of them share the errors of the draws.

    Parameters
    ----------
    sizes : (sizes,), ascending
    mean, se, draws : of `draw_means`, one level: (sizes,), (sizes,), (n_draws, sizes)
    chance : accuracy of guessing, 1/classes
    wanted : (wanted,) accuracies

    Returns
    -------
    dict
        Those of `QUANTITIES` that concern one noise level, and *_low, *_high of the `SIZES`.
    """
    wanted = np.asarray(wanted, float)
    known = np.isfinite(mean)
    sizes, mean, se = np.asarray(sizes, float)[known], mean[known], se[known]
    draws = np.asarray(draws, float)[:, known]
    result = dict.fromkeys(OF_ONE_LEVEL, np.nan) | {"n_realisations": n_realisations}
    if not sizes.size:
        result |= {f"sufficient{end}": np.full(wanted.shape, np.nan) for end in ENDS}
        missing = np.full(wanted.shape, NO_RUNS_TO_REACH)
        return result | {"status": NO_RUNS, "sufficient_status": missing}

    error = draws - mean
    sd = error.std(axis=0)
    largest_error = (error / sd).max(axis=1)
    upper = mean + np.quantile(error, 1 - LEVEL / 2, axis=0)
    lower = mean - sd * np.quantile(largest_error, 1 - LEVEL / 2)
    value, low, high = (_first(sizes, accuracy, wanted) for accuracy in (mean, upper, lower))
    outcomes = (wanted <= chance, np.isfinite(value), np.isfinite(low))
    result["sufficient_status"] = np.select(
        outcomes, (NOT_ABOVE_CHANCE, REACHED, NONE_REACHES), SURELY_NONE_REACHES
    )
    value = np.where(np.isfinite(value), value, np.nan)
    for end, size in zip(ENDS, (value, low, high), strict=True):
        result[f"sufficient{end}"] = np.where(wanted <= chance, np.nan, size)
    if sizes.size == 1:
        return result | {"status": ONE_SIZE}

    smaller, larger, p = greatest_fall(mean, draws)
    result |= {
        "fall": mean[smaller] - mean[larger],
        "fall_from": sizes[smaller],
        "fall_to": sizes[larger],
        "fall_p": p,
    }
    if np.max((mean - chance) / sd) <= np.quantile(largest_error, 1 - LEVEL):
        return result | {"status": AT_CHANCE}

    best = np.argmax(mean)
    candidates = sizes[p_of_being_best(mean, draws) > LEVEL]
    near = sizes[p_of_being_best(mean, draws, se[best]) > LEVEL / 2]
    return result | {
        "status": SINGLE_REALISATION if n_realisations == 1 else RECOMMENDED,
        "best": sizes[best],
        "best_low": candidates[0],
        "best_high": candidates[-1],
        "best_accuracy": mean[best],
        "best_accuracy_se": se[best],
        "one_se": sizes[np.argmax(mean >= mean[best] - se[best])],
        "one_se_low": near[0],
        "one_se_high": candidates[-1],
    }


def _first(sizes, accuracy, wanted):
    """The first size that reaches each wanted accuracy, inf where none does."""
    reached = accuracy >= wanted[:, np.newaxis]
    return np.where(reached.any(axis=1), sizes[reached.argmax(axis=1)], np.inf)


def spreads(mean, draws) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Spread of the normalised curves of the sizes at each noise level.

    Each size's mean accuracy over the levels with kappa > 0 is scaled to 0..1 (minmax of
    `netphase.transitions.normalisation`). The spread is the largest difference between two sizes;
    its p-value compares it with the spread of identical curves with the errors of the draws. The
    third is the spread if the accuracy never fell with size, every mean being replaced by the best
    of that size and all smaller ones: the rest of the spread is due to the fall.

    Parameters
    ----------
    mean : (step, size), draws : (draw, step, size); both with kappa(step), sizes ascending

    Returns
    -------
    spread, p, spread_if_rising : (step,), NaN at kappa = 0
    """
    mean, draws = mean.where(mean.kappa > 0), draws.where(draws.kappa > 0)
    best_so_far = np.fmax.accumulate(mean.values, axis=mean.get_axis_num("size"))
    rising = mean.copy(data=best_so_far).where(mean.notnull())
    curves = normalise_levels(mean, "minmax")
    observed = _spread(curves)
    p = xr.apply_ufunc(
        p_value,
        observed,
        _spread(normalise_levels(draws, "minmax") - curves),
        input_core_dims=[["step"], ["draw", "step"]],
        output_core_dims=[["step"]],
    )
    return observed, p.where(observed.notnull()), _spread(normalise_levels(rising, "minmax"))


def _spread(curves):
    return curves.max("size") - curves.min("size")


def recommend(runs: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
    """Recommended sizes of every data set, ladder of sizes and noise level of a run cube.

    Parameters
    ----------
    runs : accuracy(dataset, model, size, step, realisation, split), kappa(step) and the other
        coordinates of `netphase.runs.aggregation.aggregate`; each network trained at one noise
        level

    Returns
    -------
    xarray.Dataset
        `QUANTITIES` and *_low, *_high, the ends of the 95 % intervals of `SIZES`, over (dataset,
        ladder, step) and those of size, wanted (accuracies `WANTED`) and draw that they need.
        Ladders as `netphase.runs.ladders.ladders` names them.
    """
    result = over_ladders(
        lambda ladder: _recommend_ladder(ladder, rng),
        runs.sel(split="test").sortby("size"),
        fill_value={"status": NO_RUNS, "sufficient_status": NO_RUNS_TO_REACH},
    )
    for name in ("status", "sufficient_status"):
        result[name] = result[name].astype(np.int8)
    result["n_realisations"] = result.n_realisations.fillna(0).astype(np.int32)
    for name, variable in result.items():
        quantity = name.removesuffix("_low").removesuffix("_high")
        variable.attrs = {
            "long_name": ENDS[name.removeprefix(quantity)] + QUANTITIES[quantity],
            "units": "1",
        }
    for name, meanings in (("status", STATUS), ("sufficient_status", SUFFICIENT)):
        result[name].attrs |= flags(meanings)
    result.wanted.attrs = {"long_name": "wanted mean test accuracy", "units": "1"}
    result.attrs = {"title": "Sizes recommended for each noise level", "references": REFERENCES}
    return result


def _recommend_ladder(test, rng):
    accuracy = test.accuracy.transpose("step", "size", "realisation")
    mean, se, draws = draw_means(accuracy.values, int(test.n_samples), N_DRAWS, rng)
    count = accuracy.count("realisation")
    ladder = xr.Dataset(
        {
            "mean_accuracy": (("step", "size"), mean),
            "se_accuracy": (("step", "size"), se),
            # Choices are made from what the file holds, so that its readers make the same ones.
            "drawn_accuracy": (("draw", "step", "size"), draws.astype(np.float32)),
            "n_realisations": count.where(count > 0).min("size").fillna(0).variable,
        },
        {name: test[name].variable for name in ("step", "size", "kappa", "n_classes")},
    )
    levels = [recommend_at(ladder, kappa, WANTED) for kappa in ladder.kappa.values]
    for name in OF_ONE_LEVEL[1:]:
        values = np.array([level[name] for level in levels])
        ladder[name] = (("step", "wanted")[: values.ndim], values)
    ladder["fall_p_holm"] = ("step", holm(ladder.fall_p))
    names = ("spread", "spread_p", "spread_if_rising")
    found = spreads(ladder.mean_accuracy, ladder.drawn_accuracy)
    return ladder.assign(dict(zip(names, found, strict=True))).assign_coords(wanted=list(WANTED))


def recommend_at(
    ladder: xr.Dataset, kappa: float, wanted: Sequence[float]
) -> dict[str, float | np.ndarray]:
    """Recommend sizes at a noise level, or between two of them.

    Between two levels the mean accuracies, and their draws, are interpolated linearly in ln(kappa),
    or in kappa where the lower level is the clean image. The intervals then have the errors of
    both levels, but nothing for the curvature between them.

    Parameters
    ----------
    ladder : one data set and one ladder of the result of `recommend`

    Returns
    -------
    dict
        That of `choose`.

    Raises
    ------
    InputError : kappa outside the noise levels
    """
    levels = ladder.sortby("kappa").transpose("draw", "step", "size", ...)
    grid = levels.kappa.values
    if not grid[0] <= kappa <= grid[-1]:
        raise InputError(
            f"KAPPA={kappa:g} lies outside the noise levels; choose one from {grid[0]:.3g} to "
            f"{grid[-1]:.3g}, or add a step to the study"
        )
    above = int(np.searchsorted(grid, kappa))
    low, high = grid[max(above - 1, 0)], grid[above]
    if kappa == high:
        ends, weights = [above], np.ones(1)
    else:
        share = kappa / high if low == 0 else np.log(kappa / low) / np.log(high / low)
        ends, weights = [above - 1, above], np.array([1 - share, share])
    ends = levels.isel(step=ends)
    return choose(
        ends["size"].values,
        weights @ ends.mean_accuracy.values,
        np.sqrt(weights**2 @ ends.se_accuracy.values**2),
        np.einsum("l,dls->ds", weights, ends.drawn_accuracy.values.astype(float)),
        1 / int(ends.n_classes),
        int(ends.n_realisations.min()),
        wanted,
    )
