"""Answers on ensembles of binary networks, and verdicts on the claims of Zou & Huang (2021).

All functions take the results of a study: kind -> {(scenario, block, method): data set}, kinds as
in KINDS. Ensembles and their costs are known by the scenario alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from netphase.findings import papers, wording
from netphase.findings.small_networks import judge_others
from netphase.findings.verdicts import (
    REPRODUCED,
    Quantity,
    Reading,
    Verdict,
    accepted,
    around,
    compare,
    exactly,
    judge_claims,
)
from netphase.findings.wording import listed
from netphase.inverse_ising.entropies import entropy_interval
from netphase.inverse_ising.labels import BLOCKS, METHODS
from netphase.inverse_ising.triples import share_within_noise

KINDS = ("models", "landscapes", "states", "entropies", "triples", "field_sweeps", "renaming")
BOUNDARIES = ("left_boundary", "right_boundary")
# More points of a landscape than this without a fixed point: it cannot be judged.
MOST_LOST = 0.05

Found = Mapping[str, Mapping[tuple[str, str, str], xr.Dataset]]


class Scenario(NamedTuple):
    """Results of one scenario: the rows of `table`, its cloud, and the data sets by key."""

    rows: pd.DataFrame
    cloud: xr.Dataset
    found: Found
    name: str


def table(found: Found) -> pd.DataFrame:
    """One row for each scenario, block and method: quality of the Ising model, and its results."""
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
) -> tuple[dict[str, list[dict[str, str]]], dict[str, list[Verdict]]]:
    """Answers for the first page of a report, and a verdict on every claim.

    Parameters
    ----------
    clouds : of `netphase.weights.overlaps.describe`
    others : of `netphase.weights.frozen_gap.compare`, `netphase.weights.depth_crossing.compare` and
        `netphase.weights.loss_peak.compare`, as many as there are

    Returns
    -------
    findings : study -> entries with the keys ladder, question, answer and trust
    verdicts : study -> records
    """
    rows = table(found)
    answers, verdicts = [], []
    for name, ensemble in ensembles.items():
        scenario = Scenario(rows[rows.scenario == name], clouds[name], found, name)
        answers += [(name, *one) for one in _answers(scenario, ensemble, costs[name])]
        of_depth = papers.ZOU_HUANG_DEEP if _deep(scenario) else papers.ZOU_HUANG_SHALLOW
        for claims in (papers.ZOU_HUANG_CLOUDS, of_depth):
            verdicts += judge_claims(claims, QUANTITIES, scenario, name)
    verdicts += judge_others(others)
    return {study: wording.entries(answers)}, {study: verdicts}


def _deep(scenario):
    return scenario.rows.block.nunique() > 1


def _answers(scenario, ensemble, cost) -> Iterator[tuple[str, str, str]]:
    yield "Which networks?", *_networks(ensemble, cost)
    yield "Does an Ising model describe them?", *_description(scenario)
    if _deep(scenario):
        yield "Is the space of the weights smooth?", *_smoothness(scenario)
        yield "Is the interior the least constrained?", *_freedom(scenario.rows)
    else:
        yield "Is there a transition of first order?", *_first_order(scenario)
    if _by_method(scenario, "renaming"):
        yield "How much of that is permutation symmetry?", *_names(scenario)


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


def _description(scenario):
    rows = scenario.rows
    whole = rows[rows.block == "full"]
    better = whole[whole.sampled < whole.independent]
    best = whole.loc[whole.sampled.idxmin()]
    said = (
        f"Best by {METHODS[best.method]}: deviation {best.sampled:.4f} of the moments of the whole "
        f"network, {best.independent:.4f} for independent weights. Better than those: "
        f"{listed(METHODS[m] for m in better.method) or 'none'}."
    )
    shares = {
        method: share_within_noise(one) for method, one in _by_method(scenario, "triples").items()
    }
    trust = "Three-weight correlations within the noise (95 % if exact): "
    return said, trust + listed(f"{METHODS[m]} {share:.0%}" for m, share in shares.items()) + "."


def _smoothness(scenario):
    largest = _largest_hysteresis(scenario)
    said = "No landscape could be judged."
    if len(largest):
        limits = accepted(papers.ZOU_HUANG_DEEP, "hysteresis")
        outcomes = {compare(reading, *limits) for reading in _readings(largest)}
        word = "That depends on the method"
        if len(outcomes) == 1:
            word = "Yes" if outcomes == {REPRODUCED} else "No"
        said = f"{word}: largest difference of both directions {_of(largest)}."
    rows = scenario.rows
    lost = rows[rows.not_converged > MOST_LOST]
    trust = "Belief propagation converges everywhere."
    if len(lost):
        models = (f"{BLOCKS[r.block]} by {METHODS[r.method]}" for r in lost.itertuples())
        trust = f"It does not converge, and nothing is said, for {listed(models)}."
    return said, trust


def _freedom(rows):
    said = []
    for method, group in rows.groupby("method", sort=False):
        group = group.set_index("block")
        order = group.entropy[[*BOUNDARIES, "interior"]].sort_values(ascending=False)
        names = " > ".join(f"{BLOCKS[block]} {value:.3f}" for block, value in order.items())
        clear = group.entropy_low["interior"] > group.entropy_high[list(BOUNDARIES)].max()
        said.append(f"{METHODS[method]}: {names}{' (clear)' if clear else ''}")
    bias = (rows.entropy - rows.entropy_of_parts).abs().max()
    trust = (
        "Entropies per weight by thermodynamic integration, ln 2 = 0.693 at most; clear: the "
        f"intervals do not touch. Parts of the ensemble differ by up to {bias:.3f}."
    )
    return "; ".join(said) + ".", trust


def _names(scenario):
    said = []
    for method, one in _by_method(scenario, "renaming").items():
        gain = one.entropy.isel(ratio=-1) - one.entropy.isel(ratio=0)
        lead = [_lead(one.entropy.isel(ratio=k)) for k in (0, -1)]
        said.append(
            f"{METHODS[method]}: with units in order the interior is {lead[0]:+.3f} from the less "
            f"constrained boundary, with units in random order {lead[1]:+.3f}; the permutations "
            f"add {float(gain.sel(block='interior')):.3f} to the interior"
        )
    return "; ".join(said) + ".", "Entropies per weight; moments as they are, without orbits."


def _lead(entropy):
    boundaries = [float(entropy.sel(block=block)) for block in BOUNDARIES]
    return float(entropy.sel(block="interior")) - max(boundaries)


def _first_order(scenario):
    rows, by_chains = scenario.rows, _by_method(scenario, "field_sweeps")
    largest = pd.Series({m: float(one.largest.max()) for m, one in by_chains.items()})
    best = rows.loc[rows.sampled.idxmin()].method
    least, _ = accepted(papers.ZOU_HUANG_SHALLOW, "hysteresis_of_chains")
    there = largest[best] >= least
    said = (
        f"{'Yes' if there else 'No'} in the model that reproduces the moments best "
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
        f"at the data, and at their mirror image: {listed(deviations)}."
    )
    return said, trust


def _largest_hysteresis(scenario):
    """Largest hysteresis by method, of the landscapes that converge."""
    rows = scenario.rows
    judged = rows[rows.not_converged <= MOST_LOST]
    return judged.groupby("method", sort=False).largest_hysteresis.max()


def _of(values: pd.Series) -> str:
    """Values by method in words."""
    return listed(f"{METHODS[method]} {value:.3f}" for method, value in values.items())


def _by_method(scenario, kind, block=None):
    """Method -> data set of one kind; of one block where it is named."""
    return {
        method: one
        for (name, part, method), one in scenario.found[kind].items()
        if name == scenario.name and block in (None, part)
    }


def _readings(values: pd.Series) -> list[Reading]:
    return [exactly(METHODS[method], value) for method, value in values.items()]


def _share_apart(scenario, claim):
    return [exactly("", scenario.cloud.apart)]


def _hysteresis(scenario, claim):
    return _readings(_largest_hysteresis(scenario)) or [exactly("none converges", np.nan)]


def _hysteresis_of_chains(scenario, claim):
    sweeps = _by_method(scenario, "field_sweeps")
    return [exactly(METHODS[method], one.largest.max()) for method, one in sweeps.items()]


def _difference(method, value, half, one, other):
    """Entropy of one block less that of another, of independent errors."""
    error = np.hypot(half[one], half[other])
    return around(METHODS[method], value[one] - value[other], error)


def _entropies(scenario):
    """Method, entropy by block, and half of its interval."""
    for method, group in scenario.rows.groupby("method", sort=False):
        group = group.set_index("block")
        yield method, group.entropy, group.entropy_high - group.entropy


def _lead_of_interior(scenario, claim):
    return [
        _difference(method, value, half, "interior", value[list(BOUNDARIES)].idxmax())
        for method, value, half in _entropies(scenario)
    ]


def _left_above_least(scenario, claim):
    others = ["interior", "right_boundary"]
    return [
        _difference(method, value, half, "left_boundary", value[others].idxmin())
        for method, value, half in _entropies(scenario)
    ]


def _lead_in_order(scenario, claim):
    readings = []
    for method, one in _by_method(scenario, "renaming").items():
        ordered = one.isel(ratio=0)
        value, half = ordered.entropy.to_series(), 1.96 * ordered.entropy_se.to_series()
        boundary = value[list(BOUNDARIES)].idxmax()
        readings.append(_difference(method, value, half, "interior", boundary))
    return readings


def _tap_states(scenario, claim):
    whole = scenario.rows[scenario.rows.block == "full"].set_index("method")
    return _readings(whole.tap_states)


def _last_overlap(scenario, claim):
    whole = scenario.rows[scenario.rows.block == "full"].set_index("method")
    return _readings(whole.overlap)


def _last_accuracy(scenario, claim):
    states = _by_method(scenario, "states", "full")
    return [exactly(METHODS[method], one.accuracy[-1].mean()) for method, one in states.items()]


METHOD = "method of inference"
NONE = "none: a number without an error"
OF_PARTS = "Student's t over disjoint parts of the ensemble, and the chains' own error"
QUANTITIES = {
    "share_apart": Quantity(
        "share of the configurations on their own side of the plane",
        "",
        "none: a count",
        "",
        _share_apart,
    ),
    "hysteresis": Quantity(
        "largest difference of d between both directions, by belief propagation",
        "",
        NONE,
        METHOD,
        _hysteresis,
    ),
    "hysteresis_of_chains": Quantity(
        "largest difference of d between both directions, by Markov chains",
        "",
        NONE,
        METHOD,
        _hysteresis_of_chains,
    ),
    "lead_of_interior": Quantity(
        "entropy of the interior less that of the less constrained boundary",
        "nat per weight",
        OF_PARTS,
        METHOD,
        _lead_of_interior,
    ),
    "left_above_least": Quantity(
        "entropy of the left boundary less the lowest of the other parts",
        "nat per weight",
        OF_PARTS,
        METHOD,
        _left_above_least,
    ),
    "lead_of_interior_in_order": Quantity(
        "entropy of the interior less that of the less constrained boundary, units in order",
        "nat per weight",
        "1.96 standard errors of the chains",
        METHOD,
        _lead_in_order,
    ),
    "tap_states": Quantity("states", "", "none: a count", METHOD, _tap_states),
    "last_overlap": Quantity(
        "overlap of the last configurations with the first, mean of the chains",
        "",
        NONE,
        METHOD,
        _last_overlap,
    ),
    "last_accuracy": Quantity(
        "accuracy of the last configurations, mean of the chains", "", NONE, METHOD, _last_accuracy
    ),
}
