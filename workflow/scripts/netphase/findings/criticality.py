"""Answers on signals in random networks with their trust, and verdicts on claims."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from netphase.criticality.cascades import NAMES
from netphase.criticality.gram_spectra import PHASES
from netphase.findings import papers, wording
from netphase.findings.verdicts import Quantity, Reading, Verdict, exactly, judge_claims
from netphase.statistics.intervals import ENDS

# Share of the depth below which xi_c must be for a network to be judged: the classifier's window.
WINDOW = 0.5

Interval = Sequence[np.ndarray]


class Found(NamedTuple):
    """Results of one data set.

    `steps` and `loss` are a value with the ends of its interval, of
    `netphase.criticality.summaries.entropy_steps` and `lost_depth` of that module.
    """

    spectra: xr.Dataset
    cascade: xr.Dataset
    steps: Interval
    loss: Interval


def judge(
    study: str, signals: xr.Dataset, cascades: xr.Dataset, steps: Interval, loss: Interval
) -> tuple[dict[str, list[dict[str, str]]], dict[str, list[Verdict]]]:
    """Answers for the first page of a report, and a verdict on every claim.

    Parameters
    ----------
    signals : of `netphase.criticality.signals.join`
    cascades : of `netphase.criticality.cascades.join`
    steps, loss : of `netphase.criticality.summaries.entropy_steps` and `lost_depth` of that
        module, of these signals and cascades

    Returns
    -------
    findings : study -> entries with the keys ladder (the data set), question, answer and trust
    verdicts : study -> records, the data set as their system
    """
    answers, verdicts = [], []
    for k, name in enumerate(map(str, signals.dataset.values)):
        found = Found(
            signals.sel(dataset=name),
            cascades.sel(dataset=name),
            [end[k] for end in steps],
            [end[k] for end in loss],
        )
        answers += [(name, *answer) for answer in _answers(found)]
        verdicts += judge_claims(papers.CRITICALITY, QUANTITIES, found, name)
    return {study: wording.entries(answers)}, {study: verdicts}


def _answers(found) -> Iterator[tuple[str, str, str]]:
    spectra, cascade = found.spectra, found.cascade
    exact, n = float(spectra.critical_weight_variance), spectra.sizes["realisation"]
    yield (
        "Where is the critical weight variance?",
        f"{_interval(spectra, 'critical')} by Gram spectra; mean field: {exact:.3f}.",
        f"{n} networks. By a line through the last two slopes of ln(1 - λ_max), which a window of "
        f"{spectra.sizes['layer']} layers bends upwards: {_interval(spectra, 'by_line')}.",
    )
    ordered, chaotic = (_variances(spectra, phase) for phase in ("subcritical", "supercritical"))
    yield (
        "Which networks are subcritical, which supercritical?",
        f"Subcritical up to {_end(ordered, max)}, supercritical from {_end(chaotic, min)} on.",
        f"{_share(spectra, WINDOW)} whose ξ_c is below half their depth, the window of the "
        f"classifier, are put into the phase of mean field; {_share(spectra, 1)} whose ξ_c is "
        "below their depth.",
    )
    yield "Does the entropy of the activations peak at criticality?", *_peak(found)
    last, quoted = int(cascade.layer[-1]), cascade.attrs["quoted"]
    best = _best(cascade, quoted)
    yield (
        f"From which networks are images of layer {last} reconstructed best?",
        "; ".join(f"{NAMES[m]}: {_of(ends)}" for m, ends in best.items())
        + f"; critical: {exact:.3f}.",
        f"Weight variance, by {quoted}. The penalty says what counts as lost, and moves it; best "
        f"mean square error by others: {', '.join(_others(cascade)) or 'none'}.",
    )
    ratio = found.loss
    yield (
        "How deep do images get in ordered networks?",
        f"{_of(ratio)} ξ_c." if np.isfinite(ratio[0]) else "Beyond the last layer everywhere.",
        "Cutoff of the mean square error, over mean field's ξ_c; only variances at which all "
        "networks lose the image before the last layer.",
    )


def _variances(spectra, phase):
    """Weight variances all of whose networks are in a phase."""
    inside = (spectra.phase == PHASES.index(phase)).all("realisation")
    return spectra.weight_variance.values[inside.values]


def _end(variances, end):
    return f"{end(variances):g}" if len(variances) else "none"


def _classified(spectra, share) -> tuple[int, int]:
    """Networks in the phase of mean field, of all whose xi_c is below that share of their depth."""
    clear = spectra.depth_of_c < share * spectra.sizes["layer"]
    ordered = spectra.weight_variance < spectra.critical_weight_variance
    expected = xr.where(ordered, PHASES.index("subcritical"), PHASES.index("supercritical"))
    right = (spectra.phase == expected).where(clear, False)
    return int(right.sum()), int(clear.sum()) * spectra.sizes["realisation"]


def _share(spectra, share):
    right, judged = _classified(spectra, share)
    return f"{right} of the {judged} networks"


def _peak(found):
    """Answer and trust on a peak of the last layer's entropy between neighbouring variances."""
    spectra, (steps, low, high) = found.spectra, found.steps
    last = spectra.entropy.isel(layer=-1).transpose("weight_variance", "realisation")
    falls = high < 0
    near = last.sel(weight_variance=spectra.critical_weight_variance, method="nearest")
    ends = [
        f"{float(one.mean()):.2f} nat at {float(one.weight_variance):g}"
        for one in (last[0], near, last[-1])
    ]
    said = f"at the last layer it goes from {ends[0]} over {ends[1]} to {ends[2]}"
    said = f"Not excluded: {said}." if falls.any() else f"No: {said}."
    images = float(spectra.input_entropy.mean())
    return said, (
        f"Of {len(steps)} steps between neighbouring variances {int((low > 0).sum())} surely rise, "
        f"{int(falls.sum())} surely fall. The images have {images:.2f} "
        "nat; where the entropy stays as it was is a matter of the images, not the critical point."
    )


def _others(cascade) -> Iterator[str]:
    """Weight variance of the least error by each other decoder, on its networks."""
    best = cascade.optimum.sel(metric="error").isel(layer=-1)
    quoted = best.sel(decoder=cascade.attrs["quoted"])
    for decoder in cascade.decoder.values:
        one = best.sel(decoder=decoder)
        there = one.notnull()
        if decoder == cascade.attrs["quoted"] or not there.any():
            continue
        same = "" if there.all() else f" ({_number(quoted.where(there).mean())} on the same)"
        yield f"{decoder} {_number(one.mean())}{same}"


def _best(cascade, decoder):
    """Metric -> best variance at the last layer, with the ends of its interval."""
    last = cascade.isel(layer=-1).sel(decoder=decoder)
    return {
        metric: [float(last[f"optimum_{end}"].sel(metric=metric)) for end in ENDS]
        for metric in NAMES
    }


def _share_classified(found, claim):
    right, judged = _classified(found.spectra, WINDOW)
    name = f"{judged} networks" if judged else "no network to judge"
    return [exactly(name, right / judged if judged else np.nan)]


def _critical_over_mean_field(found, claim):
    exact = float(found.spectra.critical_weight_variance)
    ends = (float(found.spectra[f"critical_{end}"]) / exact for end in ENDS)
    return [Reading("by spectra", *ends)]


def _best_over_critical(found, claim):
    exact = float(found.spectra.critical_weight_variance)
    best = _best(found.cascade, found.cascade.attrs["quoted"])
    return [Reading(NAMES[name], *(end / exact for end in ends)) for name, ends in best.items()]


def _lost_depth(found, claim):
    return [Reading("", *map(float, found.loss))]


def _interval(spectra, name):
    return _of([float(spectra[f"{name}_{end}"]) for end in ENDS])


def _of(ends) -> str:
    value, low, high = ends
    return f"{_number(value)} [{_number(low)}, {_number(high)}]" if np.isfinite(value) else "none"


def _number(value) -> str:
    return f"{float(value):.2f}"


REALISATIONS = "bootstrap over the networks"
QUANTITIES = {
    "share_classified": Quantity(
        "share of the networks that are put into the phase of mean-field theory",
        "",
        "none: a count",
        "depth",
        _share_classified,
    ),
    "critical_over_mean_field": Quantity(
        "critical weight variance over that of mean-field theory",
        "",
        REALISATIONS,
        "how the spectra are read",
        _critical_over_mean_field,
    ),
    "best_over_critical": Quantity(
        "weight variance that reconstructs the last layer best over the critical one",
        "",
        REALISATIONS,
        "measure",
        _best_over_critical,
    ),
    "lost_depth": Quantity(
        "layer after which ordered networks have lost the image",
        "correlation lengths",
        REALISATIONS,
        "penalty of the decoders",
        _lost_depth,
    ),
}
