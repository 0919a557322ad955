"""What an ensemble of binary networks says of the claims of Zou & Huang (2021).

All functions take what was found of a study: kind -> {(scenario, block, method): data set}, kinds
as in KINDS. Ensembles and their costs are known by the scenario alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from netphase.figures.weights import BLOCKS, METHODS
from netphase.inverse_ising.entropies import entropy_interval

KINDS = ("models", "landscapes", "states", "entropies", "triples", "field_sweeps", "renaming")
SOURCE = "Zou & Huang (2021)"
WORDS = ("claim", "paper", "ours", "depends", "verdict")
BOUNDARIES = ("left_boundary", "right_boundary")
# Hysteresis: none below the first, a transition of first order above the second (in d).
SMOOTH, FIRST_ORDER = 0.05, 0.4
# More points of a landscape than this without a fixed point: it cannot be judged.
MOST_LOST = 0.05
# Share of the configurations on their own side of a plane.
SEPARATE = 0.95
# Accuracies that are close, widths of about ten, a peak worth the name, a falling loss.
CLOSE, TEN, PEAK, FALLING = 0.03, (5, 20), 2.0, -0.9
UNDECIDED = "depends on the sampling error"
REPRODUCED, DEPENDS, REFUTED = "reproduced", "depends on the method", "not reproduced"
UNTESTED = "not testable"

Found = Mapping[str, Mapping[tuple[str, str, str], xr.Dataset]]


def table(found: Found) -> pd.DataFrame:
    """One row for each scenario, block and method: how good the model is, and what it says."""
    rows = []
    for key, model in found["models"].items():
        landscape, states = found["landscapes"][key], found["states"][key]
        entropy = found["entropies"][key]
        value, low, high = entropy_interval(entropy)
        flags = [json.loads(part[key].attrs["flags"]) for part in map(found.get, KINDS[:3])]
        rows.append(
            dict(zip(("scenario", "block", "method"), key, strict=True))
            | {"networks": model.attrs["n_networks"]}
            | {name: float(model[name]) for name in ("sampled", "propagated", "independent")}
            | {"implied_samples": float(model.implied_samples)}
            | {"entropy": value, "entropy_low": low, "entropy_high": high}
            | {"bethe_entropy": float(entropy.bethe_entropy[0])}
            | {"entropy_of_parts": float(entropy.entropy[1:].mean())}
            | {"largest_hysteresis": float(landscape.largest.max())}
            | {"area": float(landscape.area.max()), "jump": float(landscape.jump.max())}
            | {"not_converged": float(1 - landscape.converged.mean())}
            | {"tap_states": int(states.states)}
            | {"overlap": float(states.overlap[-1].mean())}
            | {"flags": "; ".join(f"{k}: {v}" for flag in flags for k, v in flag.items())}
        )
    return pd.DataFrame(rows).drop_duplicates()


def judge(
    study: str,
    found: Found,
    ensembles: Mapping[str, xr.Dataset],
    costs: Mapping[str, xr.Dataset],
    clouds: Mapping[str, xr.Dataset],
    others: Iterable[xr.Dataset] = (),
) -> tuple[dict[str, list], dict[str, list]]:
    """Answers for the first page of a report, and a verdict on every claim.

    Parameters
    ----------
    clouds : of `netphase.weights.overlaps.describe`
    others : of `netphase.weights.frozen_interior.compare`, `netphase.weights.depth.compare` and
        `netphase.weights.double_descent.compare`, as many as there are

    Returns
    -------
    findings : study -> entries with the keys ladder, question, answer and trust
    verdicts : study -> entries with the keys scenario, source and WORDS
    """
    rows = table(found)
    entries = [
        {"ladder": scenario, "question": question, "answer": said, "trust": trust}
        for scenario, ensemble in ensembles.items()
        for question, (said, trust) in _answers(
            ensemble, costs[scenario], rows[rows.scenario == scenario], found, scenario
        )
    ]
    claims = {
        scenario: [
            _claim_of_cloud(clouds[scenario]),
            *_claims(rows[rows.scenario == scenario], found, scenario),
        ]
        for scenario in ensembles
    }
    claims["other networks"] = [claim for other in others for claim in _claims_of_others(other)]
    verdicts = [
        {"scenario": scenario, "source": SOURCE} | dict(zip(WORDS, claim, strict=True))
        for scenario, judged in claims.items()
        for claim in judged
    ]
    return {study: entries}, {study: verdicts}


def _answers(ensemble, cost, rows, found, scenario) -> Iterator:
    deep = rows.block.nunique() > 1
    yield "Which networks?", _networks(ensemble, cost)
    yield "Does an Ising model describe them?", _description(rows, found, scenario)
    if deep:
        yield "Is the space of the weights smooth?", _smoothness(rows)
        yield "Is the interior the freest?", _freedom(rows)
    else:
        yield "Is there a transition of first order?", _first_order(rows, found, scenario)
    if any(key[0] == scenario for key in found["renaming"]):
        yield "How much of that is the exchange of names?", _names(found, scenario)


def _networks(ensemble, cost):
    layers = "-".join(map(str, ensemble.attrs["layers"]))
    chosen, test = float(ensemble.accuracy.mean()), float(ensemble.test_accuracy.mean())
    kept, trained = ensemble.sizes["trial"], ensemble.attrs["n_trained"]
    said = (
        f"{kept:,} different networks {layers} of {trained:,} trained; mean accuracy {test:.3f} on "
        f"the test samples, {chosen:.3f} on those of the choice, "
        f"{float(ensemble.mean_accuracy.mean()):.3f} before it."
    )
    hours = float(cost.train_seconds) / 3600
    return said, f"{hours:.2f} CPU-hours of training; chosen on {ensemble.attrs['chosen_on']}."


def _description(rows, found, scenario):
    whole = rows[rows.block == "full"]
    better = whole[whole.sampled < whole.independent]
    best = whole.loc[whole.sampled.idxmin()]
    said = (
        f"Best by {METHODS[best.method]}: deviation {best.sampled:.4f} of the moments of the whole "
        f"network, {best.independent:.4f} for independent weights. Better than those: "
        f"{_list(METHODS[m] for m in better.method) or 'none'}."
    )
    shares = {
        key[2]: np.mean(np.abs(one["data"] - one["model"]) <= 1.96 * one.noise).item()
        for key, one in found["triples"].items()
        if key[0] == scenario
    }
    trust = "Three-weight correlations within the noise (95 % if exact): "
    return said, trust + _list(f"{METHODS[m]} {share:.0%}" for m, share in shares.items()) + "."


def _smoothness(rows):
    judged = rows[rows.not_converged <= MOST_LOST]
    largest = judged.groupby("method", sort=False).largest_hysteresis.max()
    said = "No landscape could be judged."
    if len(largest):
        smooth = largest < SMOOTH
        word = "Yes" if smooth.all() else "That depends on the method" if smooth.any() else "No"
        said = f"{word}: largest difference of both directions {_of(largest)}."
    lost = rows[rows.not_converged > MOST_LOST]
    trust = "Belief propagation converges everywhere."
    if len(lost):
        models = (f"{BLOCKS[r.block][0]} by {METHODS[r.method]}" for r in lost.itertuples())
        trust = f"It does not converge, and nothing is said, for {_list(models)}."
    return said, trust


def _freedom(rows):
    said = []
    for method, group in rows.groupby("method", sort=False):
        group = group.set_index("block")
        order = group.entropy[[*BOUNDARIES, "interior"]].sort_values(ascending=False)
        names = " > ".join(f"{BLOCKS[block][0]} {value:.3f}" for block, value in order.items())
        clear = group.entropy_low["interior"] > group.entropy_high[list(BOUNDARIES)].max()
        said.append(f"{METHODS[method]}: {names}{' (clear)' if clear else ''}")
    bias = (rows.entropy - rows.entropy_of_parts).abs().max()
    trust = (
        "Entropies per weight by thermodynamic integration, ln 2 = 0.693 at most; clear: the "
        f"intervals do not touch. Parts of the ensemble differ by up to {bias:.3f}."
    )
    return "; ".join(said) + ".", trust


def _names(found, scenario):
    said = []
    for (_, _, method), one in _of_scenario(found["renaming"], scenario).items():
        gain = one.entropy.isel(ratio=-1) - one.entropy.isel(ratio=0)
        lead = [_lead(one.entropy.isel(ratio=k)) for k in (0, -1)]
        said.append(
            f"{METHODS[method]}: with units in order the interior is {lead[0]:+.3f} from the freer "
            f"boundary, with random names {lead[1]:+.3f}; the names add "
            f"{float(gain.sel(block='interior')):.3f} to the interior"
        )
    return "; ".join(said) + ".", "Entropies per weight; moments as they are, without orbits."


def _lead(entropy):
    boundaries = [float(entropy.sel(block=block)) for block in BOUNDARIES]
    return float(entropy.sel(block="interior")) - max(boundaries)


def _first_order(rows, found, scenario):
    by_chains = {key[2]: one for key, one in _of_scenario(found["field_sweeps"], scenario).items()}
    largest = pd.Series({m: float(one.largest.max()) for m, one in by_chains.items()})
    best = rows.loc[rows.sampled.idxmin()].method
    there = largest > FIRST_ORDER
    said = (
        f"{_yes(there[best])} in the model that gives the moments back best "
        f"({METHODS[best]}): largest difference of both directions {largest[best]:.3f} by chains. "
        f"All methods, by chains: {_of(largest)}."
    )
    propagated = rows.set_index("method").largest_hysteresis
    deviations = (
        f"{METHODS[m]} {float(one.straight):.3f} and {float(one.flipped):.3f}"
        for m, one in by_chains.items()
    )
    trust = (
        f"By belief propagation: {_of(propagated)}. Deviation of the moments of chains that begin "
        f"at the data, and at their mirror image: {_list(deviations)}."
    )
    return said, trust


def _claim_of_cloud(cloud):
    means = cloud.overlap.mean("pair")
    errors = cloud.overlap.std("pair", ddof=1) / np.sqrt(cloud.sizes["pair"])
    overlaps = {kind: f"{float(means.sel(kind=kind)):.3f}" for kind in cloud.kind.values}
    apart = float(cloud.apart)
    return (
        "A plane tells trained networks from random weights.",
        "a t-SNE map shows both as clouds of their own (Fig. 2)",
        f"{apart:.1%} on their own side of a plane; overlap of two networks "
        f"{overlaps['trained']} ± {1.96 * float(errors.sel(kind='trained')):.3f}",
        f"the means of the weights: drawn one by one with those, two overlap by "
        f"{overlaps['independent']}",
        REPRODUCED if apart > SEPARATE else REFUTED,
    )


def _claims(rows, found, scenario) -> Iterator[tuple]:
    judged = rows[rows.not_converged <= MOST_LOST]
    if rows.block.nunique() > 1:
        largest = judged.groupby("method", sort=False).largest_hysteresis.max()
        yield (
            "Deep weight spaces are smooth: no hysteresis in a field towards a network.",
            "both directions of a sweep agree (Figs. 4 and 6)",
            f"largest difference of d: {_of(largest)}",
            f"landscapes that converge: {len(judged)} of {len(rows)}",
            _verdict(largest < SMOOTH),
        )
        blocks = rows.pivot(index="method", columns="block", values="entropy")
        yield (
            "The interior is the freest part of a deep network.",
            "entropy near the random bound, above both boundaries",
            f"lead over the freer boundary: {_of(_lead_of_interior(blocks))}",
            "method of inference, and names of the hidden units",
            _verdict(_lead_of_interior(blocks) > 0),
        )
        behind = blocks.left_boundary - blocks[["interior", "right_boundary"]].min(axis=1)
        yield (
            "The left boundary is the most constrained part.",
            "lowest entropy",
            f"entropy above the lowest of the other parts: {_of(behind)}",
            "method of inference",
            _verdict(behind < 0),
        )
        leads = {
            key[2]: _lead(one.entropy.isel(ratio=0))
            for key, one in _of_scenario(found["renaming"], scenario).items()
        }
        grows = {
            key[2]: float(one.entropy.diff("ratio").min())
            for key, one in _of_scenario(found["renaming"], scenario).items()
        }
        if leads:
            yield (
                "The interior stays the freest where the hidden units stand in order.",
                "not claimed; the entropy grows with the share of renamed networks (Fig. 10)",
                f"lead over the freer boundary: {_of(pd.Series(leads))}",
                f"smallest step of the entropy between two shares: {_of(pd.Series(grows))}",
                _verdict(pd.Series(leads) > 0),
            )
        whole = rows[rows.block == "full"].set_index("method")
        yield (
            "The equations of Thouless, Anderson & Palmer have one solution.",
            "one free energy from 2,000 starts (Fig. 7)",
            f"states: {_of(whole.tap_states, '.0f')}",
            "variant of the equations; 0: from no start do they converge",
            _verdict(whole.tap_states == 1),
        )
        yield (
            "Chains from networks of low energy lose them, and the accuracy drops to chance.",
            "overlap 0 and accuracy about 0.1 (Fig. 8)",
            f"last overlap: {_of(whole.overlap)}; last accuracy: "
            f"{_of(_last_accuracy(found, scenario))}",
            "method of inference",
            _verdict((whole.overlap < 0.1) & (_last_accuracy(found, scenario) < 0.25)),
        )
        return
    by_chains = pd.Series(
        {key[2]: float(one.largest.max()) for key, one in _sweeps(found, scenario)}
    )
    propagated = rows.set_index("method")
    yield (
        "The shallow network has a transition of first order.",
        "a jump and a hysteresis in a field towards a network (Fig. 5)",
        f"largest difference of d by chains: {_of(by_chains)}; by belief propagation: "
        f"{_of(propagated.largest_hysteresis)}",
        f"inference: deviation of the moments {_of(propagated.sampled)}",
        _verdict(by_chains > FIRST_ORDER),
    )
    yield (
        "The equations of Thouless, Anderson & Palmer have two solutions.",
        "two free energies (Fig. 7)",
        f"states: {_of(propagated.tap_states, '.0f')}",
        "method of inference; 0: from no start do they converge",
        _verdict(propagated.tap_states == 2),
    )
    yield (
        "Chains from networks of low energy stay near them.",
        "trapped (Fig. 8)",
        f"last overlap: {_of(propagated.overlap)}; last accuracy: "
        f"{_of(_last_accuracy(found, scenario))}",
        "the means of the weights, which alone keep an overlap",
        _verdict(propagated.overlap > 0.7),
    )


def _claims_of_others(other: xr.Dataset) -> Iterator[tuple]:
    if "gap_mean" in other:
        last = other.isel(epoch=-1)
        gaps = {
            arm: (float(last.gap_mean.sel(arm=arm)), float(last.gap_half.sel(arm=arm)))
            for arm in last.arm.values
        }
        gap, half = gaps["frozen_interior"]
        controls = (
            f"{arm.removeprefix('frozen_').replace('_', ' ')} {100 * value:.1f}"
            for arm, (value, _) in gaps.items()
            if arm.endswith("boundary")
        )
        yield (
            "Networks whose interior is frozen learn as well as those that are trained whole.",
            "accuracies close to each other (Fig. 11)",
            f"{100 * gap:.1f} ± {100 * half:.1f} points behind after {int(last.epoch)} epochs; "
            f"with a frozen boundary: {_list(controls)}",
            f"{other.sizes['run']} runs; {other.attrs['variant']} variant of the frozen signs",
            REPRODUCED if gap + half < CLOSE else REFUTED if gap - half > CLOSE else UNDECIDED,
        )
    if "crossing" in other:
        ends = (float(other[f"crossing_{end}"]) for end in ("low", "high"))
        crossing = float(other.crossing)
        low, high = ends
        there = np.isfinite(crossing)
        yield (
            "Deep networks surpass the shallow one from about ten hidden units on.",
            "about 10",
            f"{crossing:.1f} [{low:.1f}, {high:.1f}] units" if there else "no crossing",
            f"{int(other.step[-1])} steps of training, {other.sizes['repeat']} networks each",
            REPRODUCED if there and TEN[0] < crossing < TEN[1] else REFUTED,
        )
    if "peak_ratio" in other:
        kinds = {str(kind): other.sel(kind=kind) for kind in other.kind.values}
        if "real" in kinds:
            ratio, width = (float(kinds["real"][name]) for name in ("peak_ratio", "peak_width"))
            yield (
                "The test loss of real networks has a peak where they come to fit the samples.",
                "a peak near one weight for each sample",
                f"{ratio:.1f} times the loss of the largest width, at {width:.0f} units",
                f"{other.attrs['n_samples']} samples, {other.sizes['repeat']} networks each",
                REPRODUCED if ratio >= PEAK and width > other["width"][0] else REFUTED,
            )
        if "binary" in kinds:
            trend = float(kinds["binary"].trend)
            yield (
                "The test loss of binary networks falls with their width, without a peak.",
                "monotone, and the training error is never 0",
                f"rank correlation with the width {trend:.2f}, least training error "
                f"{float(kinds['binary'].train_error.mean('repeat').min()):.3f}",
                f"{other.attrs['n_samples']} samples, {other.sizes['repeat']} networks each",
                REPRODUCED if trend < FALLING else REFUTED,
            )


def _lead_of_interior(blocks):
    return blocks.interior - blocks[list(BOUNDARIES)].max(axis=1)


def _last_accuracy(found, scenario):
    return pd.Series(
        {
            method: float(one.accuracy[-1].mean())
            for (_, block, method), one in _of_scenario(found["states"], scenario).items()
            if block == "full"
        }
    )


def _sweeps(found, scenario):
    return _of_scenario(found["field_sweeps"], scenario).items()


def _of_scenario(files, scenario):
    return {key: one for key, one in files.items() if key[0] == scenario}


def _verdict(holds: pd.Series) -> str:
    if not len(holds):
        return UNTESTED
    return REPRODUCED if holds.all() else DEPENDS if holds.any() else REFUTED


def _of(values: pd.Series, form: str = ".3f") -> str:
    """Values by method in words."""
    return _list(f"{METHODS[method]} {value:{form}}" for method, value in values.items())


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _yes(there) -> str:
    return "Yes" if there else "No"
