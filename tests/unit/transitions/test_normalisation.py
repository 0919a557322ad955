"""Curves scaled to a common height keep their shape only."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netphase.errors import InputError
from netphase.transitions.normalisation import NORMALISATIONS, normalise, normalise_levels


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=11, unique_by=lambda x: round(x, 3)),
    st.floats(0.1, 0.5),
    st.floats(0, 0.5),
)
def test_minmax_spans_0_to_1_and_forgets_scale_and_offset(values, scale, offset):
    y = np.array(values)
    once = normalise(y, "minmax")
    assert (once.min(), once.max()) == (0, 1)
    np.testing.assert_allclose(normalise(scale * y + offset, "minmax"), once, atol=1e-9)
    assert normalise(y, "max_only").max() == 1
    np.testing.assert_array_equal(normalise(y, "none"), y)


def test_closed_forms():
    curve = np.array([[0.9, 0.5, 0.1], [0.6, 0.3, 0.1]])
    np.testing.assert_allclose(normalise(curve, "max_only")[0], [1, 5 / 9, 1 / 9])
    by_plateau = normalise(curve, "chance_plateau", plateau=[0.9, 0.6], floor=0.1)
    np.testing.assert_allclose(by_plateau, [[1, 0.5, 0], [1, 0.4, 0]])
    with_gap = normalise(np.array([0.9, np.nan, 0.1]), "minmax")
    np.testing.assert_array_equal(with_gap, [1, np.nan, 0])


def test_curves_without_height_have_no_values():
    flat = np.full(4, 0.1)
    assert np.isnan(normalise(flat, "minmax")).all()
    assert np.isnan(normalise(flat, "chance_plateau", 0.1, 0.1)).all()


@pytest.mark.parametrize("method", ["zscore", "chance_plateau"])
def test_impossible_normalisations_are_refused(method):
    with pytest.raises(InputError, match=method):
        normalise(np.array([0.9, 0.5, 0.1]), method)
    assert set(NORMALISATIONS) >= {"chance_plateau"} and "zscore" not in NORMALISATIONS


def test_levels_may_stand_anywhere_among_the_dimensions():
    values = np.array([[0.9, 0.6], [0.5, 0.3], [0.1, 0.1]])
    accuracy = xr.DataArray(values, {"step": [0, 1, 2], "size": [2, 4]}, ("step", "size"))
    found = normalise_levels(accuracy, "minmax")
    np.testing.assert_array_equal(found.transpose("size", "step"), normalise(values.T, "minmax"))
