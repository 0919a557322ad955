"""Number of configurations of an Ising model at a given distance from a reference.

A field x towards a reference s* weighs configurations by exp(-E(s) + x sum_i s_i s*_i). Its Bethe
free energy f (per spin) gives the overlap q, the distance d = (1 - q) / 2, the energy e without the
field, and by a Legendre transform the entropy density s(d) = e - x q - f (Zou & Huang 2021, eqs. 9
to 12; temperature in h and J). The field is swept up and down, each value beginning with
the messages of the value before: where both directions disagree, the model has more than one phase.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import brentq
from scipy.special import entr

from netphase.inverse_ising.belief_propagation import TOLERANCE, Cavity

FIELDS = np.linspace(-3, 3, 121)
DIRECTIONS = ("up", "down")
BISTABLE = 0.05
"""Difference of the distances of both directions that counts as two phases."""
ENERGIES = {"high": (0.0, 1 / 3), "medium": (1 / 3, 2 / 3), "low": (2 / 3, 1.0)}

QUANTITIES = {
    "q": "overlap with the reference",
    "d": "distance from the reference, (1 - q) / 2",
    "e": "energy per spin, without the field x",
    "f": "free energy per spin, with the field x",
    "s": "entropy per spin",
    "s_bound": "entropy per spin of all configurations at this distance",
}


def entropy_bound(d: np.ndarray) -> np.ndarray:
    """Logarithm of the number of configurations at distance d, per spin; ln 2 at d = 1/2."""
    return entr(d) + entr(1 - d)


def entropy_landscape(
    fields: np.ndarray,
    couplings: np.ndarray,
    reference: np.ndarray,
    x: np.ndarray = FIELDS,
    *,
    max_iterations: int = 3000,
) -> xr.Dataset:
    """Landscape around one reference, by belief propagation in both directions of x.

    Parameters
    ----------
    fields, couplings : (n,) and (n, n), h and J
    reference : (n,) of -1 and 1
    x : (fields,) in ascending order

    Returns
    -------
    xarray.Dataset
        QUANTITIES over (direction, x), in units of k_B and of the temperature; ``iterations``;
        ``converged``, without which the values of a point mean nothing.
    """
    cavity, n = Cavity(couplings), len(fields)
    reference = reference.astype(np.float64)
    found = {name: np.empty((2, len(x))) for name in QUANTITIES}
    iterations = np.empty((2, len(x)), np.int32)
    converged = np.empty((2, len(x)), bool)
    for direction, order in enumerate((range(len(x)), reversed(range(len(x))))):
        start = None
        for k in order:
            tilted = fields + x[k] * reference
            messages = cavity.propagate(tilted, start, max_iterations=max_iterations)
            bethe = cavity.bethe(tilted, messages)
            start = messages.values
            q = reference @ bethe.magnetisation / n
            # Rounding may carry |q| beyond 1.
            d = min(max((1 - q) / 2, 0.0), 1.0)
            f = bethe.free_energy / n
            values = (q, d, bethe.energy / n + x[k] * q, f, bethe.entropy / n, entropy_bound(d))
            for name, value in zip(QUANTITIES, values, strict=True):
                found[name][direction, k] = value
            iterations[direction, k] = messages.iterations
            converged[direction, k] = messages.change <= TOLERANCE
    dims = ("direction", "x")
    landscape = xr.Dataset(
        {
            name: (dims, values, {"long_name": QUANTITIES[name], "units": "1"})
            for name, values in found.items()
        },
        {
            "direction": ("direction", list(DIRECTIONS), {"long_name": "direction of the sweep"}),
            "x": ("x", x, {"long_name": "field towards the reference", "units": "1"}),
        },
        {"title": "Entropy landscape around a configuration"},
    )
    landscape["iterations"] = dims, iterations, {"long_name": "sweeps of all messages"}
    landscape["converged"] = dims, converged, {"long_name": "whether belief propagation arrived"}
    return landscape


class Hysteresis(NamedTuple):
    """Disagreement between the two directions of a sweep.

    area : integral of |d_up - d_down| over x
    largest : largest |d_up - d_down|
    jump : largest change of d between neighbouring x, in either direction
    window : first and last x with a difference above BISTABLE; NaN without any
    """

    area: float
    largest: float
    jump: float
    window: tuple[float, float]


def hysteresis(landscape: xr.Dataset) -> Hysteresis:
    """Hysteresis of one landscape; points that did not converge are left out."""
    x = landscape.x.values
    d = landscape.d.where(landscape.converged).transpose("direction", "x").values
    both = np.isfinite(d).all(axis=0)
    difference = np.abs(d[0] - d[1])
    apart = x[both & (difference > BISTABLE)]
    steps = np.abs(np.diff(d, axis=1))
    return Hysteresis(
        float(np.trapezoid(difference[both], x[both])),
        float(difference[both].max(initial=0.0)),
        float(np.nanmax(steps, initial=0.0)),
        (float(apart.min()), float(apart.max())) if apart.size else (np.nan, np.nan),
    )


def energy_bands(energies: np.ndarray, n_references: int) -> dict[str, np.ndarray]:
    """Indices of configurations of high, medium and low energy, each band from the highest on.

    Each band is spread evenly over its third of the ranks, the extreme configurations included.
    """
    order = np.argsort(-energies, kind="stable")
    bands = {}
    for band, (first, last) in ENERGIES.items():
        ranks = np.linspace(first * (len(order) - 1), last * (len(order) - 1), n_references)
        bands[band] = order[ranks.round().astype(int)]
    return bands


def iso_energy(
    fields: np.ndarray,
    couplings: np.ndarray,
    reference: np.ndarray,
    x: np.ndarray,
    energy: float,
    *,
    betas: tuple[float, float] = (0.1, 5.0),
) -> xr.Dataset:
    """Landscape among the configurations that have the energy of the reference.

    For each x the inverse temperature beta of exp(-beta E + x sum s s*) at which the mean energy is
    the given one (Zou & Huang 2021, Fig. 9).

    Parameters
    ----------
    energy : per spin, of the reference
    betas : range in which beta is sought

    Returns
    -------
    xarray.Dataset
        ``beta``, ``d`` and ``s`` over x; NaN where no beta in the range has that energy or where
        belief propagation does not converge.
    """
    n, reference = len(fields), reference.astype(np.float64)

    def at(beta, x_k):
        cavity, tilted = Cavity(beta * couplings), beta * fields + x_k * reference
        messages = cavity.propagate(tilted)
        bethe = cavity.bethe(tilted, messages)
        q = reference @ bethe.magnetisation / n
        return (bethe.energy / n + x_k * q) / beta, q, bethe.entropy / n, messages.change

    rows = np.full((len(x), 3), np.nan)
    for k, x_k in enumerate(x):
        ends = [at(beta, x_k)[0] - energy for beta in betas]
        if np.prod(np.sign(ends)) > 0:
            continue
        beta = brentq(lambda b, x_k=x_k: at(b, x_k)[0] - energy, *betas, xtol=1e-4)
        _, q, s, change = at(beta, x_k)
        if change <= TOLERANCE:
            rows[k] = beta, (1 - q) / 2, s
    words = {"beta": "inverse temperature", "d": QUANTITIES["d"], "s": QUANTITIES["s"]}
    return xr.Dataset(
        {
            name: ("x", rows[:, i], {"long_name": text, "units": "1"})
            for i, (name, text) in enumerate(words.items())
        },
        {"x": ("x", x, {"long_name": "field towards the reference", "units": "1"})},
        {"title": "Entropy landscape at the energy of its reference"},
    )
