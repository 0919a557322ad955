"""An exact model lies within its noise as often as a normal deviate does."""

import numpy as np
import pytest
import xarray as xr

from netphase.inverse_ising.triples import share_within_noise


@pytest.mark.parametrize(("error", "share"), [(0.0, 0.95), (10.0, 0.0)])
def test_share_of_an_exact_and_of_a_wrong_model(error, share):
    n, rng = 20_000, np.random.default_rng(0)
    noise = rng.uniform(0.5, 1.0, n)
    names = {"data": rng.normal(0, noise), "model": np.full(n, error), "noise": noise}
    triples = xr.Dataset({name: ("triple", values) for name, values in names.items()})
    assert share_within_noise(triples) == pytest.approx(share, abs=0.006)
