"""Answers on inversions of noisy Green's functions, and verdicts on Assaad et al. (2026)."""

from collections.abc import Iterator

import xarray as xr

from netphase.findings import papers, wording
from netphase.findings.verdicts import Quantity, Reading, Verdict, exactly, judge_claims
from netphase.spectral.recoverability import (
    CLASSIC,
    CONSISTENT,
    ENTROPY,
    METHODS,
    NETWORK,
    REFERENCES,
)
from netphase.transitions.fits import FITTED, STATUS

RELIABLE = 0.9
"""Share of the spectra for which a choice of alpha must find one."""


def answer(study: str, found: xr.Dataset, seconds: float) -> dict[str, list[dict[str, str]]]:
    """The study in four answers for the first page of a report.

    Parameters
    ----------
    found : of `netphase.spectral.recoverability.locate`
    seconds : CPU time of all inversions and trainings
    """
    answers = (("", question, *said) for question, said in _answers(found, seconds))
    return {study: wording.entries(answers)}


def judge(study: str, found: xr.Dataset) -> dict[str, list[Verdict]]:
    """Judge each claim; `found` as in `answer`."""
    return {study: judge_claims(papers.SPECTRAL, QUANTITIES, found)}


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


CHOICES = {ENTROPY: "alpha at the kink", CLASSIC: "most probable alpha"}


def _error_over_maximum_entropy(found, claim):
    part = found.sel(class_name=claim["class_name"], measure=claim["measure"], rival=NETWORK)
    return [
        Reading(choice, *_ends(part.sel(reference=reference), "ratio"))
        for reference, choice in CHOICES.items()
    ]


def _more_peaks(found, claim):
    more = (found.peaks > found.true_peaks).sum("system")
    return [
        exactly(
            f"{found.sizes['system']} systems", more.sel(solver=NETWORK) - more.sel(solver=ENTROPY)
        )
    ]


QUANTITIES = {
    "error_over_maximum_entropy": Quantity(
        "error of the network over that of maximum entropy",
        "",
        "paired bootstrap over the spectra",
        "choice of alpha",
        _error_over_maximum_entropy,
    ),
    "more_peaks": Quantity(
        "systems for which the network shows more peaks than there are, less those for which "
        "maximum entropy does",
        "",
        "none: a count",
        "systems",
        _more_peaks,
    ),
}
