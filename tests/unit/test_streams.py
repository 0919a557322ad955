"""Named streams: the same name gives the same draws, any other name gives independent ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netphase.streams import stream

names = st.fixed_dictionaries(
    {"dataset": st.sampled_from(["digits", "mnist"]), "step": st.integers(-1, 5)}
)


@given(names, names)
def test_a_stream_is_a_function_of_its_name_alone(first, second):
    draws = [stream("noise", **name).integers(2**63, size=4) for name in (first, second)]
    assert np.array_equal(*draws) == (first == second)


def test_order_of_coordinates_and_integer_type_do_not_matter():
    a = stream("noise", step=3, realisation=1).random(3)
    b = stream("noise", realisation=1, step=3).random(3)
    assert np.array_equal(a, b)


def test_purposes_are_independent():
    n = 100_000
    a, b = (stream(purpose, realisation=0).standard_normal(n) for purpose in ("noise", "init"))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(n)
