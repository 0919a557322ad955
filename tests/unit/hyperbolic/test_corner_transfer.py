"""Corner transfer matrices against Onsager's and Yang's solutions and the Bethe lattice."""

import numpy as np
import pytest

from netphase.errors import InputError
from netphase.hyperbolic.corner_transfer import (
    bethe_temperature,
    critical_temperature,
    magnetisation,
)


@pytest.mark.parametrize("temperature", [1.5, 2.0, 2.1])
def test_square_lattice_has_the_magnetisation_of_yang(temperature):
    exact = (1 - np.sinh(2 / temperature) ** -4) ** (1 / 8)
    found = magnetisation(4, temperature, n_states=20, tolerance=1e-12)
    assert found.m == pytest.approx(exact, abs=1e-7)


def test_square_lattice_is_disordered_above_the_critical_temperature():
    assert magnetisation(4, 2.6, n_states=10, tolerance=1e-12).m == pytest.approx(0, abs=1e-6)


def test_few_states_do_on_a_hyperbolic_lattice():
    few, many = (magnetisation(5, 2.5, n, 1e-12).m for n in (4, 8))
    assert few == pytest.approx(many, abs=1e-6)
    # Cells close loops, which help to order: between the square and the Bethe lattice.
    assert magnetisation(4, 2.2, 20, 1e-10).m < magnetisation(5, 2.2, 4, 1e-10).m < 1


def test_critical_temperature_of_pentagons():
    assert critical_temperature(5, n_states=4) == pytest.approx(2.7991, abs=1e-4)


def test_large_polygons_are_a_bethe_lattice():
    """A p-gon's loop counts by tanh(1 / T)^p, so that T_c approaches that of the tree."""
    gaps = [bethe_temperature(4) - critical_temperature(p, n_states=2) for p in (6, 9, 14)]
    assert gaps[0] > gaps[1] > gaps[2] > 0 and gaps[2] < 1e-3
    assert bethe_temperature(4) == pytest.approx(2 / np.log(2))


def test_what_is_no_such_lattice_is_refused():
    with pytest.raises(InputError, match="p is 3"):
        magnetisation(3, 2.0, 4, 1e-10)
    with pytest.raises(InputError, match="p is 4"):
        critical_temperature(4)
    with pytest.raises(InputError, match="temperature"):
        magnetisation(5, 0.0, 4, 1e-10)
