"""What trained deep networks say of the claims of Thurn et al. and of Schoenholz et al."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.criticality.trainability import LENGTHS, unbounded

RESULTS = ("trained", "predictions", "training_costs", "convolutions", "choice")
"""Kinds of results: of map_trainability (two), compare_trainability, join_convolutions and
compare_choice."""
REPRODUCED, DEPENDS, REFUTED = "reproduced", "depends on the data set", "not reproduced"
UNDECIDED, UNTESTED = "depends on the sampling error", "not testable"
SCHOENHOLZ = "Schoenholz et al. (2017), arXiv:1611.01232"
XIAO = "Xiao et al. (2018), arXiv:1806.05393"
YANG = "Yang & Schoenholz (2017), arXiv:1712.08969"
THESIS = "Thurn, abstract of the thesis"
PAPER = "Thurn, Jefferson & Erdmenger (2024), arXiv:2406.12916"
NAMES = {
    "mean_field": "the mean-field decay length",
    "spectra": "the distance from the critical variance of the spectra",
    "cutoff": "the cutoff of the cascade",
    "reconstruction": "the error of the reconstruction",
    "xavier": "Glorot's (no biases)",
    "xavier_biased": "Glorot's with the same biases",
    "he": "He's (no biases)",
}
# Half of the depth's logarithm to either side of six decay lengths; a rank correlation worth it.
NEAR_LENGTHS, STRONG = 1.5, 0.7

Found = Mapping[str, Sequence[xr.Dataset]]


def answers(found: Found) -> list[dict[str, str]]:
    """Answers for the first page of a report, with the keys ladder, question, answer and trust.

    Parameters
    ----------
    found : RESULTS -> data sets, none where a study has none
    """
    parts = [
        *_depths(found), *_predictions(found), *_convolutions(found), *_choice(found),
    ]  # fmt: skip
    return [dict(zip(("ladder", "question", "answer", "trust"), one, strict=True)) for one in parts]


def claims(found: Found) -> list[dict[str, str]]:
    """Verdicts, with the keys scenario, source, claim, paper, ours, depends and verdict."""
    keys = ("scenario", "source", "claim", "paper", "ours", "depends", "verdict")
    parts = [*_claims_of_depth(found), *_claims_of_kinds(found), *_claims_of_choice(found)]
    return [dict(zip(keys, one, strict=True)) for one in parts]


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
                trust += (
                    f" The deepest networks ({last} layers) are trained at variances "
                    f"{_list(f'{w:g}' for w in through)} at least once: there the depth is a lower "
                    "bound."
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
                "What foretells the depth?",
                f"Rank correlation of trained depth with {_list(ranks)}.",
                f"The variance that trains deepest lies {_list(distances)}; 95 % intervals by "
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
                    f"Yes, ordered at {_list(f'{w:g}' for w in ordered) or 'none'}; decay lengths "
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
    error = 1.96 * values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return np.exp(values.mean() + np.array([0, -error, error]))


def _choice(found) -> Iterator[tuple]:
    for choice in found["choice"]:
        for dataset in choice.dataset.values:
            one = choice.sel(dataset=dataset)
            said = (
                f"{depth} layers: {_list(_gains(one.sel(depth=depth)))}"
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


def _claims_of_depth(found) -> Iterator[tuple]:
    for trained in found["trained"]:
        name = _network(trained)
        datasets = [trained.sel(dataset=dataset) for dataset in trained.dataset.values]
        known = [one for one in datasets if np.isfinite(one.lengths)]
        if known:
            holds = [
                LENGTHS / NEAR_LENGTHS < float(one.lengths) < LENGTHS * NEAR_LENGTHS
                for one in known
            ]
            yield (
                name,
                SCHOENHOLZ,
                "Networks can be trained up to about six decay lengths of a correlation.",
                f"{LENGTHS} xi_c",
                _each(known, lambda one: f"{_interval(one, 'lengths', 1)} xi_c"),
                "steps of training and the learning rate; variances whose six lengths are in reach",
                _verdict(holds),
            )
    for prediction in found["predictions"]:
        parts = [prediction.sel(dataset=dataset) for dataset in prediction.dataset.values]
        for predictor, claim in (
            ("spectra", "Spectra of random networks foretell which can be trained."),
            ("reconstruction", "What a cascade reconstructs foretells which can be trained."),
            ("cutoff", "The cutoff of the cascade foretells how deep a network can be trained."),
        ):
            ones = [one.sel(predictor=predictor) for one in parts]
            ends = [(float(one.rank_correlation_low), float(one.rank_correlation_high))
                    for one in ones]  # fmt: skip
            yield (
                "perceptrons",
                THESIS if predictor == "spectra" else PAPER,
                claim,
                "no number",
                _each(
                    ones, lambda one: f"rank correlation {_interval(one, 'rank_correlation', 2)}"
                ),
                "networks of few layers, which are trained at nearly all variances",
                UNTESTED
                if not np.isfinite(ends).all()
                else UNDECIDED
                if any(low < STRONG <= high for low, high in ends)
                else _verdict([low >= STRONG for low, _ in ends]),
            )


def _claims_of_kinds(found) -> Iterator[tuple]:
    for spectra in found["convolutions"]:
        for name in spectra.network.values:
            one = spectra.sel(network=name)
            if one.residual:
                ordered = float((one.phase == 0).mean())
                yield (
                    name,
                    YANG,
                    "Residual networks have no boundary beyond which signals decay exponentially.",
                    "decay by a power of the depth",
                    f"{ordered:.0%} of the networks are ordered",
                    f"variance of the biases ({float(one.bias_variance):g}): large ones order them",
                    _verdict([ordered == 0]),
                )
            else:
                mean, low, high = _decay_ratio(one)
                yield (
                    name,
                    XIAO,
                    "Convolutional networks obey the mean-field theory of dense ones.",
                    "the same decay length",
                    f"{mean:.2f} [{low:.2f}, {high:.2f}] times as long",
                    "number of channels and of layers",
                    _verdict([bool(abs(mean - 1) < 0.1)]),
                )


def _claims_of_choice(found) -> Iterator[tuple]:
    for choice in found["choice"]:
        for name in ("xavier_biased", "xavier"):
            gains = {
                (dataset, int(depth)): [
                    100 * float(choice[key].sel(dataset=dataset, depth=depth, initialisation=name))
                    for key in ("gain", "gain_half")
                ]
                for dataset in choice.dataset.values
                for depth in choice.depth.values
            }
            sure = [gain > half for gain, half in gains.values()]
            yield (
                "perceptrons",
                THESIS,
                f"A network of optimal information flow is more accurate than {NAMES[name]}.",
                "10 percentage points on LHC data, which are not at hand",
                "; ".join(
                    f"{dataset}, {depth} layers: {gain:+.1f} ± {half:.1f} points"
                    for (dataset, depth), (gain, half) in gains.items()
                ),
                "data set, depth and biases; the number itself cannot be tested",
                REPRODUCED if all(sure) else "depends on the depth" if any(sure) else REFUTED,
            )


def _network(trained):
    return trained.attrs["network"]


def _each(parts, say):
    return "; ".join(f"{one.dataset.item()}: {say(one)}" for one in parts)


def _interval(one, name, digits, mean=False):
    value, low, high = (
        float(one[name + end]) for end in ("_mean" if mean else "", "_low", "_high")
    )
    if not np.isfinite(value):
        return "unknown"
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _verdict(holds: Sequence[bool]) -> str:
    return REPRODUCED if all(holds) else DEPENDS if any(holds) else REFUTED


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
