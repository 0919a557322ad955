"""Belief propagation on Ising models: the cavity method, exact on trees, and its Bethe free energy.

P(s) = exp(sum_i h_i s_i + sum_(i<j) J_ij s_i s_j) / Z with s_i = +-1; a temperature is part of h
and J. Messages are magnetisations in the absence of a neighbour (Mezard & Montanari 2009,
chapter 14; Zou & Huang 2021, appendix):

    m_(i->j) = tanh(h_i + sum_(k != j) atanh y_(k->i)),   y_(k->i) = tanh(J_ki) m_(k->i).

A sweep computes sum_k atanh y = ln(prod (1 + y) / prod (1 - y)) / 2 for each spin, and takes one
neighbour out of it by tanh(a - b) = (tanh a - tanh b) / (1 - tanh a tanh b), so that it needs no
transcendental function for a pair of spins.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from netphase.errors import InputError

TOLERANCE = 1e-6
# A product of so many factors 1 - |y| stays above the smallest float64.
LEAST_LOG_PRODUCT = -600.0
MOST_FACTORS = 500  # 2^500 is below the largest
# Nearer to saturation than this, tanh(a - b) from tanh a and tanh b loses four digits and more.
SATURATION = 1e-4
LARGEST_TANH = 1 - 2.0**-53
TILE = 32
# Changes that after so many sweeps are neither halved nor doubled belong to a cycle.
PATIENCE = 100

OPTIONS = {"error_model": "numpy", "fastmath": {"reassoc", "contract", "nnan", "nsz"}}
compiled = numba.njit(cache=True, **OPTIONS)
# By numba itself: LLVM inlines, and then rounds, as the state of numba's cache has it.
inlined = numba.njit(inline="always", **OPTIONS)


class Messages(NamedTuple):
    """A state of belief propagation.

    values : (spins, spins), m_(i->j) in row i; the diagonal holds the magnetisations
    iterations : sweeps that led here
    change : in the last sweep, an upper bound of that of any message: the largest Euclidean norm
        of the changes of the messages of one spin
    """

    values: np.ndarray
    iterations: int
    change: float

    @property
    def magnetisation(self) -> np.ndarray:
        return np.diagonal(self.values)


class Bethe(NamedTuple):
    """Bethe approximation: magnetisations, moments <s_i s_j>, F, E and S = E - F."""

    magnetisation: np.ndarray
    moments: np.ndarray
    free_energy: float
    energy: float
    entropy: float


class Cavity:
    """Belief propagation on one set of couplings, for any fields.

    Parameters
    ----------
    couplings : (spins, spins), J, symmetric with zero diagonal

    Raises
    ------
    InputError : J is not finite, or not symmetric with a zero diagonal
    """

    def __init__(self, couplings: np.ndarray) -> None:
        if not np.isfinite(couplings).all():
            raise InputError("couplings are NaN or infinite")
        if not np.array_equal(couplings, couplings.T) or np.diagonal(couplings).any():
            raise InputError("couplings are not symmetric with a zero diagonal")
        self.couplings = couplings
        # Nothing is ever certain, or logarithms below would be infinite.
        self.t = np.clip(np.tanh(couplings), -LARGEST_TANH, LARGEST_TANH)
        # So many factors 1 +- y, |y| <= |tanh J|, can be multiplied within the number range.
        smallest = math.log1p(-np.abs(self.t).max(initial=1e-9))
        self.factors = int(min(MOST_FACTORS, max(1, LEAST_LOG_PRODUCT / smallest)))
        self.free_pairs = np.log(np.cosh(couplings)).sum() / 2

    def propagate(
        self,
        fields: np.ndarray,
        start: np.ndarray | None = None,
        *,
        tolerance: float = TOLERANCE,
        max_iterations: int = 3000,
    ) -> Messages:
        """Parallel sweeps, undamped, until no message changes by more than the tolerance.

        They end early where the messages enter a cycle.

        Parameters
        ----------
        fields : (spins,), h
        start : messages to begin with, as of `Messages.values`; without any, tanh h_i

        Returns
        -------
        Messages : not converged where its change exceeds the tolerance

        Raises
        ------
        InputError : h is not finite, or not one for each spin
        """
        if fields.shape != self.couplings.shape[:1] or not np.isfinite(fields).all():
            raise InputError(f"fields must be {len(self.couplings)} finite numbers")
        if start is None:
            start = np.broadcast_to(np.tanh(fields)[:, np.newaxis], self.t.shape)
        values = np.array(start, np.float64)
        done = _iterate(fields, self.t, values, self.factors, tolerance, max_iterations)
        return Messages(values, *done)

    def bethe(self, fields: np.ndarray, messages: Messages) -> Bethe:
        """Bethe approximation at a fixed point of the messages; exact on trees."""
        m, t = messages.values, self.t
        overlap = t * m * m.T
        moments = (t + m * m.T) / (1 + overlap)
        np.fill_diagonal(moments, 1.0)
        y = t * m.T
        up, down = np.log1p(y).sum(axis=1), np.log1p(-y).sum(axis=1)
        sites = np.logaddexp(fields + up, -fields + down).sum()
        free_energy = np.log1p(overlap).sum() / 2 - self.free_pairs - sites
        energy = -fields @ messages.magnetisation - (self.couplings * moments).sum() / 2
        return Bethe(messages.magnetisation, moments, free_energy, energy, energy - free_energy)


@compiled
def _iterate(fields, t, out, factors, tolerance, max_iterations):
    n = len(fields)
    incoming = np.empty((n, n))
    y = np.empty(n)
    iterations, change, before = 0, math.inf, math.inf
    while iterations < max_iterations and change > tolerance:
        _transpose(out, incoming)
        change = 0.0
        for i in range(n):
            change = max(change, _update(fields[i], t[i], incoming[i], out[i], y, factors))
        iterations += 1
        if iterations % PATIENCE == 0:
            if before / 2 < change < before * 2:
                break
            before = change
    return iterations, change


@inlined
def _update(field, t, incoming, outgoing, y, factors):
    """New messages of one spin; the Euclidean norm of their change."""
    n = len(y)
    total = 2 * field
    for start in range(0, n, factors):
        up, down = 1.0, 1.0
        for k in range(start, min(start + factors, n)):
            value = t[k] * incoming[k]
            y[k] = value
            up *= 1 + value
            down *= 1 - value
        total += math.log(up / down)
    a = math.tanh(total / 2)
    change = 0.0
    if 1 - abs(a) > SATURATION:
        for j in range(n):
            new = (a - y[j]) / (1 - a * y[j])
            moved = new - outgoing[j]
            change += moved * moved
            outgoing[j] = new
    else:
        for j in range(n):
            new = math.tanh(total / 2 - math.atanh(y[j]))
            moved = new - outgoing[j]
            change += moved * moved
            outgoing[j] = new
    return math.sqrt(change)


@inlined
def _transpose(source, target):
    n = len(source)
    for row in range(0, n, TILE):
        for column in range(0, n, TILE):
            for i in range(row, min(row + TILE, n)):
                for j in range(column, min(column + TILE, n)):
                    target[j, i] = source[i, j]
