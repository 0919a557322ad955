"""CPU seconds of the Ising models of weights on the machine of the benchmarks.

Matrix products of n spins with themselves dominate: costs go as n^2, from benchmarks of 675
spins. How many iterations belief propagation and pseudolikelihood take depends on the weights;
the numbers below are those of networks 20-15-15-10 on Fashion-MNIST.
"""

from collections.abc import Mapping
from typing import Any

SPINS, CHAINS, SAMPLES = 675, 200, 10_000
"""Spins, chains and samples of the benchmarks."""
BANDS, DIRECTIONS = 3, 2
PROPAGATION_ITERATIONS = 20
"""Of belief propagation that begins where it ended for nearby fields."""
COLD_ITERATIONS = 100
"""The same from nothing, those that do not converge included."""
GRADIENTS = 120
"""Iterations of the pseudolikelihood."""
UPDATE = 2
"""Moments and their means over orbits take as long as so many sweeps of the chains."""
QUALITY_SWEEPS = 200
INTEGRATION_SWEEPS = 13 * 80
FIELD_SWEEPS, FIELD_CHAINS = 50, 100
TRIPLE_SWEEPS, TRIPLES_EVERY = 1000, 10
TEMPERATURES = 8
"""Temperatures that are tried until one has the wanted energy."""
TAP_START = 2e-3
"""CPU seconds of the TAP equations from one start."""


def sweep_seconds(n_spins: int, n_chains: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of one sweep of Markov chains."""
    return 1e-3 * benchmarks["heat_bath_sweep"] * (n_spins / SPINS) ** 2 * n_chains / CHAINS


def propagation_seconds(n_spins: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of one iteration of all messages of belief propagation."""
    return 1e-3 * benchmarks["propagation_sweep_675"] * (n_spins / SPINS) ** 2


def inference_seconds(
    n_spins: int,
    n_samples: int,
    method: str,
    options: Mapping[str, Any],
    benchmarks: Mapping[str, float],
) -> float:
    """CPU seconds of one model by one method, the check of its moments included.

    Parameters
    ----------
    method, options : as of `netphase.inverse_ising.inference.infer`
    """
    seconds = QUALITY_SWEEPS * sweep_seconds(n_spins, CHAINS, benchmarks)
    seconds += COLD_ITERATIONS * propagation_seconds(n_spins, benchmarks)
    match method:
        case "propagation":
            iterations = options["steps"] * COLD_ITERATIONS
            seconds += iterations * propagation_seconds(n_spins, benchmarks)
        case "pseudolikelihood":
            one = benchmarks["pseudolikelihood_gradient"] * n_samples / SAMPLES
            seconds += GRADIENTS * one * (n_spins / SPINS) ** 2
        case "persistent_chains":
            sweeps = options["updates"] * (options["sweeps"] + UPDATE)
            seconds += sweeps * sweep_seconds(n_spins, options["n_chains"], benchmarks)
    return seconds


def model_bytes(n_spins: int) -> int:
    """Bytes of couplings and pair moments in double precision."""
    return 2 * 8 * n_spins**2


def landscape_seconds(
    n_spins: int, n_references: int, n_fields: int, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of the entropy landscapes around so many references."""
    points = n_references * n_fields * DIRECTIONS
    return points * PROPAGATION_ITERATIONS * propagation_seconds(n_spins, benchmarks)


def iso_energy_seconds(
    n_spins: int, n_references: int, n_fields: int, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of the landscapes at the energy of their references."""
    iterations = n_references * n_fields * TEMPERATURES * COLD_ITERATIONS
    return iterations * propagation_seconds(n_spins, benchmarks)


def states_seconds(n_spins: int, starts: int) -> float:
    """CPU seconds of the TAP equations from all starts."""
    return starts * TAP_START * (n_spins / SPINS) ** 2


def integration_seconds(n_spins: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of the thermodynamic integration of one model."""
    return INTEGRATION_SWEEPS * sweep_seconds(n_spins, CHAINS, benchmarks)


def field_sweep_seconds(
    n_spins: int, n_references: int, n_fields: int, benchmarks: Mapping[str, float]
) -> float:
    """CPU seconds of the distances from references of all energy bands, by Markov chains."""
    points = BANDS * n_references * n_fields * DIRECTIONS
    return points * FIELD_SWEEPS * sweep_seconds(n_spins, FIELD_CHAINS, benchmarks)


def triples_seconds(n_spins: int, n_samples: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of configurations of a model in which triples are counted."""
    sweeps = TRIPLE_SWEEPS + TRIPLES_EVERY * n_samples / CHAINS
    return sweeps * sweep_seconds(n_spins, CHAINS, benchmarks)
