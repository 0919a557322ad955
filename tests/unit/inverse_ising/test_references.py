"""Networks that models are compared with come from three bands of their energies."""

import json

import numpy as np
from weight_models import N

from netphase.inverse_ising.inference import weights_of
from netphase.inverse_ising.references import references


def test_references_come_from_three_bands_of_energy(law, exact):
    _, ensemble = law
    weights, known = references(exact, ensemble, 4)
    assert weights.shape == (3, 4, N) and set(np.unique(weights)) == {-1, 1}
    high, medium, low = known.reference_energy.values
    assert high.min() >= medium.max() > medium.min() >= low.max()
    trials = known.trial.values
    assert np.array_equal(weights, weights_of(ensemble, "full")[trials])
    _, few = references(exact.isel(trial=slice(5)), ensemble.isel(trial=slice(5)), 4)
    assert "few_references" in json.loads(few.attrs["flags"])
