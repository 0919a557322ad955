"""The five answers of a study of noise, each with how far to trust it.

They state the existence of a transition, its place, its width, the scaling of the width, and the
distance of the networks from the information limit.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from netphase.findings import wording
from netphase.runs.ladders import ladders
from netphase.scaling import collapse as data_collapse
from netphase.scaling import crossings as pair_crossings
from netphase.scaling.exponents import quoted_interval
from netphase.scaling.power_laws import AT_BOUND, REASONS, USED
from netphase.scaling.power_laws import FITTED as LAW_FITTED
from netphase.transitions.fits import FITTED, STATUS

DECADES_WANTED = 3
COLLAPSE = {
    "collapsed": "the curves of all sizes collapse",
    "poor": "the curves of the sizes do not collapse",
    "off_grid": "no collapse: its optimum lies outside the range searched",
    "not_converged": "no collapse: the search did not converge",
    "too_few_sizes": "no collapse: fewer than three sizes have a half point with an error",
    "no_error": "no collapse: an error bar is zero",
    "no_overlap": "no collapse: the scaled curves do not overlap",
    "too_coarse": "no test of a collapse: the noise levels are too far apart for the errors",
}
LIMITS = {"oracle": "the upper bound", "kde": "the posterior over training images"}
CROSSINGS = {
    "unique": "all pairs of raw curves cross at one point",
    "spread": "the raw curves do not cross at one point",
    "not_all_cross": "not all pairs of raw curves cross above the floor",
    "too_few_pairs": "the raw curves have no common crossing above the floor",
}


def answer(
    families: xr.Dataset,
    scaling: xr.Dataset,
    sensitivity: pd.DataFrame,
    collapse: xr.Dataset,
    crossings: xr.Dataset,
    limits: xr.Dataset,
) -> dict[str, list[dict[str, str]]]:
    """The five answers for every data set and ladder of sizes.

    Parameters
    ----------
    families, scaling, sensitivity, collapse, crossings, limits : of
        `netphase.transitions.model_selection.fit_families` (pooled),
        `netphase.scaling.exponents.fit_exponents`, `netphase.scaling.sensitivity.sensitivity`,
        `netphase.scaling.universality.collapse_curves` and
        `netphase.information.comparison.compare_limits`

    Returns
    -------
    dict
        Data set -> entries with the keys ladder, question, answer and trust, ready for JSON.
    """
    findings: dict[str, list[dict[str, str]]] = {}
    for dataset in map(str, families.dataset.values):
        cubes = (cube.sel(dataset=dataset) for cube in (families, scaling, limits))
        fits, laws, reached = (ladders(cube) for cube in cubes)
        findings[dataset] = []
        for name in fits:
            rows = sensitivity[(sensitivity.dataset == dataset) & (sensitivity.ladder == name)]
            place = {"dataset": dataset, "ladder": name}
            together = (collapse.sel(place), crossings.sel(place))
            entries = _answers(fits[name], laws[name], rows, *together, reached[name])
            findings[dataset] += wording.entries(
                (name, question, *said) for question, said in entries
            )
    return findings


def _answers(fits, laws, rows, collapse, crossings, reached) -> Iterator:
    fits = fits.sel(family=str(fits.quoted.values))
    yield "Is there a transition?", _existence(fits)
    yield "Where?", _place(laws.sel(quantity="kappa_c"), collapse, crossings)
    yield "How wide is it?", _width(laws.sel(quantity="width"))
    yield "How does the width scale?", _scaling(laws.sel(quantity="width"), rows, collapse)
    yield "How near is the information limit?", _limit(fits, reached)


def _existence(fits):
    n, fitted = fits.sizes["size"], fits.status == FITTED
    count = int(fitted.sum())
    if not count:
        return f"None was measured: {_reasons(fits.status, tuple(STATUS.values()))}.", ""
    flat = int((fits.floor_reached == 1).sum())
    said = (
        f"Yes. The test accuracy of {count} of {n} sizes falls from a plateau to a floor "
        f"({fits.quoted.values} function of ln κ, Akaike weight {_percent(fits.ladder_weight)} "
        f"among the families)."
    )
    if count < n:
        said += f" The others: {_reasons(fits.status, tuple(STATUS.values()))}."
    dispersion = (fits.deviance / fits.dof).where(fitted)
    trust = (
        f"Deviance per degree of freedom {_span(dispersion)} (1 where only the test images "
        f"scatter); the floor is flat for {flat} of {n} sizes."
    )
    return said, trust


def _place(law, collapse, crossings):
    if not np.isfinite(law.value).any():
        return "Not known: no size has a curve that shows it.", ""
    largest, others = _by_size(law)
    said = f"κ_c = {largest}{others}. "
    gamma, low, high = (-_law(law, end) for end in ("gamma", "gamma_high", "gamma_low"))
    if np.isfinite(low):
        moves = "It moves with size" if low * high > 0 else "No drift with size is seen"
        said += f"{moves}: κ_c ~ N^{_interval(gamma, low, high)}. "
    raw = crossings.sel(curve="raw")
    verdict = pair_crossings.VERDICTS[int(raw.verdict)]
    # A crossing that straight lines between far levels have moved is no spread.
    if verdict == "spread" and (collapse.status == data_collapse.TOO_COARSE).any():
        return f"{said}The levels are too far apart to judge crossings.", _realisations(law)
    said += f"{_sentence(CROSSINGS[verdict])}."
    if verdict in ("unique", "spread"):
        said += f" (Weighted mean κ = {np.exp(float(raw.common)):.3g}, p = {float(raw.p):.2g}.)"
    return said, _realisations(law)


def _width(law):
    if not np.isfinite(law.value).any():
        return "Not known: no size has a curve that shows it.", ""
    largest, others = _by_size(law)
    factor = np.exp(float(law.value.values[np.isfinite(law.value)][-1]))
    said = f"From 9/10 to 1/10 of the fall ln κ grows by {largest} (a factor {factor:.1f} in κ)"
    return f"{said}{others}.", _realisations(law)


def _scaling(law, rows, collapse):
    used = law.reason == USED
    left_out = ""
    if not bool(used.all()):
        left_out = f" Left out: {_reasons(law.reason, REASONS, by_size=True)}."
    pure = law.sel(law="pure")
    if int(pure.status) != LAW_FITTED:
        return f"No exponent: fewer than three sizes have a width with an error.{left_out}", ""
    gamma = [float(pure[f"gamma{end}"]) for end in ("", "_low", "_high")]
    offset = law.sel(law="offset")
    said = f"Pure power law: width ~ N^-γ, γ = {_interval(*gamma)}. "
    if int(offset.status) == LAW_FITTED:
        ends = (float(offset[f"limit{end}"]) for end in ("", "_low", "_high"))
        said += f"With a limit at infinite size: {_interval(*ends)}. "
    elif int(offset.status) == AT_BOUND:
        said += "A limit at infinite size cannot be told from zero. "
    weights = law.akaike_weight.fillna(0)
    best = str(weights.law.values[int(np.argmax(weights.values))])
    said += f"AICc prefers the {best.replace('_', '-')} law ({_percent(weights.max())}). "
    rms = law.curve_rms.sel(predictor=best)
    error = float(law.error.sel(predictor=best))
    null = float(law.error.sel(predictor="null"))
    if np.isfinite(error):
        said += (
            f"The smaller sizes predict the width of {_units(law.isel(size=-1))} with an error of "
            f"{_signed_percent(error)} (null model {_signed_percent(null)}), its curve with "
            f"{float(rms):.3f} rms ({float(law.curve_rms.sel(predictor='null')):.3f}). "
        )
    best_collapse = collapse.sel(centre="moving")
    status = data_collapse.STATUS[int(best_collapse.status)]
    said += f"{_sentence(COLLAPSE[status])}"
    if status in ("collapsed", "poor"):
        ends = (float(best_collapse[f"gamma{end}"]) for end in ("", "_low", "_high"))
        said += f" (S = {float(best_collapse.quality):.2g} at γ = {_interval(*ends)})"
    decades = float(law.span_decades)
    trust = (
        f"{decades:.1f} decades of size"
        + (f" ({DECADES_WANTED} are wanted). " if decades < DECADES_WANTED else ". ")
        + _choices(rows)
    )
    return f"{said}.{left_out}", trust


def _limit(fits, reached):
    if not (reached.status == FITTED).any():
        return "Not known: within these noise levels the upper bound has no half point.", ""
    fitted = np.flatnonzero(np.isfinite(reached.kappa_c_ratio.sel(reference="oracle")))
    if not fitted.size:
        return "Not known: no size has a κ_c.", ""
    largest = reached.isel(size=fitted[-1])
    parts = []
    for reference in filter(LIMITS.get, reached.reference.values.tolist()):
        one, name = largest.sel(reference=reference), LIMITS[reference]
        ratios = (
            _interval(*(float(one[f"{quantity}_ratio{end}"]) for end in ("", "_low", "_high")))
            for quantity in ("kappa_c", "width")
        )
        centre, width = ratios
        parts.append(f"{centre} times the κ_c and {width} times the width of {name}")
    share = largest.share.sel(reference="oracle")
    distance = np.abs(np.log(share.kappa) - fits.half_point.isel(size=fitted[-1]))
    near = int(distance.argmin("step"))
    said = f"{_units(largest)}: {'; '.join(parts)}. "
    if np.isfinite(share[near]):
        said += (
            f"At κ = {float(share.kappa[near]):.3g} they reach {_percent(share[near])} of what the "
            "upper bound leaves above chance."
        )
    trust = (
        "The upper bound holds for any classifier on these test images, on average over the noise; "
        "its half point and width are read with the networks' family."
    )
    return said, trust


def _realisations(law):
    n = int(law.n_fitted.max())
    if n == 1:
        return "A single realisation: profile intervals only."
    return f"Scatter of {n} realisations and errors of their fits, Student's t."


def _choices(rows):
    """Range of the exponent over everything that could be chosen otherwise."""
    rows = rows[np.isfinite(rows.gamma)]
    if rows.empty:
        return ""
    fitted = rows[rows.estimator == "seed_fit"]
    said = "With other families, coordinates, levels and smallest sizes γ lies between "
    said += f"{fitted.gamma.min():.2g} and {fitted.gamma.max():.2g}; read from level sets, between "
    crossed = rows[rows.estimator != "seed_fit"]
    return said + f"{crossed.gamma.min():.2g} and {crossed.gamma.max():.2g}."


def _law(law, name):
    return float(law[name].sel(law="pure"))


def _by_size(law):
    """The value of the largest size, and that of the smallest where it is another one."""
    known = np.flatnonzero(np.isfinite(law.value))
    smallest = f"; {_of_size(law.isel(size=known[0]))}" if known.size > 1 else ""
    return _of_size(law.isel(size=known[-1])), smallest


def _of_size(one):
    return f"{_interval(*quoted_interval(one))} for {_units(one)}"


def _units(one):
    return f"{int(one['size']):,} {_noun(one)}"


def _noun(data):
    """Last word of the unit of the sizes: units or parameters."""
    return data["size"].attrs.get("long_name", "units").split()[-1]


def _reasons(status, meanings, by_size=False):
    """Every reason with the sizes, or the number of sizes, that it holds for."""
    parts = []
    for code in np.unique(status.values):
        if code and meanings[code]:
            sizes = status["size"].values[status.values == code]
            listed = ", ".join(f"{size:,}" for size in sizes)
            whom = f"{listed} {_noun(status)}" if by_size else f"{sizes.size}"
            parts.append(f"{meanings[code].replace('_', ' ')} ({whom})")
    return "; ".join(parts) or "no fit"


def _interval(value, low, high):
    if not np.isfinite(low + high):
        return f"{value:#.3g}"
    return f"{value:#.3g} [{low:#.3g}, {high:#.3g}]"


def _span(values):
    low, high = float(values.min()), float(values.max())
    return f"{low:.2g} to {high:.2g}"


def _percent(value):
    return f"{100 * float(value):.0f} %"


def _signed_percent(logarithm):
    return f"{100 * np.expm1(logarithm):+.1f} %"


def _sentence(text):
    return text[0].upper() + text[1:]
