"""Small Ising models, and their exact properties by enumeration of all states."""

import itertools
from typing import NamedTuple

import numpy as np


class Exact(NamedTuple):
    magnetisation: np.ndarray
    moments: np.ndarray
    free_energy: float
    energy: float
    entropy: float


def enumerated(fields, couplings):
    """Moments and thermodynamics of P(s) ~ exp(sum h s + sum_(i<j) J s s), state by state."""
    states = np.array(list(itertools.product([-1.0, 1.0], repeat=len(fields))))
    energy = -states @ fields - np.einsum("si,ij,sj->s", states, couplings, states) / 2
    log_z = np.logaddexp.reduce(-energy)
    p = np.exp(-energy - log_z)
    mean = float(p @ energy)
    moments = (states * p[:, np.newaxis]).T @ states
    return Exact(p @ states, moments, -log_z, mean, mean + log_z)


def dense(rng, n, deviation, field=0.0):
    """Gaussian fields and couplings between all spins."""
    couplings = np.triu(rng.normal(0, deviation, (n, n)), 1)
    return rng.normal(0, field, n) if field else np.zeros(n), couplings + couplings.T


def tree(rng, n, deviation=1.0):
    """A random tree with Gaussian fields and couplings."""
    couplings = np.zeros((n, n))
    for i in range(1, n):
        j = rng.integers(i)
        couplings[i, j] = couplings[j, i] = rng.normal(0, deviation)
    return rng.normal(0, 1, n), couplings


def uniform(n, field, coupling):
    """Curie-Weiss: the same field and the coupling J / n for all."""
    couplings = np.full((n, n), coupling / n)
    np.fill_diagonal(couplings, 0)
    return np.full(n, float(field)), couplings
