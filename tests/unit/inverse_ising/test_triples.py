"""Three-weight correlations of independent weights factorise."""

import numpy as np
import pytest
import xarray as xr
from weight_models import N

from netphase.inverse_ising.triples import compare_triples, share_within_noise
from netphase.streams import stream


def test_triples_of_independent_weights_factorise(law, exact):
    h, ensemble = law
    found = compare_triples(exact, ensemble, stream("triples"), n_weights=8, n_samples=4000)
    assert found.sizes["triple"] == 8 * 7 * 6 // 6
    within = np.abs(found["data"] - found["model"]) <= 3 * found.noise
    assert float(within.mean()) > 0.97
    many = compare_triples(exact, ensemble, stream("triples"), n_weights=99, n_samples=100)
    m = np.tanh(h)
    expected = np.array(
        [m[i] * m[j] * m[k] for i in range(N) for j in range(i + 1, N) for k in range(j + 1, N)]
    )
    noise = 1 / np.sqrt(ensemble.sizes["trial"])
    assert np.abs(many["data"] - expected).max() < 6 * noise


@pytest.mark.parametrize(("error", "share"), [(0.0, 0.95), (10.0, 0.0)])
def test_share_of_an_exact_and_of_a_wrong_model(error, share):
    n, rng = 20_000, np.random.default_rng(0)
    noise = rng.uniform(0.5, 1.0, n)
    names = {"data": rng.normal(0, noise), "model": np.full(n, error), "noise": noise}
    triples = xr.Dataset({name: ("triple", values) for name, values in names.items()})
    assert share_within_noise(triples) == pytest.approx(share, abs=0.006)
