"""The table of corner transfer matrices: exact on the square lattice, mean-field beyond."""

import numpy as np
import pytest

from netphase.hyperbolic.corner_lattices import grow_corners


@pytest.fixture(scope="module")
def corners():
    return grow_corners(
        polygons=[5], temperatures=[2.7, 1.5, 2.9], square=[2.0, 1.8], states=[4, 2]
    )


def test_square_lattice_is_exact(corners):
    # Two states more would be too few near T_c; four do here.
    np.testing.assert_allclose(corners.square_m, corners.square_exact, atol=1e-5)
    assert corners.square_temperature.values.tolist() == [1.8, 2.0]


def test_pentagons_have_the_transition_of_mean_field_theory(corners):
    one = corners.sel(p=5)
    assert one.t_c == pytest.approx(2.7991, abs=1e-4)
    for name, exact in (("t_c", float(one.t_c)), ("beta", 0.5)):
        assert one[f"{name}_low"] < exact < one[f"{name}_high"]
    assert float(one.beta_high - one.beta_low) < 0.03


def test_magnetisation_vanishes_at_the_transition(corners):
    m = corners.m.sel(p=5, states=4)
    assert m.sel(temperature=1.5) > m.sel(temperature=2.7) > 0.3
    assert m.sel(temperature=2.9) < 1e-6
    # m^2 = a (T_c - T) near T_c.
    slope = (m.sel(temperature=2.7) ** 2) / (float(corners.t_c[0]) - 2.7)
    assert 1 < float(slope) < 4


def test_everything_is_described(corners):
    assert all({"long_name", "units"} <= set(v.attrs) for v in corners.variables.values())
