"""Race the inverse Ising methods against other implementations, time what the study of binary
weights spends most on, and add that to summary.json.

Contenders work on the same samples, one after the other on one core, in turns that their ratios are
the medians of. Times are process CPU seconds; only the rate of networks is of both cores, by the
clock. Where a claim is a bound, it stands for one core of a machine that has nothing else to do.
"""

import argparse
import gzip
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from adabmDCA import Alignment, train_model
from joblib import Parallel
from pyplm.inference.pseudolikelihoodmax import plm
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from summary import SUMMARY, cpu_seconds, entry, publish
from threadpoolctl import threadpool_limits

from netphase.data.principal_components import project
from netphase.inverse_ising.belief_propagation import Cavity
from netphase.inverse_ising.heat_bath import Chains
from netphase.inverse_ising.landscapes import entropy_landscape
from netphase.inverse_ising.methods import persistent_chains, pseudolikelihood
from netphase.streams import stream
from netphase.weights.ensembles import learning_rates, train_chunk
from netphase.weights.networks import Engine

ROUNDS = 3
SAMPLES, RELAX = 20_000, 60
PENALTY = 0.01
# What it takes to be as near as these get within a hundred times our time: at larger rates they
# diverge, because all couplings of a spin move its field together.
TUNED = {"n_chains": 1000, "sampler": "gibbs", "learning_rate": 0.05, "n_sweeps": 2}
TUNED |= {"target_pearson": 0.999, "max_gradient_steps": 400}

FASHION = Path("/usr/share/datasets/fashion-mnist")
COMPONENTS = 20
SETTINGS = {"hidden": [15, 15], "samples": None, "steps": 3000, "batch_size": 64}
SETTINGS |= {"rates": [1.0, 0.05], "penalty": 1e-5, "draws": 50, "scored": 2000}
SETTINGS |= {"choose_on": "test"}
NETWORKS, CORES, ACCEPT = 40, 2, 0.74

# Blocks of the network 20-15-15-10: weights, deviation of J times the root of that, bound in s.
BLOCKS = {"first": (300, 0.47, 5.0), "interior": (225, 0.06, 2.4), "last": (150, 0.49, 0.9)}
WEIGHTS = 675


def planted(n: int = 40, share: float = 0.1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fields, couplings of +-0.4 on a share of the pairs, and samples of that model."""
    rng = stream("planted")
    bonds = np.triu(rng.random((n, n)) < share, 1)
    couplings = np.where(bonds, rng.choice([-0.4, 0.4], (n, n)), 0)
    return sampled(rng.normal(0, 0.1, n), couplings + couplings.T, rng)


def dense(n: int = 100, beta: float = 0.3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same of normal couplings between all (Sherrington & Kirkpatrick 1975)."""
    rng = stream("dense")
    return sampled(rng.normal(0, 0.1, n), normal_couplings(n, beta, rng), rng)


def normal_couplings(n, deviation, rng) -> np.ndarray:
    """Couplings of the given standard deviation times sqrt(n)."""
    couplings = np.triu(rng.normal(0, deviation / np.sqrt(n), (n, n)), 1)
    return couplings + couplings.T


def sampled(fields, couplings, rng):
    chains = Chains(rng.choice([-1, 1], (SAMPLES, len(fields))), rng)
    chains.sweep(fields, couplings, RELAX)
    return fields, couplings, chains.spins.astype(np.int8)


def race(
    name: str, contenders: Mapping[str, Callable[[], np.ndarray]], truth: np.ndarray, rounds: int
) -> dict[str, tuple[float, list[float]]]:
    """Relative error |dJ| / |J| of every contender, and CPU seconds in every round."""
    results = {contender: (np.inf, []) for contender in contenders}
    for number in range(rounds):
        for contender, turn in contenders.items():
            start = time.process_time()
            found = turn()
            seconds = [*results[contender][1], time.process_time() - start]
            results[contender] = np.linalg.norm(found - truth) / np.linalg.norm(truth), seconds
            print(
                f"{name}, round {number + 1} of {rounds}: {contender}, error "
                f"{results[contender][0]:.4f}, {seconds[-1]:.2f} CPU s",
                file=sys.stderr,
            )
    return results


def claims_of(name: str, results: Mapping, other: str, largest: float, what: str) -> dict:
    """Errors, seconds and both ratios of ours and another's."""
    (our_error, ours), (their_error, theirs) = results["ours"], results[other]
    speed = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    what += (
        f"; errors {our_error:.4f} and {their_error:.4f}, "
        f"{statistics.median(ours):.2f} and {statistics.median(theirs):.2f} CPU s"
    )
    return {
        f"{name}_error_over_{other}": entry(our_error / their_error, "ratio", -largest, what),
        f"{name}_speed_over_{other}": entry(speed, "ratio", 1, what),
    }


def by_adabmdca(samples: np.ndarray, **settings) -> np.ndarray:
    """Couplings of the two-state model that adabmDCA learns, its checks and encoding included."""
    letters = ["".join(row) for row in np.where(samples > 0, "B", "A")]
    alignment = Alignment(tuple(map(str, range(len(letters)))), tuple(letters))
    result = train_model(alignment, alphabet="AB", no_reweighting=True, device="cpu", **settings)
    k = result.model.params["coupling_matrix"].numpy()
    # Of all gauges the one of spins, in which a coupling sums to 0 over either of its states.
    couplings = (k[:, 0, :, 0] - k[:, 0, :, 1] - k[:, 1, :, 0] + k[:, 1, :, 1]) / 4
    return (couplings + couplings.T) / 2


def by_pseudolm(samples: np.ndarray) -> np.ndarray:
    """Couplings of pseudolm, which holds the fields on the diagonal."""
    couplings = plm(samples.astype(float), Parallel(n_jobs=1))
    np.fill_diagonal(couplings, 0)
    return couplings


def by_scikit_learn(samples: np.ndarray, **settings) -> np.ndarray:
    """Couplings of one logistic regression for each spin."""
    n = samples.shape[1]
    rows = np.zeros((n, n))
    for r in range(n):
        others = np.delete(samples, r, axis=1).astype(float)
        machine = LogisticRegression(**settings).fit(others, samples[:, r])
        rows[r] = np.insert(machine.coef_[0] / 2, r, 0)
    return (rows + rows.T) / 2


def boltzmann_learning() -> dict:
    """Persistent chains against adabmDCA's."""
    claims = {}
    for name, (_, couplings, samples) in (("planted", planted()), ("dense", dense())):
        s = samples.astype(float)
        m, c = s.mean(axis=0), s.T @ s / len(s)
        contenders = {
            "ours": lambda m=m, c=c: (
                persistent_chains(m, c, stream("chains"), n_chains=TUNED["n_chains"]).couplings
            ),
            "adabmdca_tuned": lambda x=samples: by_adabmdca(x, **TUNED),
        }
        if name == "planted":
            contenders["adabmdca"] = lambda x=samples: by_adabmdca(x)
        persistent_chains(m, c, stream("warm up"), updates=2)
        results = race(f"persistent chains, {name}", contenders, couplings, 1)
        sizes = f"{len(couplings)} spins, {len(samples)} samples"
        what = f"{name}, {sizes}, {TUNED['n_chains']} chains of ours"
        for other in list(results)[1:]:
            theirs = "its defaults" if other == "adabmdca" else "1000 chains, 400 steps of 0.05"
            claims |= claims_of(
                f"persistent_chains_{name}", results, other, 1.0, f"{what}, of theirs {theirs}"
            )
    return claims


def logistic_regressions() -> dict:
    """Pseudolikelihood against pseudolm and scikit-learn, which have the same optimum."""
    claims = {}
    for name, (_, couplings, samples) in (("planted", planted()), ("dense", dense())):
        l1 = {"l1_ratio": 1, "C": 2 / (PENALTY * len(samples)), "solver": "liblinear"}
        pseudolikelihood(samples[:100], PENALTY, max_iterations=2)
        free = {
            "ours": lambda x=samples: pseudolikelihood(x, 0.0).couplings,
            "pseudolm": lambda x=samples: by_pseudolm(x),
            "sklearn": lambda x=samples: by_scikit_learn(x, C=np.inf),
        }
        penalised = {
            "ours": lambda x=samples: pseudolikelihood(x, PENALTY).couplings,
            "sklearn": lambda x=samples, l1=l1: by_scikit_learn(x, **l1),
        }
        what = f"{name}, {len(couplings)} spins, {len(samples)} samples"
        for kind, contenders, penalty in (
            ("pseudolikelihood", free, "no penalty"),
            ("l1_pseudolikelihood", penalised, f"l1 penalty {PENALTY}, liblinear"),
        ):
            results = race(f"{kind}, {name}", contenders, couplings, ROUNDS)
            for other in list(results)[1:]:
                # Both stop near one optimum, the errors of which are equal to a part in a hundred.
                claims |= claims_of(f"{kind}_{name}", results, other, 1.01, f"{what}, {penalty}")
    return claims


def images() -> tuple[str, xr.Dataset]:
    """Fashion-MNIST as Debian packages it, or else the digits that scikit-learn brings."""
    if FASHION.exists():
        name, test = "fashion_mnist", 10_000
        parts = [
            np.frombuffer(gzip.decompress((FASHION / f"{part}-{kind}.gz").read_bytes()), np.uint8)
            for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
            for part in ("train", "t10k")
        ]
        pixels = np.concatenate([part[16:] for part in parts[:2]]).reshape(-1, 28, 28)
        labels = np.concatenate([part[8:] for part in parts[2:]])
    else:
        name, test = "digits", 360
        pixels, labels = load_digits().images.astype(np.uint8), load_digits().target
    split = (np.arange(len(labels)) >= len(labels) - test).astype(np.int8)
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x"), pixels),
            "label": ("sample", labels),
            "split": ("sample", split),
        }
    )
    return name, project(dataset, COMPONENTS)


def networks() -> dict:
    """Ensembles of binary networks: rate on both cores, accuracy, and the time of a step."""
    name, inputs = images()
    x, y = inputs["input"].values, inputs["label"].values.astype(np.int64)
    engine = Engine((COMPONENTS, *SETTINGS["hidden"], 10), SETTINGS["batch_size"])
    rates = learning_rates(SETTINGS["steps"], *SETTINGS["rates"])
    engine.train(x, y, rates[:2], [stream("warm up")])
    step = statistics.median(
        cpu_seconds(engine.train, x, y, rates, [stream("step", turn=turn)]) / len(rates)
        for turn in range(2 * ROUNDS)
    )
    naming = {"dataset": name, "scenario": "bench", "settings": SETTINGS}
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as first, context.Pool(1) as second:

        def chunks(start, size):
            parts = [
                pool.apply_async(
                    train_chunk,
                    (inputs, range(start + k * size, start + (k + 1) * size)),
                    naming,
                )
                for k, pool in enumerate((first, second))
            ]
            found = [part.get() for part in parts]
            accuracies = [networks.accuracy.values for networks, _ in found]
            return np.concatenate(accuracies), sum(cost.train_seconds.sum() for _, cost in found)

        chunks(CORES * NETWORKS, 1)
        start = time.perf_counter()
        accuracy, cpu = chunks(0, NETWORKS)
        seconds = time.perf_counter() - start
    accepted = int((accuracy >= ACCEPT).sum())
    low, median, high = np.percentile(accuracy, (10, 50, 90))
    what = (
        f"20-15-15-10 on {name}, {SETTINGS['steps']} steps of {SETTINGS['batch_size']}, best of "
        f"{SETTINGS['draws']} on {SETTINGS['scored']} images; {accepted} of {accuracy.size} reach "
        f"{ACCEPT}: mean {accuracy.mean():.3f}, percentiles 10, 50, 90 are {low:.3f}, "
        f"{median:.3f}, {high:.3f}"
    )
    goal = 20 if name == "fashion_mnist" else None
    return {
        "binary_networks": entry(accepted / seconds, "accepted/s", goal, f"{CORES} cores; {what}"),
        "binary_network": entry(float(cpu) / accuracy.size * 1e3, "CPU ms", None, what),
        "binary_network_step": entry(step * 1e6, "CPU us", None, "a step of 64 samples, all of it"),
    }


def sweeps() -> dict:
    """Sweeps of messages and spins, gradients of all rows, and landscapes."""
    claims = {}
    rng = stream("sweeps")
    for n, bound, repeats in ((WEIGHTS, 3.3, 60), (300, 1.0, 300)):
        fields = rng.normal(0, 0.1, n)
        cavity = Cavity(normal_couplings(n, 0.47, rng))

        def propagate(count, fields=fields, cavity=cavity):
            cavity.propagate(fields, tolerance=-1.0, max_iterations=count)

        propagate(2)
        seconds = statistics.median(cpu_seconds(propagate, repeats) for _ in range(ROUNDS))
        claims[f"propagation_sweep_{n}"] = entry(
            seconds / repeats * 1e3, "CPU ms", -bound, f"{n} spins, all messages"
        )
    n, n_chains, repeats = WEIGHTS, 200, 20
    fields, couplings = rng.normal(0, 0.1, n), normal_couplings(n, 0.47, rng)
    chains = Chains(rng.choice([-1, 1], (n_chains, n)), rng)
    chains.sweep(fields, couplings, repeats)
    seconds = statistics.median(
        cpu_seconds(chains.sweep, fields, couplings, repeats) for _ in range(ROUNDS)
    )
    claims["heat_bath_sweep"] = entry(
        seconds / repeats * 1e3, "CPU ms", -12.5, f"{n} spins, {n_chains} chains"
    )
    chains = Chains(rng.choice([-1, 1], (10_000, n)), rng)
    chains.sweep(fields, couplings, 5)
    spins = chains.spins.astype(np.int8)
    few, many = 2, 8

    def maximise(iterations):
        pseudolikelihood(spins, PENALTY, tolerance=0.0, max_iterations=iterations)

    seconds = statistics.median(
        (cpu_seconds(maximise, many) - cpu_seconds(maximise, few)) / (many - few)
        for _ in range(ROUNDS)
    )
    claims["pseudolikelihood_gradient"] = entry(
        seconds, "CPU s", -0.39, f"{n} spins, {len(spins)} samples, a whole iteration"
    )
    for block, (n, deviation, bound) in BLOCKS.items():
        fields, couplings = rng.normal(0, 0.1, n), normal_couplings(n, deviation, rng)
        chains = Chains(rng.choice([-1, 1], (1, n)), rng)
        chains.sweep(fields, couplings, 100)
        seconds = cpu_seconds(entropy_landscape, fields, couplings, chains.spins[0])
        claims[f"landscape_{block}"] = entry(
            seconds, "CPU s", -bound, f"{n} spins, 121 fields, both directions"
        )
        print(f"landscape, {block}: {seconds:.2f} CPU s", file=sys.stderr)
    return claims


def main() -> None:
    """Run all races."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=SUMMARY, help="file of claims to add to")
    output = parser.parse_args().output
    torch.set_num_threads(1)
    with threadpool_limits(1):
        claims = networks() | sweeps() | logistic_regressions() | boltzmann_learning()
    kept = json.loads(output.read_text()) if output.exists() else {}
    publish(claims, output, kept)


if __name__ == "__main__":
    main()
