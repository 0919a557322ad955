"""Runs of square lattices whose laws are known."""

import numpy as np
import xarray as xr

from netphase.lattices.exact import T_C
from netphase.lattices.ising import DERIVED, MEASURED, SERIES
from netphase.streams import stream

TEMPERATURES = np.linspace(2.24, 2.30, 13)
SIZES = (32, 64, 128)


def lattices(
    *, sizes=SIZES, temperatures=TEMPERATURES, realisations=10, t_c=T_C, nu=1.0, noise=0.01,
    stated=1.0, seed=0, correction=0.0,
):  # fmt: skip
    """Runs and costs of `simulate_ladder` with known laws; error bars are `stated` x the noise."""
    size, control = np.array(sizes), np.array(temperatures)
    length = size[:, None]
    shape = (1, size.size, control.size, realisations)
    u4 = 0.33 * (1 - np.tanh(0.5 * ((control - t_c) * length ** (1 / nu) - 1)))
    level = {"binder": u4 + correction / length**1.75, "binder_slope": -0.2 * length ** (1 / nu)}
    level |= {"susceptibility": length**1.75, "magnetisation": length**-0.125}
    rng = stream("test", calibration=seed)
    variables = {}
    for name in SERIES | DERIVED:
        exact = np.broadcast_to(level.get(name, 1.0), shape[1:3])[np.newaxis, ..., np.newaxis]
        error = noise * np.abs(exact)
        variables[name] = exact + error * rng.standard_normal(shape)
        variables[f"{name}_se"] = stated * np.broadcast_to(error, shape)
    variables |= {f"{name}_tau": np.full(shape, 2.0 + k) for k, name in enumerate(SERIES)}
    variables |= {"sweeps_between": np.full(shape, 0.5), "n_measurements": np.full(shape, 3000)}
    variables["status"] = np.full(shape, MEASURED, np.int8)
    dims = ("model", "size", "temperature", "realisation")
    coordinates = {"model": ["control"], "size": size, "temperature": control}
    coordinates |= {"realisation": np.arange(realisations), "level": ("temperature", control * 1e4)}
    runs = xr.Dataset({name: (dims, value) for name, value in variables.items()}, coordinates)
    return runs, xr.Dataset({"cpu_seconds": (dims, np.full(shape, 0.5))}, coordinates)
