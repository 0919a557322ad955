"""The figures of hyperbolic tilings show the results, on the page and nothing twice."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from tiling_data import corners, disc, found, gravity

from netphase.figures import style
from netphase.figures.hyperbolic import (
    bulk_and_boundary,
    poincare_discs,
    tiling_transition,
    universes,
)
from netphase.figures.style import BLUE


def transition():
    return tiling_transition(found(), corners())


def magnetisations():
    return bulk_and_boundary({"flat": found()}, corners(), disc())


def discs():
    return poincare_discs(disc(), corners())


def gravities():
    return universes(gravity())


def drawn(ax):
    """Points of all lines and error bars of a panel."""
    return [np.array(line.get_data()).T for line in ax.get_lines()]


def test_transition_shows_the_numbers():
    cumulants, way, places, powers = transition().axes
    one = found()
    curves = [container.lines[0].get_ydata() for container in cumulants.containers]
    np.testing.assert_array_equal(curves, one.binder.values)
    chosen = one.sel(smallest=one.quoted)
    ends = [line[0] for line in drawn(way) if line.shape == (2, 2) and line[0, 0] == 0]
    assert {round(end[1], 9) for end in ends} >= {
        round(float(chosen[name]), 9) for name in ("t_c", "t_level")
    }
    shown = np.concatenate([line[:, 0] for line in drawn(places) if len(line)])
    assert set(one.t_c.values) <= set(shown)
    labels = " ".join(powers.get_legend_handles_labels()[1])
    assert all(f"{float(law):.3f}" in labels for law in chosen.exponent)
    lines = [line[:, 1] for line in drawn(powers)]
    for name, factor in (("binder_slope", 1), ("susceptibility", 3), ("magnetisation", 1)):
        known = factor * chosen.relative.sel(quantity=name)
        assert any(np.array_equal(line, known) for line in lines)


def test_magnetisations_show_the_numbers():
    whole, layers, square = magnetisations().axes
    points = [line[:, 1].tolist() for line in drawn(whole)]
    for boundary in ("free", "fixed"):
        known = disc().sel(boundary=boundary).magnetisation.values.tolist()
        assert any(np.array_equal(known, line, equal_nan=True) for line in points)
    profile = disc().sel(boundary="fixed", temperature=3.3).profile.values
    assert any(np.array_equal(line[:, 1], profile) for line in drawn(layers))
    assert any(np.array_equal(line[:, 1], corners().square_m) for line in drawn(square))


def test_discs_have_the_colours_of_their_spins():
    panels = discs().axes
    assert len(panels) == 6
    temperatures = [1.5, 2.8, 3.3]
    for k, ax in enumerate(panels):
        (cells,) = (part for part in ax.collections if isinstance(part, PolyCollection))
        up = np.all(cells.get_facecolor() == to_rgba(BLUE), axis=1)
        spins = disc().spins.sel(
            boundary=("free", "fixed")[k // 3], temperature=temperatures[k % 3]
        )
        np.testing.assert_array_equal(up, spins > 0)
        assert f"$T$ = {temperatures[k % 3]:g} " in ax.get_title()
        outline = np.concatenate([path.vertices for path in cells.get_paths()])
        assert np.hypot(*outline.T).max() < 1


def test_universes_show_the_numbers():
    area, ratio, *pictures = gravities().axes
    assert len(pictures) == 3
    lines = [line[:, 1] for line in drawn(area)]
    for temperature in gravity().temperature.values:
        known = gravity().area.sel(temperature=temperature).values
        assert any(np.array_equal(known, line, equal_nan=True) for line in lines)
    bound = gravity().attrs["least_ratio"]
    measured = np.concatenate([line[:, 1] for line in drawn(ratio) if len(line) > 2])
    assert np.nanmin(measured) > bound
    for ax, coupling in zip(pictures, gravity().coupling.values, strict=True):
        (cells,) = (part for part in ax.collections if isinstance(part, PolyCollection))
        up = np.all(cells.get_facecolor() == to_rgba(BLUE), axis=1)
        spins = gravity().spins.sel(coupling=coupling, temperature=0.3, start="disc")
        np.testing.assert_array_equal(up, spins > 0)


@pytest.mark.parametrize("draw", [transition, magnetisations, discs, gravities])
def test_everything_written_lies_on_the_page_and_nothing_twice(draw, tmp_path):
    figure = draw()
    with mpl.rc_context(style.STYLE):
        figure.draw_without_rendering()
    width, height = figure.get_size_inches() * figure.dpi
    assert figure.get_size_inches()[0] == style.PAGE
    legends = [ax.get_legend() for ax in figure.axes if ax.get_legend()] + figure.legends
    for ax in figure.axes:
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
            box = text.get_window_extent()
            on_page = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
            assert on_page or not text.get_text(), text
    for legend in legends:
        box = legend.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
    pair = [[tmp_path / f"{k}.{suffix}" for suffix in ("svg", "png")] for k in "ab"]
    for paths in pair:
        style.save(draw(), *paths)
    assert [path.read_bytes() for path in pair[0]] == [path.read_bytes() for path in pair[1]]
