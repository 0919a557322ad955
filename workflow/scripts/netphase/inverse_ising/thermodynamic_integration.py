"""Entropy and relaxation of Ising models by Markov chains, where belief propagation may fail."""

from typing import NamedTuple

import numpy as np

from netphase.inverse_ising.heat_bath import Chains, energies


class Entropy(NamedTuple):
    """Entropy and energy per spin at beta = 1, with the standard error of the entropy."""

    entropy: float
    entropy_se: float
    energy: float


def integrate(
    fields: np.ndarray,
    couplings: np.ndarray,
    rng: np.random.Generator,
    *,
    n_betas: int = 12,
    n_chains: int = 200,
    relax: int = 40,
    n_measurements: int = 40,
) -> Entropy:
    """Thermodynamic integration: S = n ln 2 + <E> at beta = 1 - integral of <E> over beta.

    The integral from 0 to 1 by Gauss & Legendre; the chains go from the highest temperature to
    beta = 1 and are measured at each node. The error is that of independent chains.

    Parameters
    ----------
    fields, couplings : (n,) and (n, n), h and J at beta = 1
    """
    nodes, weights = np.polynomial.legendre.leggauss(n_betas)
    betas, weights = (nodes + 1) / 2, weights / 2
    n = len(fields)
    chains = Chains.independent(np.zeros(n), n_chains, rng)

    def mean_energies(beta):
        chains.sweep(beta * fields, beta * couplings, relax)
        total = 0.0
        for _ in range(n_measurements):
            chains.sweep(beta * fields, beta * couplings)
            total = total + energies(fields, couplings, chains.spins)
        return total / n_measurements

    integral = sum(w * mean_energies(beta) for beta, w in zip(betas, weights, strict=True))
    last = mean_energies(1.0)
    of_chains = (last - integral) / n + np.log(2)
    error = of_chains.std(ddof=1) / np.sqrt(n_chains)
    return Entropy(float(of_chains.mean()), float(error), float(last.mean() / n))


def relax_from(
    fields: np.ndarray,
    couplings: np.ndarray,
    references: np.ndarray,
    rng: np.random.Generator,
    n_sweeps: int = 100,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Drift of Markov chains that begin at given configurations.

    Parameters
    ----------
    references : (chains, n) of -1 and 1

    Returns
    -------
    spins : (sweeps + 1, chains, n) int8, the first those of the start
    overlap : (sweeps + 1, chains) with the start
    energy : (sweeps + 1, chains) per spin
    """
    chains = Chains(references, rng)
    path = [references.astype(np.int8)]
    for _ in range(n_sweeps):
        chains.sweep(fields, couplings)
        path.append(chains.spins.astype(np.int8))
    spins = np.stack(path)
    overlap = np.einsum("tcn,cn->tc", spins, references, dtype=float) / len(fields)
    return spins, overlap, energies(fields, couplings, spins) / len(fields)


def sweep_field(
    fields: np.ndarray,
    couplings: np.ndarray,
    reference: np.ndarray,
    x: np.ndarray,
    rng: np.random.Generator,
    *,
    n_chains: int = 100,
    sweeps: int = 50,
) -> np.ndarray:
    """Distances from a reference in a field towards it, (up and down, x), by Markov chains.

    The counterpart of `netphase.inverse_ising.landscapes` without belief propagation: the chains of
    each x begin where those of the x before ended; the second half of the sweeps is averaged.

    Parameters
    ----------
    reference : (n,) of -1 and 1
    x : (fields,) in ascending order
    """
    d = np.empty((2, len(x)))
    for direction, (order, sign) in enumerate(((range(len(x)), -1), (reversed(range(len(x))), 1))):
        chains = Chains(np.tile(sign * reference, (n_chains, 1)), rng)
        for k in order:
            tilted, q = fields + x[k] * reference, 0.0
            chains.sweep(tilted, couplings, sweeps - sweeps // 2)
            for _ in range(sweeps // 2):
                chains.sweep(tilted, couplings)
                q += float((chains.spins @ reference).mean()) / len(fields) / (sweeps // 2)
            d[direction, k] = (1 - q) / 2
    return d


def triple_moments(spins: np.ndarray) -> np.ndarray:
    """<s_i s_j s_k> over all i < j < k, in lexical order, of configurations (sample, n)."""
    s = spins.astype(np.float32)
    n = s.shape[1]
    parts = []
    for i in range(n - 2):
        pairs = (s[:, i + 1 :] * s[:, i : i + 1]).T @ s[:, i + 1 :] / len(s)
        parts.append(pairs[np.triu_indices(n - i - 1, 1)])
    return np.concatenate(parts)
