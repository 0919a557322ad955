"""The space of weights: closed forms of independent weights, whatever road leads there."""

import json

import numpy as np
import pytest
from weight_models import LAYERS, N, independent, inputs, model

from netphase.errors import InputError
from netphase.inverse_ising.inference import weights_of
from netphase.inverse_ising.landscapes import entropy_bound
from netphase.inverse_ising.weight_space import (
    compare_triples,
    explore,
    find_states,
    integrate_parts,
    references,
    rename_units,
    sweep_by_chains,
    trace_iso_energy,
)
from netphase.streams import stream
from netphase.weights.networks import Engine


@pytest.fixture(scope="module")
def law():
    return independent()


@pytest.fixture(scope="module")
def exact(law):
    """The model of independent weights with the true fields."""
    h, ensemble = law
    return model(ensemble, h=h)


def closed_form(h, reference, x):
    """d and s of independent weights in a field towards a reference."""
    m = np.tanh(h + np.multiply.outer(x, reference))
    return (1 - m @ reference / len(h)) / 2, entropy_bound((1 + m) / 2).mean(axis=-1)


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


def test_landscape_of_independent_weights(law, exact):
    h, ensemble = law
    found = explore(exact, ensemble, n_references=2, n_fields=13)
    weights, _ = references(exact, ensemble, 2)
    assert found.d.shape == (3, 2, 2, 13) and found.converged.all()
    for band in range(3):
        for k in range(2):
            d, s = closed_form(h, weights[band, k], found.x.values)
            here = found.isel(band=band, reference=k)
            np.testing.assert_allclose(here.d, [d, d], atol=1e-9)
            np.testing.assert_allclose(here.s, [s, s], atol=1e-9)
    assert float(found.area.max()) < 1e-9 and np.isnan(found["first"]).all()


def test_iso_energy_keeps_the_energy(law, exact):
    h, ensemble = law
    found = trace_iso_energy(exact, ensemble, n_references=1, n_fields=5).isel(reference=0)
    weights, _ = references(exact, ensemble, 1)
    known = np.isfinite(found.beta.values)
    assert known.any()
    for x, beta in zip(found.x.values[known], found.beta.values[known], strict=True):
        energy = -h @ np.tanh(beta * h + x * weights[2, 0]) / N
        assert energy == pytest.approx(float(found.reference_energy), abs=1e-3)
    d, s = closed_form(h, weights[2, 0], found.x.values)
    np.testing.assert_allclose(found.free_d, d, atol=1e-9)
    np.testing.assert_allclose(found.free_s, s, atol=1e-9)


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


def test_entropy_of_the_whole_and_of_parts(law, exact):
    h, ensemble = law
    found = integrate_parts(exact, ensemble, stream("parts"), n_parts=3, options={})
    truth = entropy_bound((1 + np.tanh(h)) / 2).mean()
    assert found.sizes["part"] == 4
    assert float(found.entropy[0]) == pytest.approx(truth, abs=4 * float(found.entropy_se[0]))
    assert float(found.bethe_entropy[0]) == pytest.approx(truth, abs=1e-9)
    np.testing.assert_allclose(found.entropy[1:], truth, atol=0.02)


def test_sweeps_by_chains_agree_with_the_closed_form(law, exact):
    h, ensemble = law
    found = sweep_by_chains(exact, ensemble, stream("sweep"), n_references=1, n_fields=5)
    weights, _ = references(exact, ensemble, 1)
    for band in range(3):
        d, _ = closed_form(h, weights[band, 0], found.x.values)
        np.testing.assert_allclose(found.d[band, 0], [d, d], atol=0.01)
    assert float(found.largest.max()) < 0.02
    assert max(float(found.straight), float(found.flipped)) < 0.01


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


def test_random_names_free_the_weights(law):
    """Random names leave a network what it computes, and take from its weights what they knew."""
    _, ensemble = law
    options = {"ratios": [0, 0.5], "label": 1, "options": {}}
    found = rename_units(ensemble, inputs(), "closed_form", stream("names"), **options)
    assert found.ratio.values.tolist() == [0, 0.5, 1]
    entropy = found.entropy.sel(block="left_boundary")
    assert float(entropy[2] - entropy[0]) > 4 * float(
        np.hypot(*found.entropy_se.sel(block="left_boundary", ratio=[0, 1]))
    )
    assert set(found.block.values) == {"left_boundary", "interior", "right_boundary", "full"}


def test_a_class_without_images_is_refused(law):
    _, ensemble = law
    with pytest.raises(InputError, match=r"renaming\.class: no test image has the class 9"):
        rename_units(
            ensemble, inputs(), "closed_form", stream("names"), ratios=[0], label=9, options={}
        )
