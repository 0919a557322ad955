"""Existence of hyperbolic tilings {p, q} and of their closed surfaces, and growth of shells."""

from netphase.errors import InputError

LARGEST_PRIME = 150
"""Its group has three million elements."""


def check_hyperbolic(p: int, q: int) -> None:
    """Refuse spherical and flat tilings: 1 / p + 1 / q must be below 1 / 2.

    Raises
    ------
    InputError : 1 / p + 1 / q is 1 / 2 or above
    """
    if min(p, q) < 3 or (p - 2) * (q - 2) <= 4:
        raise InputError(f"{{{p}, {q}}} is no hyperbolic tiling: 1/p + 1/q is not below 1/2")


def check_prime(p: int, q: int, prime: int) -> None:
    """Refuse a prime whose group has no elements of the orders p and q.

    PGL(2, l) has those orders that divide l - 1 or l + 1, and l.

    Raises
    ------
    InputError : there are no such elements, or it is not an odd prime up to 150
    """
    if prime < 3 or prime > LARGEST_PRIME or any(prime % k == 0 for k in range(2, prime)):
        raise InputError(f"{prime} is not an odd prime up to {LARGEST_PRIME}")
    for order in (p, q):
        if order != prime and (prime - 1) % order and (prime + 1) % order:
            raise InputError(f"no surface of {{{p}, {q}}} comes of the prime {prime}")


def shell_sizes(p: int, q: int, layers: int) -> list[int]:
    """Exact number of cells 0, 1, ..., layers - 1 steps from the central cell of {p, q}.

    The growth series of a graph of degree p whose faces have q corners is a ratio of palindromic
    polynomials, of degree q / 2 for even q and q - 1 for odd q (Bartholdi & Ceccherini-Silberstein
    2002, Geom. Dedicata 90, 107).

    Raises
    ------
    InputError : {p, q} is not hyperbolic
    """
    check_hyperbolic(p, q)
    half = q // 2
    top, bottom = [2] * (half - 1), [2 - p] * (half - 1)
    if q % 2:
        top, bottom = [*top, 4, *top], [*bottom, 4 - p, *bottom]
    top, bottom = [1, *top, 1], [1, *bottom, 1]
    sizes: list[int] = []
    for n in range(layers):
        reached = sum(b * sizes[n - k] for k, b in enumerate(bottom) if 0 < k <= n)
        sizes.append((top[n] if n < len(top) else 0) - reached)
    return sizes
