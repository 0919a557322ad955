"""Answers on the calibration with Ising lattices, and verdicts on their exact values."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from netphase.findings import papers, wording
from netphase.findings.verdicts import Quantity, Reading, Verdict, judge_claims
from netphase.lattices.calibration import VERDICTS
from netphase.lattices.exact import EXACT, T_C, TOLERANCE
from netphase.scaling.collapse import COLLAPSED
from netphase.scaling.collapse import STATUS as COLLAPSE_STATUS
from netphase.scaling.crossings import VERDICTS as CROSSING_VERDICTS

POWERS = (
    ("binder_slope", "1/ν", "1"),
    ("susceptibility", "γ/ν", "7/4"),
    ("magnetisation", "-β/ν", "-1/8"),
)


def answer(calibration: xr.Dataset) -> dict[str, list[dict[str, str]]]:
    """The calibration in four answers for the first page of a report.

    Parameters
    ----------
    calibration : of `netphase.lattices.calibration.calibrate`
    """
    answers = (("", question, *said) for question, said in _answers(calibration))
    return {calibration.attrs["lattice_study"]: wording.entries(answers)}


def judge(calibration: xr.Dataset) -> dict[str, list[Verdict]]:
    """A verdict on each exact value: whether the analysis recovers it."""
    verdicts = judge_claims(papers.ISING, QUANTITIES, calibration)
    return {calibration.attrs["lattice_study"]: verdicts}


def _answers(calibration) -> Iterator:
    chosen = calibration.sel(smallest=calibration.quoted)
    yield "Is the instrument calibrated?", _verdict(calibration, chosen)
    yield "Where is the transition?", _place(calibration, chosen)
    yield "What is ν?", _exponent(calibration, chosen)
    yield "How far are the error bars trusted?", _errors(calibration)


def _verdict(calibration, chosen):
    trust = (
        "The collapse knows neither of the two. Besides the interval, a deviation of at most "
        f"{TOLERANCE['t_c']:g} J/k_B from T_c and {TOLERANCE['nu']:g} from ν is asked for."
    )
    if calibrated := bool(calibration.calibrated):
        said = "finds the exact T_c and ν, both within its own 95 % intervals"
    elif int(chosen.status) != COLLAPSED:
        said = f"has no collapse: {COLLAPSE_STATUS[int(chosen.status)].replace('_', ' ')}"
    else:
        outcomes = zip(calibration.verdict.values, ("t_c", "nu"), strict=True)
        said = "; ".join(_missed(chosen, name, VERDICTS[code]) for code, name in outcomes)
    start = "Yes: the instrument is" if calibrated else "No: the instrument is not"
    text = (
        f"{start} calibrated. Applied to the square-lattice Ising model, the analysis of networks "
        f"{said} (Binder cumulants of {_ladder(calibration, int(chosen.smallest))})."
    )
    return text, trust


def _missed(chosen, name, verdict):
    column, symbol, digits = {"t_c": ("x_c", "T_c", 5), "nu": ("nu", "ν", 3)}[name]
    outcome = {
        "found": "which holds the exact",
        "outside_interval": "which does not hold the exact",
        "outside_tolerance": "too uncertain beside the exact",
    }[verdict]
    interval = _interval(chosen, column, digits)
    return f"says {symbol} = {interval}, {outcome} {EXACT[name]:.7g}"


def _place(calibration, chosen):
    said = f"exact: {T_C:.6f} J/k_B"
    if np.isfinite(chosen.x_c):
        said += f", {_pull(calibration, 't_c')}"
        said = f"T_c = {_interval(chosen, 'x_c', 5)} J/k_B by collapse ({said})."
    else:
        said = f"The collapse does not say ({said})."
    return f"{said} {_common(chosen)}", _corrections(calibration, "x_c", 5)


def _exponent(calibration, chosen):
    if np.isfinite(chosen.nu):
        pull = _pull(calibration, "nu")
        said = f"ν = {_interval(chosen, 'nu', 3)} by collapse (exact: 1, {pull})."
    else:
        said = "The collapse does not say (exact: 1)."
    first = calibration.isel(smallest=0)
    laws = [
        f"{symbol} = {_interval(first.sel(quantity=name), 'exponent', 4)} (exact: {exact})"
        for name, symbol, exact in POWERS
        if np.isfinite(first.exponent.sel(quantity=name))
    ]
    if laws:
        said += f" Powers of L ≥ {int(first.smallest)} at the exact T_c: {', '.join(laws)}."
    return said, _corrections(calibration, "nu", 3)


def _errors(calibration):
    times, share = calibration.autocorrelation_time, float(calibration.share_too_short)
    if np.isfinite(times).any():
        largest = times.fillna(0).argmax("size")
        said = (
            f"Autocorrelation times were measured: at most {float(times[largest]):.2g} sweeps "
            f"(L = {int(times['size'][largest])}); every simulation is at least "
            f"{float(calibration.sweeps_per_time.min()):.0f} of them long. "
        )
    else:
        said = "No autocorrelation time was measured. "
    said += "No simulation was" if share == 0 else f"{100 * share:.2g} % of the simulations were"
    said += " too short for them"
    said += "." if share == 0 else " and left out."
    if np.isfinite(calibration.scatter_ratio):
        said += (
            f" The variance between realisations is {float(calibration.scatter_ratio):.2f} ± "
            f"{float(calibration.scatter_ratio_se):.2f} times that of the error bars."
        )
        trust = "Error bars come from the autocorrelations, the realisations test them."
    else:
        trust = "Error bars come from the autocorrelations; a single realisation cannot test them."
    minutes = float(calibration.cpu_seconds) / 60
    return said, f"{trust} The simulations took {minutes:.2g} CPU-minutes."


def _common(chosen):
    verdict = CROSSING_VERDICTS[int(chosen.crossing_verdict)]
    if not np.isfinite(chosen.common):
        return "The curves of these lattices have no common crossing."
    value, error = float(chosen.common), float(chosen.common_se)
    said = {
        "unique": "All pairs of curves cross at one point",
        "spread": "The curves do not cross at one point",
        "not_all_cross": "Not all pairs of curves cross",
    }[verdict]
    return f"{said}, {value:.5f} ± {error:.5f} (p = {float(chosen.p):.2g})."


def _corrections(calibration, name, digits):
    parts = []
    for start in calibration.smallest.values:
        part = calibration.sel(smallest=start)
        if np.isfinite(part[name]):
            quality = f"S = {float(part.quality):.2g}"
            parts.append(f"{_interval(part, name, digits)} from L = {start} ({quality})")
    return f"By smallest lattice: {'; '.join(parts)}." if parts else "No collapse."


def _pull(calibration, name):
    pull = float(calibration.pull.sel(parameter=name))
    return f"{pull:+.1f} standard errors" if np.isfinite(pull) else "no standard error"


def _interval(part, name, digits):
    return wording.interval(*_ends(part, name), digits)


def _ends(part, name):
    return tuple(float(part[name + end]) for end in ("", "_low", "_high"))


def _by_collapse(calibration, name):
    chosen = calibration.sel(smallest=calibration.quoted)
    ends = _ends(chosen, name) if int(chosen.status) == COLLAPSED else [np.nan] * 3
    return [Reading(_ladder(calibration, int(chosen.smallest)), *ends)]


def _by_power_law(calibration, name):
    first = calibration.isel(smallest=0).sel(quantity=name)
    return Reading(_ladder(calibration, int(first.smallest)), *_ends(first, "exponent"))


def _t_c(calibration, claim):
    return _by_collapse(calibration, "x_c")


def _nu(calibration, claim):
    return _by_collapse(calibration, "nu")


def _beta(calibration, claim):
    name, value, low, high = _by_power_law(calibration, "magnetisation")
    return [Reading(name, -value, -high, -low)]


def _gamma(calibration, claim):
    return [_by_power_law(calibration, "susceptibility")]


def _ladder(calibration, smallest):
    return f"L = {smallest} to {int(calibration['size'].max())}"


REPLICAS = "percentiles of the bootstrap"
STUDENT = "Student's t over the lattices"
SMALLEST = "smallest lattice that enters"
QUANTITIES = {
    "t_c": Quantity(
        "critical temperature by collapse of the Binder cumulants",
        "J/k_B",
        REPLICAS,
        SMALLEST,
        _t_c,
    ),
    "nu": Quantity("ν by collapse of the Binder cumulants", "", REPLICAS, SMALLEST, _nu),
    "beta": Quantity("β/ν by the magnetisation at the exact T_c", "", STUDENT, SMALLEST, _beta),
    "gamma": Quantity("γ/ν by the susceptibility at the exact T_c", "", STUDENT, SMALLEST, _gamma),
}
