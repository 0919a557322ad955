"""What signals in random networks say: answers with their trust, and verdicts on claims."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from netphase.criticality.cascades import NAMES
from netphase.criticality.gram_spectra import PHASES
from netphase.statistics.intervals import ENDS, bootstrap_mean
from netphase.streams import stream

WORDS = ("source", "claim", "paper", "ours", "depends", "verdict")
THESIS, THESIS_PAPER = "Thurn, thesis, abstract", "Thurn, Jefferson & Erdmenger (2024)"
MEAN_FIELD = "Schoenholz et al. (2017)"
REPRODUCED, DEPENDS, REFUTED = "reproduced", "depends on the measure", "not reproduced"
UNDECIDED, UNTESTED = "depends on the sampling error", "not testable"
# A critical variance this close to mean field is found; reconstruction is best this close to it.
FOUND, NEAR = 0.05, (0.85, 1.2)
# Share of the networks that must be put into their phase.
CLASSIFIED = 0.95
# Of xi_c: layers after which all is lost, read by eye off figures of Thurn et al. (2024).
LOSS = (7.0, 9.0)


def judge(study: str, signals: xr.Dataset, cascades: xr.Dataset) -> tuple[dict, dict]:
    """Answers for the first page of a report, and a verdict on every claim.

    Parameters
    ----------
    signals : of `netphase.criticality.signals.join`
    cascades : of `netphase.criticality.cascades.join`

    Returns
    -------
    findings : study -> entries with the keys ladder (the data set), question, answer and trust
    verdicts : study -> entries with the keys scenario (the data set) and WORDS
    """
    findings, verdicts = [], []
    for name in signals.dataset.values:
        spectra, cascade = signals.sel(dataset=name), cascades.sel(dataset=name)
        findings += [
            {"ladder": str(name), "question": question, "answer": answer, "trust": trust}
            for question, answer, trust in _answers(spectra, cascade)
        ]
        verdicts += [
            {"scenario": str(name)} | dict(zip(WORDS, claim, strict=True))
            for claim in _claims(spectra, cascade)
        ]
    return {study: findings}, {study: verdicts}


def _answers(spectra, cascade) -> Iterator[tuple[str, str, str]]:
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
        f"{_share(spectra, 0.5)} whose ξ_c is below half their depth, the window of the "
        f"classifier, are put into the phase of mean field; {_share(spectra, 1)} whose ξ_c is "
        "below their depth.",
    )
    yield "Does the entropy of the activations peak at criticality?", *_peak(spectra)
    last, quoted = int(cascade.layer[-1]), cascade.attrs["quoted"]
    best = _best(cascade, quoted)
    yield (
        f"From which networks are images of layer {last} reconstructed best?",
        "; ".join(f"{NAMES[m]}: {_of(ends)}" for m, ends in best.items())
        + f"; critical: {exact:.3f}.",
        f"Weight variance, by {quoted}. The penalty says what counts as lost, and moves it; best "
        f"mean square error by others: {', '.join(_others(cascade)) or 'none'}.",
    )
    ratio = _loss(spectra, cascade)
    yield (
        "How deep do images get in ordered networks?",
        f"{_of(ratio)} ξ_c." if np.isfinite(ratio[0]) else "Beyond the last layer everywhere.",
        "Cutoff of the mean square error, over mean field's ξ_c; only variances at which all "
        "networks lose the image before the last layer.",
    )


def _claims(spectra, cascade) -> Iterator[tuple]:
    exact = float(spectra.critical_weight_variance)
    right, judged = _classified(spectra, 0.5)
    yield (
        THESIS,
        "Spectra of Gram matrices tell subcritical, critical and supercritical networks apart.",
        "no number",
        f"{right} of {judged} networks",
        f"judged: ξ_c below half the depth of {spectra.sizes['layer']} layers; below the depth: "
        f"{_share(spectra, 1)}",
        UNTESTED if not judged else REPRODUCED if right >= CLASSIFIED * judged else REFUTED,
    )
    ends = [float(spectra[f"critical_{end}"]) / exact - 1 for end in ENDS]
    yield (
        MEAN_FIELD,
        "The critical point of wide networks is that of mean-field theory.",
        f"{exact:.4f}",
        f"{_interval(spectra, 'critical')} by spectra",
        f"by a line through slopes: {_interval(spectra, 'by_line')}",
        _within(ends, (-FOUND, FOUND)),
    )
    best = _best(cascade, cascade.attrs["quoted"])
    said = [_within([end / exact for end in ends], NEAR) for ends in best.values()]
    yield (
        THESIS_PAPER,
        "Critical networks transport information about their input the deepest.",
        "a ridge at the critical variance",
        f"best variance over the critical one at layer {int(cascade.layer[-1])}: "
        + ", ".join(
            f"{NAMES[metric]} {_of([end / exact for end in ends])}" for metric, ends in best.items()
        ),
        "penalty of the decoders: a smaller one moves it to the ordered side",
        said[0] if len(set(said)) == 1 else DEPENDS,
    )
    ratio = _loss(spectra, cascade)
    yield (
        THESIS_PAPER,
        "Ordered networks lose their input after about eight correlation lengths.",
        "8 ± 1 (figures, read by eye)",
        f"{_of(ratio)}" if np.isfinite(ratio[0]) else "beyond the last layer",
        "penalty of the decoders",
        _within(ratio, LOSS),
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


def _peak(spectra):
    """Whether the last entropy falls anywhere as the variance grows, and by how much."""
    last = spectra.entropy.isel(layer=-1).transpose("weight_variance", "realisation")
    steps, low, high = bootstrap_mean(last.diff("weight_variance").values, stream("entropy steps"))
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
    """Variance of the least error by the other decoders, on their networks."""
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


def _loss(spectra, cascade):
    """Cutoff over xi_c of ordered networks that lose the image before the last layer."""
    cutoff = cascade.cutoff.sel(decoder=cascade.attrs["quoted"], metric="error")
    inside = (cutoff < int(cascade.layer[-1]) - 1).all("realisation")
    inside &= spectra.weight_variance < spectra.critical_weight_variance
    if not inside.any():
        return [np.nan] * 3
    ratio = (cutoff / spectra.depth_of_c).sel(weight_variance=inside).mean("weight_variance")
    return [float(end) for end in bootstrap_mean(ratio.values, stream("loss of signals"))]


def _within(ends, bounds) -> str:
    """Verdict on a value with its interval that should lie within bounds."""
    value, low, high = ends
    if not np.isfinite(value):
        return UNTESTED
    if bounds[0] <= low and high <= bounds[1]:
        return REPRODUCED
    return REFUTED if high < bounds[0] or low > bounds[1] else UNDECIDED


def _interval(spectra, name):
    return _of([float(spectra[f"{name}_{end}"]) for end in ENDS])


def _of(ends) -> str:
    value, low, high = ends
    return f"{_number(value)} [{_number(low)}, {_number(high)}]" if np.isfinite(value) else "none"


def _number(value) -> str:
    return f"{float(value):.2f}"
