"""Entropies of independent weights are known; random permutations of units add to them."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import t as student
from weight_models import inputs

from netphase.errors import InputError
from netphase.inverse_ising.entropies import entropy_interval, integrate_parts, rename_units
from netphase.inverse_ising.landscapes import entropy_bound
from netphase.streams import stream


def test_entropy_of_the_whole_and_of_parts(law, exact):
    h, ensemble = law
    found = integrate_parts(exact, ensemble, stream("parts"), n_parts=3, options={})
    truth = entropy_bound((1 + np.tanh(h)) / 2).mean()
    assert found.sizes["part"] == 4
    assert float(found.entropy[0]) == pytest.approx(truth, abs=4 * float(found.entropy_se[0]))
    assert float(found.bethe_entropy[0]) == pytest.approx(truth, abs=1e-9)
    np.testing.assert_allclose(found.entropy[1:], truth, atol=0.02)


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


def entropies(values, error):
    values = np.asarray(values, float)
    return xr.Dataset(
        {"entropy": ("part", values), "entropy_se": ("part", np.full(values.size, error))}
    )


def test_without_scatter_the_error_of_the_chains_remains():
    value, low, high = entropy_interval(entropies([0.5, 0.5, 0.5], 0.01))
    assert value == 0.5 and value - low == pytest.approx(high - value)
    assert high - value == pytest.approx(12.706 * 0.01, rel=1e-3)


def test_without_that_error_it_is_students_interval_of_the_parts():
    parts = np.array([0.4, 0.5, 0.55, 0.6])
    value, low, high = entropy_interval(entropies([0.5, *parts], 0.0))
    ends = student.interval(0.95, 3, scale=parts.std(ddof=1) / 2)
    np.testing.assert_allclose([low - value, high - value], ends)
