"""Bulk magnetisation and critical temperature of {p, 4} lattices, as tables with intervals.

Corner transfer matrices (`netphase.hyperbolic.corner_transfer`) have no noise: uncertain are the
cut to a few states and the distance from T_c at which the magnetisation is still taken. The square
lattice, whose exact magnetisation is Yang's (1952), is the control.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.hyperbolic.corner_transfer import BELOW, critical_temperature, magnetisation

TOLERANCE = 1e-10
PRECISION = 1e-6
SQUARE = 4
REFERENCES = (
    "Ueda, Krcmar, Gendiar & Nishino (2007), J. Phys. Soc. Jpn. 76, 084004; "
    "Yang (1952), Phys. Rev. 85, 808"
)


def grow_corners(
    *,
    polygons: Sequence[int],
    temperatures: Sequence[float],
    square: Sequence[float],
    states: Sequence[int],
) -> xr.Dataset:
    """Spontaneous magnetisation against temperature, with T_c and beta of hyperbolic lattices.

    ln m = c + beta ln(T_c - T) + d (T_c - T) at the temperatures nearest to T_c. T_c and beta are
    those of the most states. Their intervals reach as far to both sides as fewer states, or beta
    without the correction d, are away; that of T_c at least 1e-6, to which it was sought. Half
    of the function describes the variables that the other half computes.

    Parameters
    ----------
    polygons : edges p >= 5 of the polygons of {p, 4}
    temperatures : in J / k_B, for the hyperbolic lattices
    square : the same for the square lattice
    states : kept for each spin at the centre of a corner, two numbers or more

    Returns
    -------
    xarray.Dataset
        m(p, states, temperature), t_c and beta with _low and _high (p); square_m and
        square_exact(square_temperature).

    Raises
    ------
    InputError : a temperature so close to a critical one that 100,000 steps do not end the growth
    """
    states = sorted(states)
    temperatures, square = np.sort(temperatures), np.sort(square)
    m = [
        [[magnetisation(p, t, n, TOLERANCE).m for t in temperatures] for n in states]
        for p in polygons
    ]
    t_c = np.array([[critical_temperature(p, n) for n in states] for p in polygons])
    beta = np.array(
        [
            np.ravel([_betas(p, n, t) for n, t in zip(states, row, strict=True)])
            for p, row in zip(polygons, t_c, strict=True)
        ]
    )
    exact = np.maximum(1 - np.sinh(2 / square) ** -4, 0) ** 0.125
    found = [magnetisation(SQUARE, t, states[-1], TOLERANCE).m for t in square]
    result = xr.Dataset(
        {
            "m": (("p", "states", "temperature"), np.array(m)),
            "square_m": ("square_temperature", np.array(found)),
            "square_exact": ("square_temperature", exact),
        },
        {
            "p": np.array(polygons, np.int32),
            "states": np.array(states, np.int32),
            "temperature": temperatures,
            "square_temperature": square,
        },
        {
            "title": "Ising model on infinite {p, 4} lattices by corner transfer matrices",
            "references": REFERENCES,
        },
    )
    for name, values, least in (("t_c", t_c, PRECISION), ("beta", beta, 0.0)):
        best, reach = values[:, -1], np.maximum(np.ptp(values, axis=1), least)
        result[name], result[f"{name}_low"] = ("p", best), ("p", best - reach)
        result[f"{name}_high"] = "p", best + reach
    meanings = {
        "p": "edges of a polygon",
        "states": "states kept for each spin",
        "temperature": "temperature",
        "square_temperature": "temperature of the square lattice",
        "m": "spontaneous magnetisation per spin in the bulk",
        "square_m": "spontaneous magnetisation of the square lattice, most states",
        "square_exact": "exact spontaneous magnetisation of the square lattice",
        "t_c": "critical temperature",
        "t_c_low": "critical temperature, lower end of the range of the last states",
        "t_c_high": "critical temperature, upper end of the range of the last states",
        "beta": "exponent of the magnetisation",
        "beta_low": "exponent of the magnetisation, lower end of the range of the last states",
        "beta_high": "exponent of the magnetisation, upper end of the range of the last states",
    }
    temperatures = ("temperature", "square_temperature", "t_c", "t_c_low", "t_c_high")
    for name, meaning in meanings.items():
        units = "J/k_B" if name in temperatures else "1"
        result[name].attrs = {"long_name": meaning, "units": units}
    return result


def _betas(p, states, t_c):
    """Exponent beta, fitted without and with the correction that is linear in T_c - T."""
    log_m = np.log([magnetisation(p, t_c - below, states, TOLERANCE).m for below in BELOW])
    design = np.stack([np.ones_like(BELOW), np.log(BELOW), BELOW], axis=1)
    return [np.linalg.lstsq(design[:, :columns], log_m)[0][1] for columns in (2, 3)]
