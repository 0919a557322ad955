"""Spectral densities of small electron systems that are solved exactly.

Each is a sum of poles, w (poles,) with weights that add up to 1; hopping is 1. `broadened` puts
them on a grid.
"""

import itertools
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np


@cache
def hubbard_chain(n_sites: int, interaction: float, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Poles and weights of the first site of an open Hubbard chain at half filling.

    H = -sum (c+ c + h.c.) + U sum (n_up - 1/2)(n_down - 1/2), diagonalised in every sector of
    particle numbers. Lehmann: a transition from m to n that adds an electron has w = E_n - E_m and
    weight |<n|c+|m>|^2 (e^{-beta E_m} + e^{-beta E_n}) / Z. A site alone is the Hubbard atom, with
    poles at +-U/2.

    Parameters
    ----------
    n_sites : at most 6, the work being that of matrices of up to 400 x 400
    interaction : U in units of the hopping
    beta : inverse temperature
    """
    states = {
        n: [
            sum(1 << site for site in chosen)
            for chosen in itertools.combinations(range(n_sites), n)
        ]
        for n in range(n_sites + 1)
    }
    sectors = {
        (up, down): np.linalg.eigh(_hamiltonian(states[up], states[down], n_sites, interaction))
        for up in states
        for down in states
    }
    lowest = min(energies[0] for energies, _ in sectors.values())
    boltzmann = {key: np.exp(-beta * (e - lowest)) for key, (e, _) in sectors.items()}
    partition = sum(weights.sum() for weights in boltzmann.values())
    poles, weights = [], []
    for up, down in itertools.product(range(n_sites), range(n_sites + 1)):
        (before, from_), (after, to) = sectors[up, down], sectors[up + 1, down]
        added = _creation(states[up], states[up + 1])
        element = to.T @ np.kron(added, np.eye(len(states[down]))) @ from_
        thermal = np.add.outer(boltzmann[up + 1, down], boltzmann[up, down]) / partition
        poles.append(np.subtract.outer(after, before).ravel())
        weights.append((element**2 * thermal).ravel())
    return np.concatenate(poles), np.concatenate(weights)


def _hamiltonian(ups, downs, n_sites, interaction):
    hopping = [-sum(_hop(basis, site) for site in range(n_sites - 1)) for basis in (ups, downs)]
    one = [np.eye(len(basis)) for basis in (ups, downs)]
    occupied = [
        np.array([[state >> site & 1 for site in range(n_sites)] for state in basis]) - 0.5
        for basis in (ups, downs)
    ]
    local = interaction * (occupied[0] @ occupied[1].T).ravel()
    return np.kron(hopping[0], one[1]) + np.kron(one[0], hopping[1]) + np.diag(local)


def _hop(basis, site):
    """Hopping between neighbouring sites, which passes no other electron: no sign."""
    place = {state: number for number, state in enumerate(basis)}
    matrix = np.zeros((len(basis), len(basis)))
    pair = 0b11 << site
    for state, number in place.items():
        if (state & pair).bit_count() == 1:
            matrix[place[state ^ pair], number] = 1
    return matrix


def _creation(basis, larger):
    """Creation of an electron on the first site, which passes no other electron: no sign."""
    place = {state: number for number, state in enumerate(larger)}
    matrix = np.zeros((len(larger), len(basis)))
    for number, state in enumerate(basis):
        if not state & 1:
            matrix[place[state | 1], number] = 1
    return matrix


def ssh_chain(dimerisation: float, n_cells: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Poles +-|1 + d + (1 - d) e^{ik}| of Su, Schrieffer & Heeger's chain: a gap of 4 |d|."""
    k = 2 * np.pi * (np.arange(n_cells) + 0.5) / n_cells
    energy = np.abs(1 + dimerisation + (1 - dimerisation) * np.exp(1j * k))
    return np.concatenate([energy, -energy]), np.full(2 * n_cells, 0.5 / n_cells)


def broadened(
    poles: np.ndarray, weights: np.ndarray, omega: np.ndarray, width: float
) -> np.ndarray:
    """Density (omega,): each pole a Gaussian of the given standard deviation, then int A = 1."""
    step = omega[1] - omega[0]
    edges = np.append(omega - step / 2, omega[-1] + step / 2)
    # Bins a hundredth of the grid wide: poles come by the million.
    fine = np.linspace(edges[0], edges[-1], 100 * omega.size + 1)
    histogram, _ = np.histogram(poles, fine, weights=weights)
    centres = (fine[1:] + fine[:-1]) / 2
    full = histogram > 0
    z = (omega[:, np.newaxis] - centres[full]) / width
    density = np.exp(-(z**2) / 2) @ histogram[full]
    return density / (density.sum() * step)


SYSTEMS: Mapping[str, Callable[[float], tuple[np.ndarray, np.ndarray]]] = {
    "atom": lambda beta: hubbard_chain(1, 4.0, beta),
    "dimer": lambda beta: hubbard_chain(2, 4.0, beta),
    "chain": lambda beta: hubbard_chain(6, 4.0, beta),
    "free_chain": lambda beta: ssh_chain(0.0),
    "ssh": lambda beta: ssh_chain(0.3),
}
"""Hubbard's atom, dimer and chain of six sites at U = 4; free electrons without and with a gap."""
