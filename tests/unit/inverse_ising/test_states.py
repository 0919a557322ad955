"""Independent weights have one state, which chains find at once."""

import numpy as np
import pytest
from weight_models import LAYERS, N, inputs, model

from netphase.inverse_ising.references import references
from netphase.inverse_ising.states import find_states
from netphase.streams import stream
from netphase.weights.networks import Engine


def test_independent_weights_have_one_state_and_forget_at_once(law, exact):
    h, ensemble = law
    options = {"n_references": 5, "starts": 20, "sweeps": 30, "scored": 50, "variant": "corrected"}
    found = find_states(exact, ensemble, inputs(), stream("states"), **options)
    assert int(found.states) == 1 and found.arrived.all()
    np.testing.assert_allclose(found.free_energy, -np.log(2 * np.cosh(h)).mean(), atol=1e-9)
    assert np.all(found.overlap[0] == 1)
    expected = (references(exact, ensemble, 5)[0][2] @ np.tanh(h) / N).mean()
    assert float(found.overlap[1:].mean()) == pytest.approx(expected, abs=0.05)
    test = inputs().isel(sample=inputs().split.values == 1).isel(sample=slice(50))
    weights = references(exact, ensemble, 5)[0][2]
    engine = Engine(LAYERS, 16)
    right = engine.accuracy(weights, test.input.values, test.label.values)
    np.testing.assert_allclose(found.accuracy[0], right)
    half = model(ensemble, "interior")
    assert "accuracy" not in find_states(half, ensemble, inputs(), stream("states"), **options)
