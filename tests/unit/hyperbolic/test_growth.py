"""Sizes of discs of hyperbolic tilings: known counts, and refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netphase.errors import InputError
from netphase.hyperbolic.growth import check_prime, shell_sizes

COUNTS = {
    (7, 3): {5: 232, 8: 4264, 10: 29261, 12: 200593, 15: 3599597, 16: 9423877},
    (5, 4): {10: 20901},
    (3, 7): {14: 2833},
}
CASES = [(*tiling, *count) for tiling, counts in COUNTS.items() for count in counts.items()]
GOLDEN = (1 + 5**0.5) / 2


@pytest.mark.parametrize(("p", "q", "layers", "cells"), CASES)
def test_known_counts(p, q, layers, cells):
    assert sum(shell_sizes(p, q, layers)) == cells


def test_heptagons_grow_by_the_square_of_the_golden_ratio():
    sizes = shell_sizes(7, 3, 40)
    assert sizes[-1] / sizes[-2] == pytest.approx(GOLDEN**2)


@given(st.integers(3, 9), st.integers(3, 40))
def test_large_faces_are_a_tree(p, q):
    if (p - 2) * (q - 2) > 4:
        layers = q // 2 if q % 2 == 0 else q // 2 + 1
        tree = [1] + [p * (p - 1) ** n for n in range(layers - 1)]
        assert shell_sizes(p, q, layers) == tree


@pytest.mark.parametrize(("p", "q"), [(3, 6), (4, 4), (6, 3), (3, 3), (5, 3), (2, 9)])
def test_spheres_and_planes_are_refused(p, q):
    with pytest.raises(InputError, match=rf"\{{{p}, {q}\}} is no hyperbolic tiling"):
        shell_sizes(p, q, 3)


@pytest.mark.parametrize(
    ("prime", "said"), [(9, "odd prime"), (2, "odd prime"), (151, "up to 150")]
)
def test_what_is_no_small_odd_prime_is_refused(prime, said):
    with pytest.raises(InputError, match=said):
        check_prime(7, 3, prime)


def test_primes_without_elements_of_the_orders_are_refused():
    # Macbeath (1969): prime to the first power only for 7 and those that are 1 or -1 mod 7.
    fitting = []
    for prime in (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43):
        try:
            check_prime(7, 3, prime)
        except InputError as error:
            assert str(prime) in str(error)
        else:
            fitting.append(prime)
    assert fitting == [7, 13, 29, 41, 43]
