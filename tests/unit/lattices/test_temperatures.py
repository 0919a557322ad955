"""Temperatures as integers: exact for every multiple of 1e-4, refused for any other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netphase.lattices.temperatures import LEVELS_PER_UNIT, levels


@given(st.lists(st.integers(1, 100_000), unique=True))
def test_every_multiple_has_its_level(whole):
    assert levels([level / LEVELS_PER_UNIT for level in whole]) == whole
    assert levels([float(f"{level}e-4") for level in whole]) == whole


@pytest.mark.parametrize(
    ("temperatures", "said"),
    [([2.26918], "2.26918 is no multiple of 0.0001"), ([2.3, 2.1 + 0.2], "occurs twice")],
)
def test_others_and_duplicates_are_refused(temperatures, said):
    with pytest.raises(ValueError, match=said):
        levels(temperatures)
