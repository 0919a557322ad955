"""Three-weight correlations of independent weights factorise."""

import numpy as np
import pytest
from weight_models import N, independent, model

from netphase.inverse_ising.triples import compare_triples
from netphase.streams import stream


@pytest.fixture(scope="module")
def law():
    return independent()


@pytest.fixture(scope="module")
def exact(law):
    """The model of independent weights with the true fields."""
    h, ensemble = law
    return model(ensemble, h=h)


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
