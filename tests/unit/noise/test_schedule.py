"""The noise schedule: published values, exact arithmetic, limits."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netphase.noise.schedule import CLEAN_STEP, levels

DDPM = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}


def test_kappa_table_of_the_paper_grid():
    expected = [0.0100, 0.6251, 1.5867, 3.8992, 11.623, 45.667, 241.80, 1731.5, 16783, 2.2033e5]
    kappa = [level.kappa for level in levels(range(0, 3001, 300), **DDPM)]
    np.testing.assert_allclose(kappa, [*expected, 3.9200e6], rtol=6e-5)


def test_linspace_gives_the_kappa_printed_in_the_figures():
    kappa = [level.kappa for level in levels([1500, 1700, 2000], **DDPM, beta_grid="linspace")]
    assert [round(value) for value in kappa] == [46, 134, 871]


@pytest.mark.parametrize("step", [0, 1, 7, 40])
def test_correctly_rounded_against_rational_arithmetic(step):
    product = Fraction(1)
    for s in range(step + 1):
        product *= 1 - (Fraction(1, 10000) + (Fraction(1, 50) - Fraction(1, 10000)) * s / 3000)
    (level,) = levels([step], **DDPM)
    assert level.alpha_bar == float(product)
    squared = (1 - product) / product
    # kappa is the nearest float to the root: half a spacing either way brackets the square.
    half = Fraction(np.spacing(level.kappa)) / 2
    assert (Fraction(level.kappa) - half) ** 2 <= squared <= (Fraction(level.kappa) + half) ** 2


def test_exclusive_product_is_the_inclusive_one_a_step_earlier():
    inclusive = levels(range(-1, 50), **DDPM)
    exclusive = levels(range(0, 51), **DDPM, alpha_bar_inclusive=False)
    assert [a.alpha_bar for a in inclusive] == [b.alpha_bar for b in exclusive]


def test_the_form_without_roots_squares_signal_noise_and_kappa():
    steps = [CLEAN_STEP, 0, 549, 1234, 2030]
    pairs = zip(levels(steps, **DDPM), levels(steps, **DDPM, form="literal_eq5"), strict=True)
    for ddpm, literal in pairs:
        assert (ddpm.step, ddpm.alpha_bar) == (literal.step, literal.alpha_bar)
        for name in ("signal", "noise", "kappa"):
            assert getattr(literal, name) == pytest.approx(getattr(ddpm, name) ** 2, rel=1e-15)


def test_clean_step_is_the_empty_product():
    (level,) = levels([CLEAN_STEP], **DDPM)
    assert (level.alpha_bar, level.kappa, level.signal, level.noise) == (1, 0, 1, 0)


@given(
    st.floats(1e-6, 0.01), st.floats(0.01, 0.5), st.integers(2, 200), st.sampled_from([True, False])
)
def test_power_is_conserved_and_kappa_grows(first, last, n_steps, inclusive):
    result = levels(
        range(n_steps + 1),
        beta_first=first,
        beta_last=last,
        n_steps=n_steps,
        alpha_bar_inclusive=inclusive,
    )
    for level in result:
        assert level.signal**2 + level.noise**2 == pytest.approx(1, rel=1e-15)
    kappa = [level.kappa for level in result]
    assert all(a < b for a, b in zip(kappa, kappa[1:], strict=False))


@pytest.mark.parametrize(("grid", "last"), [("formula", 3000), ("linspace", 2999)])
def test_steps_outside_the_schedule_are_refused(grid, last):
    levels([last], **DDPM, beta_grid=grid)
    for step in (last + 1, -2):
        with pytest.raises(ValueError, match=f"step {step} "):
            levels([step], **DDPM, beta_grid=grid)
