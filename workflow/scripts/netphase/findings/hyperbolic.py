"""Answers on Ising models on hyperbolic tilings, and verdicts on the claims about them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from netphase.findings import papers, wording
from netphase.findings.verdicts import Quantity, Reading, Verdict, around, judge_claims
from netphase.scaling.collapse import COLLAPSED
from netphase.scaling.collapse import STATUS as COLLAPSE_STATUS
from netphase.statistics.intervals import Z_975

NAMES = {"binder_slope": "slope of U4", "susceptibility": "χ", "magnetisation": "⟨|m|⟩"}
ORDERED = 0.5
"""Magnetisation above which the bulk or a disc is called ordered."""

Found = Mapping[str, xr.Dataset]


class Systems(NamedTuple):
    """Results of closed surfaces by name, of infinite lattices and of the open disc."""

    surfaces: Found
    corners: xr.Dataset
    disc: xr.Dataset


def table(found: Found, corners: xr.Dataset) -> pd.DataFrame:
    """Every estimate of T_c and of the exponents, with the reference it is compared with.

    Columns: tiling, method, smallest (spins), quantity, value, low, high, reference, outcome.
    """
    rows = []
    for name, one in found.items():
        reference = _corner(one, corners, "t_c")
        for start in one.smallest.values:
            part = one.sel(smallest=start)
            outcome = COLLAPSE_STATUS[int(part.status)]
            for method, key, said in (
                ("crossings", "t_c", ""),
                ("levels", "t_level", ""),
                ("collapse", "x_c", outcome),
            ):
                rows.append((name, method, start, "t_c", *_ends(part, key), reference, said))
            for quantity in one.quantity.values:
                law = part.sel(quantity=quantity)
                mean_field = float(law.mean_field)
                rows.append(
                    (name, "power law", start, f"exponent of {quantity}")
                    + (*_ends(law, "exponent"), mean_field, "")
                )
        rows.append((name, "tree", "", "t_c", *[float(one.bethe)] * 3, np.nan, "upper bound"))
    for p in corners.p.values:
        for quantity, reference in (("t_c", np.nan), ("beta", 0.5)):
            ends = _ends(corners.sel(p=p), quantity)
            rows.append((f"{{{p}, 4}}", "corners", "", quantity, *ends, reference, ""))
    columns = ["tiling", "method", "smallest", "quantity", "value", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "reference", "outcome"])


def judge(
    study: str, found: Found, corners: xr.Dataset, disc: xr.Dataset, gravity: xr.Dataset
) -> tuple[dict[str, list[dict[str, str]]], dict[str, list[Verdict]]]:
    """Answers for the first page of a report, and a verdict on every claim.

    Parameters
    ----------
    found : of `netphase.hyperbolic.critical_point.locate`, by the name of the tiling
    corners : of `netphase.hyperbolic.corner_lattices.grow_corners`
    disc : of `netphase.hyperbolic.disc_ising.simulate_discs`
    gravity : of `netphase.hyperbolic.gravity.simulate_universes`

    Returns
    -------
    findings : study -> entries with the keys ladder, question, answer and trust
    verdicts : study -> records
    """
    answers = ((ladder, question, *said) for ladder, question, said in
               _answers(found, corners, disc, gravity))  # fmt: skip
    systems = Systems(found, corners, disc)
    verdicts = judge_claims(papers.HYPERBOLIC, QUANTITIES, systems)
    return {study: wording.entries(answers)}, {study: verdicts}


def boundary_temperatures(corners: xr.Dataset, disc: xr.Dataset) -> tuple[float, float]:
    """Temperatures of the disc at which the influence of its boundary is judged, NaN without one.

    Below T_c the highest at which the bulk is ordered, m > 0.5, by corner transfer matrices; above
    T_c the highest of all.
    """
    known = corners.sel(p=disc.attrs["p"]).isel(states=-1)
    bulk = known.m.interp(temperature=disc.temperature).values
    ordered = disc.temperature.values[bulk > ORDERED]
    highest = float(disc.temperature.max())
    return (
        float(ordered.max()) if ordered.size else np.nan,
        highest if highest > float(known.t_c) else np.nan,
    )


def _answers(found, corners, disc, gravity) -> Iterator:
    for name, one in found.items():
        ladder = f"{name}, {_symbol(one)}"
        yield ladder, "Where is the transition?", _place(one, corners)
        yield ladder, "Are its exponents those of mean-field theory?", _exponents(one)
    yield "infinite lattices", "What do corner transfer matrices say?", _corners(corners)
    yield f"open disc, {_symbol(disc)}", "What does the boundary do?", _boundary(corners, disc)
    ladder = f"discrete gravity, {{3, {gravity.attrs['q']}}}"
    yield ladder, "How much of the disc lies inside the wall?", _universes(gravity)


def _place(one, corners):
    chosen = one.sel(smallest=one.quoted)
    sizes = one["size"].values[one["size"].values >= int(one.quoted)]
    said = (
        f"T_c = {_interval(chosen, 't_c', 4)} J/k_B from the crossings of surfaces of {sizes[0]:,} "
        f"to {sizes[-1]:,} spins at the vertices, each with {one.attrs['q']} neighbours; "
        f"{_interval(chosen, 't_level', 4)} from where the Binder cumulant is that of mean-field "
        f"theory. Tree of the same coordination: {float(one.bethe):.4f}."
    )
    reference = _corner(one, corners, "t_c")
    if np.isfinite(reference):
        pull = (float(chosen.t_c) - reference) / float(chosen.t_c_se)
        said += f" Corner transfer matrices: {reference:.5f} ({pull:+.1f} standard errors)."
    parts = [
        f"{_interval(part, 't_c', 4)} from {int(start):,} spins"
        for start in one.smallest.values
        for part in [one.sel(smallest=start)]
        if np.isfinite(part.t_c)
    ]
    last = one.isel(smallest=-1)
    collapse = (
        f"{'collapses' if int(last.status) == COLLAPSED else 'does not collapse'} "
        f"(S = {float(last.quality):.2g}, T_c = {float(last.x_c):.4f})"
    )
    return said, (
        f"By smallest surface: {'; '.join(parts)}. Without corrections the ladder from "
        f"{int(last.smallest):,} spins {collapse}. "
        f"{float(one.cpu_seconds) / 60:.2g} CPU-minutes."
    )


def _exponents(one):
    chosen = one.sel(smallest=one.quoted)
    said = ", ".join(
        f"{NAMES[name]}: {_interval(chosen.sel(quantity=name), 'exponent', 3)} "
        f"({float(chosen.mean_field.sel(quantity=name)):g})"
        for name in one.quantity.values
    )
    last = one.isel(size=-1)
    height = float(last.binder.interp(temperature=float(chosen.t_c)))
    error = Z_975 * float(last.binder_se.interp(temperature=float(chosen.t_c)))
    trust = (
        f"Intervals hold the error of T_c. U4 of the largest surface at T_c: {height:.3f} ± "
        f"{error:.3f} (0.271). The variance between realisations is "
        f"{float(one.scatter_ratio):.2f} times that of the error bars."
    )
    return f"Powers of N at T_c, mean-field theory in brackets: {said}.", trust


def _corners(corners):
    parts = [
        f"{{{p}, 4}}: T_c = {_interval(corners.sel(p=p), 't_c', 6)} J/k_B, "
        f"β = {_interval(corners.sel(p=p), 'beta', 3)}"
        for p in corners.p.values
    ]
    worst = float(np.abs(corners.square_m - corners.square_exact).max())
    return "; ".join(parts) + ".", (
        f"Intervals compare {' and '.join(map(str, corners.states.values))} states. On the square "
        f"lattice the magnetisation differs from the exact one by {worst:.1g} at most."
    )


def _boundary(corners, disc):
    low, high = boundary_temperatures(corners, disc)
    share = float(disc.cells[-1] / disc.cells.sum())
    said = []
    if np.isfinite(low):
        free = disc.sel(boundary="free", temperature=low)
        said.append(
            f"At T = {low:g} J/k_B, where the bulk has m = {_bulk(corners, disc, low):.3f}, that "
            f"of a whole disc with a free boundary is {_with_error(free, 'magnetisation')}"
        )
    if np.isfinite(high):
        fixed = disc.sel(boundary="fixed", temperature=high)
        said.append(
            f"at T = {high:g} J/k_B, where the bulk has none, that with all spins up beyond the "
            f"boundary is {_with_error(fixed, 'magnetisation')}, that of its centre "
            f"{_with_error(fixed, 'centre')}"
        )
    too_short = int((disc.status != 0).sum())
    return "; ".join(said) + ".", (
        f"{share:.0%} of the {int(disc.cells.sum()):,} spins are in the outermost layer. "
        f"{too_short} of {disc.status.size} simulations are too short for their autocorrelation "
        "time and give no number."
    )


def _universes(gravity):
    parts = []
    for temperature in gravity.temperature.values:
        known = gravity.sel(temperature=temperature).dropna("coupling", subset=["area"])
        if known.sizes["coupling"] > 1:
            step = int(np.argmin(np.diff(known.area)))
            ends = known.isel(coupling=[step, step + 1])
            shares = (
                f"{100 * area:.1f} ± {196 * error:.1f} % ({coupling:g} J)"
                for coupling, area, error in zip(
                    ends.coupling.values, ends.area.values, ends.area_se.values, strict=True
                )
            )
            parts.append(f"at T = {temperature:g} from {' to '.join(shares)}")
    left_out = int((gravity.status != 0).sum())
    least = float((gravity.wall / gravity.area).min())
    return f"From one coupling of the wall to the next its share falls most {'; '.join(parts)}.", (
        f"{gravity.attrs['n_free']} triangles may be inside. {left_out} of {gravity.status.size} "
        "pairs of chains, from one triangle and from all, differ or are too short and give no "
        f"number. The least wall per triangle is {least:.3f}; exact bound "
        f"{float(gravity.attrs['least_ratio']):.3f}."
    )


def _chosen(systems):
    """Each tiling's data set and the part from the smallest surface that is quoted."""
    return [(one, one.sel(smallest=one.quoted)) for one in systems.surfaces.values()]


def _ratio(name, part, quantity, reference):
    return Reading(name, *(end / reference for end in _ends(part, quantity)))


def _t_c_over_tree(systems, claim):
    return [
        _ratio(_symbol(one), chosen, "t_c", float(one.bethe)) for one, chosen in _chosen(systems)
    ]


def _t_c_over_corners(systems, claim):
    references = [
        (one, chosen, _corner(one, systems.corners, "t_c")) for one, chosen in _chosen(systems)
    ]
    return [
        _ratio(_symbol(one), chosen, "t_c", reference)
        for one, chosen, reference in references
        if np.isfinite(reference)
    ]


def _exponent_less_mean_field(systems, claim):
    readings = []
    for one, chosen in _chosen(systems):
        for name in one.quantity.values:
            law = chosen.sel(quantity=name)
            ends = (end - float(law.mean_field) for end in _ends(law, "exponent"))
            readings.append(Reading(f"{_symbol(one)}, {NAMES[name]}", *ends))
    return readings


def _beta_of_corners(systems, claim):
    corners = systems.corners
    return [Reading(f"{{{p}, 4}}", *_ends(corners.sel(p=p), "beta")) for p in corners.p.values]


def _of_disc(systems, boundary, temperature, unit=1.0):
    """Reading of the disc's magnetisation over `unit`; none without a temperature."""
    if not np.isfinite(temperature):
        return []
    part = systems.disc.sel(boundary=boundary, temperature=temperature)
    half = Z_975 * float(part.magnetisation_se)
    name = f"{_symbol(systems.disc)}, T = {temperature:g} J/k_B"
    return [around(name, float(part.magnetisation) / unit, half / unit)]


def _free_disc_over_bulk(systems, claim):
    low, _ = boundary_temperatures(systems.corners, systems.disc)
    return _of_disc(systems, "free", low, _bulk(systems.corners, systems.disc, low))


def _fixed_disc(systems, claim):
    _, high = boundary_temperatures(systems.corners, systems.disc)
    return _of_disc(systems, "fixed", high)


def _corner(one, corners, name):
    """Value of this tiling by corner transfer matrices; NaN where they do not apply."""
    if one.attrs["q"] != 4 or one.attrs["p"] not in corners.p:
        return np.nan
    return float(corners[name].sel(p=one.attrs["p"]))


def _bulk(corners, disc, temperature):
    known = corners.m.sel(p=disc.attrs["p"]).isel(states=-1)
    return float(known.interp(temperature=temperature))


def _symbol(one):
    return f"{{{one.attrs['p']}, {one.attrs['q']}}}"


def _with_error(one, name):
    return f"{float(one[name]):.4f} ± {Z_975 * float(one[f'{name}_se']):.4f}"


def _interval(part, name, digits):
    return wording.interval(*_ends(part, name), digits)


def _ends(part, name):
    return tuple(float(part[name + end]) for end in ("", "_low", "_high"))


TILING = "tiling"
QUANTITIES = {
    "t_c_over_tree": Quantity(
        "T_c of closed surfaces over that of the tree of the same coordination",
        "",
        "Student's t over the crossings of all pairs of surfaces",
        TILING,
        _t_c_over_tree,
    ),
    "t_c_over_corners": Quantity(
        "T_c of closed surfaces over that of corner transfer matrices",
        "",
        "Student's t over the crossings of all pairs of surfaces",
        TILING,
        _t_c_over_corners,
    ),
    "exponent_less_mean_field": Quantity(
        "exponent of N at T_c less that of mean-field theory",
        "",
        "weighted least squares, with the error of T_c",
        "tiling and what is measured",
        _exponent_less_mean_field,
    ),
    "beta_of_corners": Quantity(
        "exponent β of the magnetisation by corner transfer matrices",
        "",
        "as far as fewer states lead to another value",
        TILING,
        _beta_of_corners,
    ),
    "free_disc_over_bulk": Quantity(
        "magnetisation of an open disc with a free boundary over that of the bulk",
        "",
        "1.96 standard errors",
        "boundary",
        _free_disc_over_bulk,
    ),
    "fixed_disc": Quantity(
        "magnetisation of an open disc with all spins up beyond its boundary",
        "",
        "1.96 standard errors",
        "boundary",
        _fixed_disc,
    ),
}
