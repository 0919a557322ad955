"""Differences between readings are recovered where they are known, and none is invented."""

import numpy as np
import pytest
from run_cubes import SCHEDULE, transition_cube

from netphase.figures import readings as figure
from netphase.findings.readings import answer
from netphase.noise import schedule
from netphase.scaling.readings import COLUMNS, compare_readings, mean_interval
from netphase.transitions.curves import convert
from netphase.transitions.model_selection import fit_families

STEPS = [0, *range(100, 1500, 100), 1700, 2000, 2400, 2800]
LITERAL = SCHEDULE | {"form": "literal_eq5"}
SIZES = (4, 16)


def fitted(noise_schedule=SCHEDULE, **changes):
    levels = schedule.levels(STEPS, **noise_schedule)
    cube = transition_cube(sizes=SIZES, levels=levels, gamma=0, plateau=0.97, **changes)
    return fit_families(cube, noise_schedule, ("hill",))[1]


def compared(other, other_schedule=SCHEDULE):
    fits = {"own": fitted(seed=1), "other": other}
    schedules = {"own": SCHEDULE, "other": other_schedule}
    table = compare_readings(fits, schedules, {"own": "default", "other": "another"}, "own")
    assert tuple(table.columns) == COLUMNS and len(table) == 2 * len(SIZES)
    assert table.study.tolist() == ["own", "other"] * len(SIZES)
    return table, table[table.study == "other"]


def test_a_study_does_not_differ_from_itself():
    table, rows = compared(fitted(seed=1))
    assert (rows["shift"] == 0).all() and (rows.width_ratio == 1).all()
    assert not rows.differs.any() and (rows.n_pairs == 10).all()
    np.testing.assert_allclose(table.kappa_c, 6.0, rtol=0.05)
    np.testing.assert_allclose(table.width, 4.0, rtol=0.1)
    step = float(convert(6.0, "kappa", "t", SCHEDULE))
    np.testing.assert_allclose(table.step_c, step, atol=20)
    assert (table.step_c_low < table.step_c).all() and (table.step_c < table.step_c_high).all()


def test_a_known_shift_and_ratio_lie_in_their_intervals():
    _, rows = compared(fitted(seed=2, kappa_c=9.0, width=3.0))
    truth = float(np.diff(convert(np.array([6.0, 9.0]), "kappa", "t", SCHEDULE))[0])
    middle = rows["shift"].mean(), rows.width_ratio.mean()
    assert middle == pytest.approx((truth, 0.75), rel=0.15)
    assert ((rows.shift_low < 1.1 * truth) & (rows.shift_high > 0.9 * truth)).all()
    assert rows.differs.all()


def test_other_draws_of_the_same_curves_rarely_differ():
    differs = [compared(fitted(seed=seed))[1].differs.any() for seed in range(2, 12)]
    assert sum(differs) <= 2


def test_steps_are_read_by_the_form_that_was_drawn():
    """The same accuracies at the same steps: kappa is squared, the step is not moved."""
    _, rows = compared(fitted(LITERAL, seed=1, kappa_c=36.0, width=8.0), LITERAL)
    np.testing.assert_allclose(rows["shift"], 0, atol=1e-3)
    np.testing.assert_allclose(rows.width_ratio, 2, rtol=1e-4)
    np.testing.assert_allclose(rows.kappa_c, 36, rtol=0.1)


def test_what_cannot_be_compared_is_said():
    other = fitted(seed=2)
    other["status"] = other.status * 0 + 1
    table, rows = compared(other)
    assert rows.kappa_c.isna().all() and (rows.n_pairs == 0).all() and not rows.differs.any()
    for entry in answer(table):
        assert entry["shift"] is None and "fewer than two" in entry["sentence"]


def test_answers_carry_the_numbers_of_the_table():
    table, rows = compared(fitted(seed=2, kappa_c=9.0))
    for entry, (_, row) in zip(answer(table), rows.iterrows(), strict=True):
        assert (entry["shift"], entry["width_ratio_low"]) == (row["shift"], row.width_ratio_low)
        assert entry["differs"] and f"{row['shift']:.3g} diffusion steps" in entry["sentence"]


def test_the_interval_is_that_of_student():
    mean, low, high = mean_interval(np.array([1.0, 2.0, 4.0, np.nan]))
    assert mean == pytest.approx(7 / 3)
    half = 4.302653 * np.std([1, 2, 4], ddof=1) / np.sqrt(3)
    assert (low, high) == pytest.approx((mean - half, mean + half), rel=1e-6)
    assert np.isnan(mean_interval(np.array([1.0, np.nan]))).all()


def test_the_figure_has_a_row_for_every_reading_and_size():
    table, _ = compared(fitted(seed=2, kappa_c=9.0))
    drawn = figure.readings(table)
    assert len(drawn.axes) == 2 * len(SIZES)
    labels = [text.get_text() for text in drawn.axes[0].get_yticklabels()]
    assert labels == ["default", "another"]
