"""States of an Ising model by the equations of Thouless, Anderson & Palmer (1977).

m_i(t+1) = tanh(h_i + sum_j J_ij m_j(t) - m_i(t-1) sum_j J_ij^2 (1 - m_j(t)^2)), with the time
indices of Bolthausen (2014), whose fixed points are the stationary points of

F = -sum_i h_i m_i - sum_(i<j) J_ij m_i m_j - sum_(i != j) J_ij^2 (1 - m_i^2) (1 - m_j^2) / 4
    - sum_i H((1 + m_i) / 2),    H(p) = -p ln p - (1 - p) ln(1 - p).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import entr

TOLERANCE = 1e-5
VARIANTS = ("corrected", "paper")


class States(NamedTuple):
    """Fixed points from many starts.

    magnetisation : (starts, n)
    free_energy : (starts,), per spin
    converged : (starts,)
    """

    magnetisation: np.ndarray
    free_energy: np.ndarray
    converged: np.ndarray


def tap_states(
    fields: np.ndarray,
    couplings: np.ndarray,
    rng: np.random.Generator,
    *,
    starts: int = 2000,
    max_iterations: int = 2000,
    variant: str = "corrected",
) -> States:
    """Iterate the equations from random magnetisations, all starts at once.

    Parameters
    ----------
    fields, couplings : (n,) and (n, n), h and J
    variant : "paper" has (1 - m)^2 for 1 - m^2 in the reaction of the neighbours, as the programs
        of Zou & Huang (2021) have it, and starts that are not bounded by 1
    """
    draws = rng.standard_normal((2, starts, len(fields)))
    before, m = np.tanh(draws) if variant == "corrected" else draws
    squares = couplings**2
    converged = np.zeros(starts, bool)
    left = np.arange(starts)
    found = np.empty_like(m)
    for _ in range(max_iterations):
        spread = 1 - m**2 if variant == "corrected" else (1 - m) ** 2
        new = np.tanh(fields + m @ couplings - before * (spread @ squares))
        done = np.abs(new - m).max(axis=1) <= TOLERANCE
        found[left[done]], converged[left[done]] = new[done], True
        before, m, left = m[~done], new[~done], left[~done]
        if not left.size:
            break
    found[left] = m
    return States(found, tap_free_energy(fields, couplings, found) / len(fields), converged)


def tap_free_energy(fields: np.ndarray, couplings: np.ndarray, m: np.ndarray) -> np.ndarray:
    """F of magnetisations (..., n) within -1 and 1."""
    spread, p = 1 - m**2, (1 + m) / 2
    pairs = np.sum((m @ couplings) * m, axis=-1) / 2
    reaction = np.sum((spread @ couplings**2) * spread, axis=-1) / 4
    return -m @ fields - pairs - reaction - np.sum(entr(p) + entr(1 - p), axis=-1)


def distinct(free_energies: np.ndarray, apart: float = 1e-3) -> np.ndarray:
    """Values that lie more than `apart` from the next: the lowest of each group, ascending."""
    values = np.sort(free_energies)
    return values[np.insert(np.diff(values) > apart, 0, True)] if values.size else values
