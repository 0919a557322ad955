"""Small results of a study of hyperbolic tilings, for its findings and its figures."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from surface_runs import surfaces

from netphase.hyperbolic import critical_point
from netphase.hyperbolic.corner_lattices import grow_corners
from netphase.hyperbolic.critical_point import locate
from netphase.hyperbolic.disc_ising import simulate_discs
from netphase.hyperbolic.gravity import simulate_universes
from netphase.streams import stream


@cache
def found(**known) -> xr.Dataset:
    """Surfaces with T_c = 2.8 that are said to be of {5, 4}."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(critical_point, "N_REPLICAS", 15)
        return locate(*surfaces(**known), "flat", 11, stream("test"))


@cache
def corners() -> xr.Dataset:
    return grow_corners(
        polygons=[5], temperatures=np.linspace(1.5, 2.7, 5), square=[1.8, 2.1], states=[2, 3]
    )


@cache
def disc() -> xr.Dataset:
    return simulate_discs(p=5, q=4, layers=6, temperatures=[1.5, 2.4, 2.8, 3.3], sweeps=3000)


@cache
def gravity() -> xr.Dataset:
    return simulate_universes(
        q=7, layers=10, couplings=[0.4, 1.0, 2.0], temperatures=[0.1, 0.3], sweeps=2000
    )
