"""Answers on trained deep networks, and verdicts on Thurn et al. and Schoenholz et al."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.criticality.trainability import LENGTHS, unbounded
from netphase.findings import papers, wording
from netphase.findings.verdicts import Quantity, Reading, Verdict, around, exactly, judge_claims
from netphase.findings.wording import listed
from netphase.statistics.intervals import Z_975

RESULTS = ("trained", "predictions", "training_costs", "convolutions", "choice")
"""Kinds of results: of map_trainability (two), compare_trainability, join_convolutions and
compare_choice."""
NAMES = {
    "mean_field": "the mean-field decay length",
    "spectra": "the distance from the critical variance of the spectra",
    "cutoff": "the cutoff of the cascade",
    "reconstruction": "the error of the reconstruction",
    "xavier": "Glorot's (no biases)",
    "xavier_biased": "Glorot's with the same biases",
    "he": "He's (no biases)",
}
Found = Mapping[str, Sequence[xr.Dataset]]


def answers(found: Found) -> list[dict[str, str]]:
    """Answers for the first page of a report, with the keys ladder, question, answer and trust.

    Parameters
    ----------
    found : RESULTS -> data sets, none where a study has none
    """
    return wording.entries(
        [*_depths(found), *_predictions(found), *_convolutions(found), *_choice(found)]
    )


def claims(found: Found) -> list[Verdict]:
    """Judge every claim; `found` as in `answers`."""
    judged = []
    for trained in found["trained"]:
        judged += judge_claims(papers.TRAINED_DEPTH, QUANTITIES, trained, _network(trained))
    for prediction in found["predictions"]:
        judged += judge_claims(papers.PREDICTED_DEPTH, QUANTITIES, prediction)
    for spectra in found["convolutions"]:
        for name in spectra.network.values:
            one = spectra.sel(network=name)
            judged += judge_claims(papers.CONVOLUTIONS, QUANTITIES, one, str(name))
    for choice in found["choice"]:
        judged += judge_claims(papers.INITIALISATIONS, QUANTITIES, choice)
    return judged


def _depths(found) -> Iterator[tuple]:
    for trained, costs in zip(found["trained"], found["training_costs"], strict=True):
        seconds = float(costs.train_seconds.sum())
        for dataset in trained.dataset.values:
            one = trained.sel(dataset=dataset)
            through = one.weight_variance.values[one.trained_through.values > 0]
            last = int(one.depth[-1])
            said = f"At weight variance {_interval(one, 'deepest', 2, mean=True)}"
            if (free := unbounded(one)).size:
                said = f"All {last} layers at weight variances {free[0]:g} to {free[-1]:g}"
            if np.isfinite(one.lengths):
                said += (
                    f"; the depth is {_interval(one, 'lengths', 1)} decay lengths of mean-field "
                    f"theory where {LENGTHS} of those are fewer than {last} layers"
                )
            trust = (
                f"{trained.sizes['realisation']} networks of each depth and variance; "
                f"{seconds / 60:.2g} CPU-minutes for all data sets."
            )
            if through.size:
                variances = listed(f"{variance:g}" for variance in through)
                trust += (
                    f" The deepest networks ({last} layers) are trained at variances {variances} "
                    "at least once: there the depth is a lower bound."
                )
            yield dataset, f"How deep can they be trained ({_network(trained)})?", said + ".", trust


def _predictions(found) -> Iterator[tuple]:
    for prediction in found["predictions"]:
        for dataset in prediction.dataset.values:
            one = prediction.sel(dataset=dataset)
            ranks = (
                f"{NAMES[name]} {_interval(one.sel(predictor=name), 'rank_correlation', 2)}"
                for name in one.predictor.values
                if np.isfinite(one.rank_correlation.sel(predictor=name))
            )
            distances = (
                f"{_interval(one.sel(predictor=name), 'distance', 2)} from {word}"
                for name, word in (("mean_field", "theory"), ("spectra", "the spectra"),
                                   ("reconstruction", "the cascade"))
                if np.isfinite(one.distance.sel(predictor=name))
            )  # fmt: skip
            yield (
                dataset,
                "What predicts the depth?",
                f"Rank correlation of trained depth with {listed(ranks)}.",
                f"The variance that trains deepest lies {listed(distances)}; 95 % intervals by "
                "bootstrap over the realisations.",
            )


def _convolutions(found) -> Iterator[tuple]:
    for spectra in found["convolutions"]:
        for name in spectra.network.values:
            one = spectra.sel(network=name)
            subcritical = (one.phase == 0).any(("dataset", "realisation"))
            ordered = one.weight_variance.values[subcritical.values]
            if one.residual:
                said = f"No: {len(ordered)} of {one.sizes['weight_variance']} variances are ordered"
                said = "No variance is ordered" if not len(ordered) else said
            else:
                ratio = _decay_ratio(one)
                said = (
                    f"Yes, ordered at {listed(f'{w:g}' for w in ordered) or 'none'}; decay lengths "
                    f"are {ratio[0]:.2f} [{ratio[1]:.2f}, {ratio[2]:.2f}] times those of mean-field"
                    f" theory, whose critical variance is {float(one.critical_variance):.3f}"
                )
            yield (
                name,
                "Does a signal decay exponentially?",
                said + ".",
                f"{one.sizes['realisation']} random networks of each variance; biases of variance "
                f"{float(one.bias_variance):g}.",
            )


def _decay_ratio(one):
    """Mean of the decay length over that of theory, with the ends of its 95 % interval."""
    # Longer ones do not show within the layers there are.
    short = np.isfinite(one.decay_length) & (LENGTHS * one.decay_length < one.sizes["layer"])
    short &= one.weight_variance < one.critical_variance
    ratio = np.log(-1 / one.slope.where((one.slope < 0) & short) / one.decay_length.where(short))
    values = ratio.mean("weight_variance").values.ravel()
    values = values[np.isfinite(values)]
    if not values.size:
        return np.full(3, np.nan)
    error = Z_975 * values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return np.exp(values.mean() + np.array([0, -error, error]))


def _choice(found) -> Iterator[tuple]:
    for choice in found["choice"]:
        for dataset in choice.dataset.values:
            one = choice.sel(dataset=dataset)
            said = (
                f"{depth} layers: {listed(_gains(one.sel(depth=depth)))}"
                for depth in one.depth.values
            )
            yield (
                dataset,
                "Does a weight variance chosen by information flow help?",
                f"{'; '.join(said)}.",
                f"Test accuracy in percentage points over other initialisations, paired over "
                f"{one.sizes['realisation']} realisations, 95 % intervals; chosen variance "
                f"{float(one.chosen):.2f}. Without biases Glorot's variance of 1 is critical, too.",
            )


def _gains(one):
    for name in one.initialisation.values:
        if name != "chosen":
            gain, half = (100 * float(one[key].sel(initialisation=name)) for key in
                          ("gain", "gain_half"))  # fmt: skip
            yield f"{gain:+.1f} ± {half:.1f} over {NAMES[name]}"


def _reading(name, one, quantity):
    return Reading(str(name), *(float(one[quantity + end]) for end in ("", "_low", "_high")))


def _trained_lengths(trained, claim):
    return [_reading(name, trained.sel(dataset=name), "lengths") for name in trained.dataset.values]


def _rank_correlation(prediction, claim):
    part = prediction.sel(predictor=claim["predictor"])
    return [
        _reading(name, part.sel(dataset=name), "rank_correlation") for name in part.dataset.values
    ]


def _share_ordered(one, claim):
    if not one.residual:
        return []
    name = f"biases of variance {float(one.bias_variance):g}"
    return [exactly(name, (one.phase == 0).mean())]


def _decay_over_mean_field(one, claim):
    return [] if one.residual else [Reading("", *map(float, _decay_ratio(one)))]


def _gain(choice, claim):
    part = choice.sel(initialisation=claim["initialisation"])
    return [
        around(
            f"{dataset}, {int(depth)} layers",
            *(100 * float(part[key].sel(dataset=dataset, depth=depth)) for key in
              ("gain", "gain_half")),
        )
        for dataset in part.dataset.values
        for depth in part.depth.values
    ]  # fmt: skip


def _network(trained):
    return trained.attrs["network"]


def _interval(one, name, digits, mean=False):
    value, low, high = (
        float(one[name + end]) for end in ("_mean" if mean else "", "_low", "_high")
    )
    if not np.isfinite(value):
        return "unknown"
    return wording.interval(value, low, high, digits)


DATASET = "data set"
QUANTITIES = {
    "trained_lengths": Quantity(
        "depth to which networks can be trained",
        "decay lengths",
        "Student's t over the networks",
        DATASET,
        _trained_lengths,
    ),
    "rank_correlation": Quantity(
        "rank correlation of predicted and trained depth",
        "",
        "bootstrap over the networks",
        DATASET,
        _rank_correlation,
    ),
    "share_ordered": Quantity(
        "share of the networks that are ordered",
        "",
        "none: a count",
        "variance of the biases",
        _share_ordered,
    ),
    "decay_over_mean_field": Quantity(
        "decay length over that of mean-field theory",
        "",
        "1.96 standard errors of the mean logarithm",
        "number of channels and of layers",
        _decay_over_mean_field,
    ),
    "gain": Quantity(
        "test accuracy of the chosen weight variance less that of the other initialisation",
        "percentage points",
        "Student's t over paired realisations",
        "data set and depth",
        _gain,
    ),
}
