"""Figures of networks trained clean and tested noisy: the given numbers, on the page."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pytest
from run_cubes import SCHEDULE_2025 as SCHEDULE
from run_cubes import scaled, transition_cube

from netphase.figures import efficientnets, style
from netphase.noise import schedule
from netphase.runs.ladders import name_ladders
from netphase.scaling.sensitivity import width_table
from netphase.transitions.curves import convert

LEVELS = schedule.levels(np.unique(np.linspace(0, 3000, 31).astype(int)), **SCHEDULE)
STUDIES = {
    "five sizes": {"sizes": (10_088, 31_797, 98_446, 316_082, 1_000_186)},
    "one size": {"sizes": (10_088,)},
    "single realisation": {"sizes": (10_088, 98_446), "realisations": 1},
    "at chance": {"sizes": (10_088, 98_446), "plateau": 0.1},
}


@cache
def drawn(name):
    """The four figures of a study, with what they show."""
    changes = {"realisations": 3, "kappa_c": 20.0, "width": 40.0} | STUDIES[name]
    runs = name_ladders(transition_cube(levels=LEVELS, **changes), {"mlp": ["fixed_depth"]})
    _, readings, crossings = scaled(runs, n_replicas=20, n_samples=20)
    one, table = runs.sel(dataset="digits"), width_table(readings)
    crossings = crossings.sel(dataset="digits")
    pictures = (
        efficientnets.steps(one),
        efficientnets.level_sets(one),
        efficientnets.widths(table, "trainable parameters"),
        efficientnets.pairwise(crossings, SCHEDULE),
    )
    return pictures, one, table, crossings


@pytest.mark.parametrize("name", STUDIES)
def test_figures_stay_on_the_page(name):
    for figure in drawn(name)[0]:
        with mpl.rc_context(style.STYLE):
            figure.draw_without_rendering()
            box = figure.get_tightbbox().padded(-0.01)
        assert figure.bbox_inches.fully_containsx(box.x0)
        assert figure.bbox_inches.fully_containsx(box.x1)
        assert figure.bbox_inches.fully_containsy(box.y0)
        assert figure.bbox_inches.fully_containsy(box.y1)


def test_curves_over_the_steps_are_the_means():
    (figure, *_), runs, _, _ = drawn("five sizes")
    test = runs.sel(split="test").accuracy.mean("realisation").isel(model=0)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    curves = dict(zip(labels, handles, strict=True))
    for size in test["size"].values:
        x, y = curves[style.size_label(size)].lines[0].get_data()
        np.testing.assert_array_equal(x, [level.step for level in LEVELS])
        np.testing.assert_allclose(y, test.sel(size=size))


def test_widths_are_those_of_the_table():
    (_, _, figure, _), _, table, _ = drawn("five sizes")
    for ax, coordinate in zip(figure.axes, efficientnets.COORDINATES, strict=True):
        handles, labels = ax.get_legend_handles_labels()
        line = dict(zip(labels, handles, strict=True))["0.9 / 0.1"].lines[0]
        rows = table[
            (table.coordinate == coordinate)
            & (table.estimator == "mean_levels")
            & (table["shape"] == "chance_plateau")
            & (table.upper == 0.9)
        ]
        np.testing.assert_allclose(line.get_ydata(), rows.sort_values("size").width)


def test_widths_without_an_error_are_said_to_be_missing():
    table = drawn("five sizes")[2]
    figure = efficientnets.widths(table.iloc[:0], "trainable parameters")
    assert [ax.texts[0].get_text() for ax in figure.axes] == ["no width with an error"] * 4


def test_crossings_are_steps():
    (_, _, _, figure), _, _, crossings = drawn("five sizes")
    one = crossings.isel(ladder=0).sel(curve="normalised")
    sound = one.status.values == 0
    assert sound.any()
    drawn_at = np.sort(figure.axes[1].containers[0].lines[0].get_xdata())
    expected = convert(one.crossing.values[sound], "ln_kappa", "t", SCHEDULE)
    np.testing.assert_allclose(drawn_at, np.sort(expected))
