"""The figure of the calibration shows the results, and stays readable without any."""

import matplotlib as mpl
import numpy as np
import pytest
from lattice_runs import SIZES, TEMPERATURES, lattices
from matplotlib.colors import same_color

from netphase.figures import lattices as lattice_figures
from netphase.figures import style
from netphase.lattices import calibration
from netphase.lattices.calibration import calibrate, onsager_magnetisation
from netphase.lattices.exact import T_C
from netphase.streams import stream


def found(**known):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "N_REPLICAS", 20)
        return calibrate(*lattices(**known), 32, stream("test"))


FULL = found(sizes=(8, *SIZES), temperatures=TEMPERATURES[::2])
NOTHING = {
    "two sizes": found(sizes=(8, 32)),
    "one size": found(sizes=(32,)),
    "one temperature": found(temperatures=[2.27]),
    "all above": found(temperatures=[2.3, 2.4, 2.5], realisations=1),
}


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_panels_show_the_numbers():
    figure = lattice_figures.calibration(FULL)
    cumulants, collapse, crossings, magnetisation = figure.axes
    for ax in (cumulants, crossings, magnetisation):
        assert any(np.array_equal(line.get_xdata(), [T_C, T_C]) for line in ax.get_lines())
    exact = lines(magnetisation)["exact, $L = \\infty$"]
    np.testing.assert_allclose(exact.get_ydata(), onsager_magnetisation(exact.get_xdata()))
    assert exact.get_xdata().max() == pytest.approx(T_C) and exact.get_ydata().min() < 0.05

    drawn = [container.lines[0] for container in collapse.containers]
    one = FULL.sel(smallest=32)
    for line, size in zip(drawn, FULL["size"].values, strict=True):
        x = (FULL.temperature - one.x_c) * (size / 32) ** one.gamma
        np.testing.assert_allclose(line.get_xdata(), x)
        np.testing.assert_allclose(line.get_ydata(), FULL.binder.sel(size=size))
        assert same_color(line.get_markerfacecolor(), "white") == (size < 32)
    assert f"{float(one.nu):.3f}" in collapse.get_title()
    places = np.concatenate([container.lines[0].get_xdata() for container in crossings.containers])
    assert sorted(places) == sorted(FULL.crossing.values[np.isfinite(FULL.crossing)])


@pytest.mark.parametrize("case", NOTHING)
def test_nothing_found_is_said(case):
    figure = lattice_figures.calibration(NOTHING[case])
    cumulants, collapse, *_ = figure.axes
    assert cumulants.get_title().startswith("not calibrated")
    titles = " ".join(ax.get_title() for ax in figure.axes)
    assert "nan" not in titles
    if case != "all above":
        assert collapse.get_title() == "no collapse: too few sizes"


@pytest.mark.parametrize("data", [FULL, *NOTHING.values()], ids=["full", *NOTHING])
def test_everything_written_lies_on_the_page_and_nothing_twice(data, tmp_path):
    figure = lattice_figures.calibration(data)
    with mpl.rc_context(style.STYLE):
        figure.draw_without_rendering()
    width, height = figure.get_size_inches() * figure.dpi
    assert figure.get_size_inches()[0] == style.PAGE
    for ax in figure.axes:
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_yticklabels()):
            box = text.get_window_extent()
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
    pair = [[tmp_path / f"{k}.{suffix}" for suffix in ("svg", "png")] for k in "ab"]
    for paths in pair:
        style.save(lattice_figures.calibration(data), *paths)
    assert [path.read_bytes() for path in pair[0]] == [path.read_bytes() for path in pair[1]]
