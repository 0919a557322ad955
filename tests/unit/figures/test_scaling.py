"""The figures of the scaling show the numbers they are given and stay on their page."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pytest
from run_cubes import SCHEDULE, limit_cube, spaced, transition_cube

from netphase.figures import scaling as scaling_figures
from netphase.figures import style
from netphase.information.comparison import compare_limits
from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import ladders
from netphase.scaling import universality
from netphase.scaling.collapse import STATUS
from netphase.scaling.exponents import fit_exponents
from netphase.streams import stream
from netphase.transitions.model_selection import fit_families

SHORT = spaced(0.05, 1700, 14)


def inputs(runs, dataset="digits"):
    """Laws, limits and collapse of one data set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(universality, "N_REPLICAS", 10)
        patch.setattr(universality, "HALF_WIDTHS", np.array([2.0]))
        pooled, single = fit_families(runs, SCHEDULE, families=("hill",))
        laws = fit_exponents(runs, pooled, single)
        collapse = universality.collapse_curves(runs, laws, stream("test"))[0]
        limits = compare_limits(runs, pooled, limit_cube(runs, 8.0, 3.0))
    return tuple(cube.sel(dataset=dataset) for cube in (laws, limits, collapse))


def cube(**changes):
    return transition_cube(**{"realisations": 3, "levels": SHORT} | changes)


DENSE = transition_cube(
    sizes=(2, 8, 32, 128), realisations=5, levels=spaced(0.03, 1700, 90), plateau=0.9
)
TWO = aggregate(
    [cube(), cube(model="wide", sizes=(4, 16, 256), seed=1), cube(dataset="letters", sizes=(4, 8))]
)
STUDIES = {
    "one ladder": (cube(),),
    "dense": (DENSE,),
    "two ladders": (TWO,),
    "the other data set": (TWO, "letters"),
    "one size": (cube(sizes=(8,)),),
    "two sizes": (cube(sizes=(2, 128)),),
    "single": (cube(realisations=1),),
    "chance": (cube(plateau=0.1),),
    "three levels": (cube(levels=SHORT[::5]),),
}
DATA = {name: inputs(*study) for name, study in STUDIES.items()}


@cache
def drawn(name):
    laws, limits, collapse = DATA[name]
    return scaling_figures.scaling(laws, limits), scaling_figures.collapse_map(collapse)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.filterwarnings("error")
def test_figures_stay_on_the_page(name):
    for figure in drawn(name):
        with mpl.rc_context(style.STYLE):
            figure.draw_without_rendering()
            box = figure.get_tightbbox().padded(-0.01)
        for inside in (figure.bbox_inches.fully_containsx, figure.bbox_inches.fully_containsy):
            ends = (box.x0, box.x1) if "x" in inside.__name__ else (box.y0, box.y1)
            assert all(map(inside, ends))


@pytest.mark.parametrize("name", STUDIES)
def test_every_ladder_has_a_row(name):
    laws, _, collapse = DATA[name]
    scaling, together = drawn(name)
    names = list(ladders(laws))
    maps = [
        ax for ax in together.axes if "gamma" in ax.get_xlabel() and "kappa" not in ax.get_xlabel()
    ]
    assert len(scaling.axes) == 2 * len(names) and len(maps) == len(names) == len(ladders(collapse))
    for row, ladder in enumerate(names):
        assert scaling.axes[2 * row].get_ylabel().endswith(ladder)


def test_values_laws_and_limits_are_those_of_the_study():
    laws, limits, _ = DATA["one ladder"]
    for ax, quantity in zip(drawn("one ladder")[0].axes, ("kappa_c", "width"), strict=True):
        one = laws.isel(ladder=0).sel(quantity=quantity)
        points, _, (bars,) = ax.containers[0]
        np.testing.assert_array_equal(points.get_xdata(), one["size"])
        np.testing.assert_array_equal(points.get_ydata(), one.value)
        ends = np.array([bar[:, 1] for bar in bars.get_segments()]).T
        np.testing.assert_allclose(ends, [one.low, one.high])
        lines = {line.get_label(): line for line in ax.get_lines()}
        pure = one.sel(law="pure")
        x, y = lines["power law"].get_data()
        np.testing.assert_allclose(y, np.exp(float(pure.b)) * x ** -float(pure.gamma))
        level = lines["information limit, upper bound"].get_ydata()
        assert np.all(level == limits[quantity].isel(ladder=0).sel(reference="oracle").values)
        assert f"{float(pure.gamma):.3f}" in ax.get_title()
        assert ax.get_xscale() == ax.get_yscale() == "log"


def test_sizes_that_are_left_out_are_hollow():
    laws, limits, _ = DATA["one ladder"]
    laws = laws.copy(deep=True)
    laws["reason"][{"size": 0}] = 1
    ax = scaling_figures.scaling(laws, limits).axes[1]
    used, left_out = (container[0] for container in ax.containers)
    assert list(left_out.get_xdata()) == [2] and left_out.get_markerfacecolor() == "white"
    assert list(used.get_xdata()) == [4, 8, 16, 32, 64, 128]


def test_a_single_realisation_shows_its_profile_interval():
    laws, limits, _ = DATA["single"]
    ax = scaling_figures.scaling(laws, limits).axes[1]
    width = laws.isel(ladder=0).sel(quantity="width")
    segments = np.array([bar[:, 1] for bar in ax.containers[0][2][0].get_segments()]).T
    np.testing.assert_allclose(segments, [width.profile_low, width.profile_high])
    assert "no exponent" in ax.get_title()


def test_collapsed_curves_lie_on_one_another():
    found = DATA["dense"][2].isel(ladder=0).sel(centre="moving")
    figure = drawn("dense")[1]
    assert STATUS[int(found.status)] == "collapsed"
    curves = {line.get_label(): line.get_data() for line in figure.axes[0].get_lines()}
    one, other = (curves[str(size)] for size in (2, 128))
    grid = np.linspace(-3, 3, 30)
    apart = np.interp(grid, *one) - np.interp(grid, *other)
    assert np.abs(apart).max() < 0.08
    raw = np.interp(grid, np.log(found.kappa) - np.log(6), found.accuracy.sel(size=128))
    assert np.abs(np.interp(grid, *one) - raw).max() > 0.15
    title = next(ax.get_title() for ax in figure.axes[1:] if ax.get_title())
    assert f"{float(found.gamma):.3f}" in title and f"{float(found.quality):.2f}" in title


@pytest.mark.parametrize(
    ("name", "reason"), [("one ladder", "too far apart"), ("chance", "too few sizes")]
)
def test_no_collapse_says_why(name, reason):
    figure = drawn(name)[1]
    assert any(reason in ax.get_title() for ax in figure.axes)
