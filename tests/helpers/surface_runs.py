"""Runs of closed surfaces whose transition is known."""

import numpy as np
import xarray as xr

from netphase.hyperbolic.critical_point import MEAN_FIELD_BINDER
from netphase.lattices.ising import DERIVED, MEASURED, SERIES

T_C = 2.8
SIZES = (300, 1500, 6000, 50_000)
TEMPERATURES = np.round(np.arange(2.76, 2.8401, 0.01), 4)


def surfaces(correction=2.0, error=1e-3, seed=0, sizes=SIZES, temperatures=TEMPERATURES):
    """Runs whose U4 is U* + a t N^(1/2) + b N^(-1/2), and whose other moments are pure powers."""
    rng = np.random.default_rng(seed)
    shape = (1, len(sizes), len(temperatures), 4)
    n = np.array(sizes, float)[None, :, None, None]
    t = np.asarray(temperatures)[None, None, :, None] - T_C
    # The slope of a straight line is the same in all of its variable.
    binder = MEAN_FIELD_BINDER - 0.07 * t * n**0.5 + correction * n**-0.5
    exact = {
        "binder": binder,
        "binder_slope": -0.07 * n**0.5 * np.ones_like(t),
        "susceptibility": 2 * n**0.5 * np.exp(-t),
        "magnetisation": 1.5 * n**-0.25 * np.exp(-t),
    }
    names = {name: np.ones(shape) for name in SERIES | DERIVED} | exact
    dims = ("model", "size", "temperature", "realisation")
    runs = xr.Dataset(coords={"model": ["flat"], "size": list(sizes), "temperature": temperatures})
    for name, value in names.items():
        noise = error * np.abs(value)
        if name == "binder":
            noise = error * np.ones(shape)
        runs[name] = dims, value + noise * rng.standard_normal(shape)
        runs[f"{name}_se"] = dims, noise * np.ones(shape)
    runs["status"] = dims, np.full(shape, MEASURED, np.int8)
    for key in ("prime", "genus"):
        runs.coords[key] = ("model", "size"), [[11, 19, 29, 59, 61][: len(sizes)]]
    runs.coords["p"], runs.coords["q"] = ("model", [5]), ("model", [4])
    costs = xr.Dataset({"cpu_seconds": (dims, np.full(shape, 2.0))}, {"model": ["flat"]})
    return runs, costs
