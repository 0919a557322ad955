"""Widths from which deep networks surpass the shallow one: known crossings and their intervals."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netphase.statistics.intervals import N_COPIES, Z_975
from netphase.streams import stream
from netphase.weights.depth_crossing import compare, first_crossing

WIDTHS = np.array([1.0, 2.0, 5.0, 10.0, 20.0])


@given(st.floats(-5, 30), st.floats(1e-3, 10))
def test_a_straight_lead_crosses_at_its_zero(zero, slope):
    found = first_crossing(WIDTHS, slope * (WIDTHS - zero))
    if WIDTHS[0] <= zero < WIDTHS[-1]:
        assert found == pytest.approx(zero, abs=1e-9)
    else:
        assert np.isnan(found)
    assert np.isnan(first_crossing(WIDTHS, slope * (zero - WIDTHS)))


def test_the_first_of_several_crossings_counts_in_every_row():
    lead = np.array([[-1, 1, -3, 1, 1], [-1, -1, -1, -1, 1], [1, 1, 1, 1, 1]])
    np.testing.assert_allclose(first_crossing(WIDTHS, lead), [1.5, 15, np.nan])


def made(accuracy):
    """Networks of (widths, repeats), the shallow ones first."""
    return [
        xr.Dataset(
            {
                name: (("width", "repeat", "step"), np.stack([0 * row, row], axis=1)[np.newaxis])
                for name in ("mean_accuracy", "best_accuracy")
            },
            {"width": [width], "repeat": range(len(row)), "step": [1, 100]},
        )
        for width, row in zip((0, *WIDTHS.astype(int)), accuracy, strict=True)
    ]


def test_crossing_of_known_accuracies_and_its_interval():
    shallow, deep = np.full((1, 40), 0.72), 0.5 + 0.02 * WIDTHS[:, np.newaxis] + np.zeros((5, 40))
    exact = compare(made(np.concatenate([shallow, deep]))[::-1], stream("test"))
    for name in ("crossing", "crossing_low", "crossing_high"):
        assert float(exact[name]) == pytest.approx(11)
    assert exact.crossing_share == 1 and exact["width"].values.tolist() == [0, 1, 2, 5, 10, 20]

    noise = stream("noise").normal(0, 0.02, (6, 40))
    noisy = compare(made(np.concatenate([shallow, deep]) + noise), stream("test"))
    assert noisy.crossing_low < noisy.crossing < noisy.crossing_high
    # The lead rises by 0.02 a unit, and its error is that of a mean of 40 (between two widths less
    # for the deep networks).
    error = np.sqrt(1 + (0.9**2 + 0.1**2)) * 0.02 / np.sqrt(40) / 0.02
    half = float(noisy.crossing_high - noisy.crossing_low) / 2
    assert half == pytest.approx(Z_975 * error, rel=0.3)


@pytest.mark.parametrize("level", [0.1, 0.95])
def test_without_a_crossing_there_is_no_interval(level):
    deep = 0.5 + 0.02 * WIDTHS[:, np.newaxis] + np.zeros((5, 3))
    found = compare(made(np.concatenate([np.full((1, 3), level), deep])), stream("test"))
    assert found.crossing_share == 0
    assert all(np.isnan(found[f"crossing{end}"]) for end in ("", "_low", "_high"))


def test_a_crossing_of_few_copies_has_no_interval():
    deep = 0.5 + 0.02 * WIDTHS[:, np.newaxis] + stream("noise").normal(0, 0.1, (5, 4))
    shallow = np.full((1, 4), deep.mean(axis=1).max() - 1e-3)
    found = compare(made(np.concatenate([shallow, deep])), stream("test"))
    assert np.isfinite(found.crossing) and 1 / N_COPIES < found.crossing_share < 0.95
    assert np.isnan(found.crossing_low)
