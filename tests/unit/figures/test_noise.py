"""Every figure shows the numbers it is given, stays on its page and is the same twice."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread
from run_cubes import KAPPA, SIZES, cost_cube, limit_cube, run_cube

from netphase.figures import noise, style
from netphase.runs.aggregation import aggregate
from netphase.runs.statistics import summarise
from netphase.scaling.recommendation import recommend
from netphase.streams import stream
from netphase.transitions.sigmoid import fit_transition


def inputs(runs):
    here = {"dataset": "digits"}
    statistics, fits = summarise(runs), fit_transition(runs)
    recommended = recommend(runs, stream("test of figures")).sel(here)
    costs = cost_cube(runs).sel(here)
    limits = limit_cube(runs, kappa_c=3.0, width=1.5).sel(here)
    return runs.sel(here), statistics.sel(here), fits.sel(here), costs, recommended, limits


RUNS, STATISTICS, FITS, COSTS, RECOMMENDED, LIMITS = STUDY = inputs(run_cube(spread=0.01))
TWO_MODELS = inputs(aggregate([run_cube(), run_cube(model="other", seed=1)]))
ONE_RUN = inputs(run_cube(sizes=(2, 128), realisations=1))
AT_CHANCE = inputs(run_cube(sizes=(2,)).map(lambda x: 0 * x + 0.1 if x.dtype == float else x))
PICTURE = np.arange(64).reshape(8, 8)


def all_figures(data):
    runs, statistics, fits, costs, recommended, limits = data
    return {
        "example": noise.example_image(PICTURE, "seven"),
        "noise": noise.noise_levels([(46.0, PICTURE), (134.0, PICTURE), (8.7e4, PICTURE)], "B"),
        "capacity": noise.capacity(statistics),
        "transition": noise.transition(runs, fits, limits),
        "collapse": noise.collapse(statistics),
        "cost": noise.cost(costs),
        "recommendation": noise.recommendation(recommended),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [STUDY, TWO_MODELS, ONE_RUN, AT_CHANCE],
    ids=["study", "two models", "one run", "at chance"],
)
@pytest.mark.filterwarnings("error")
def test_everything_stays_on_the_page_and_no_labels_collide(data):
    for name, figure in all_figures(data).items():
        with mpl.rc_context(style.STYLE):
            figure.draw_without_rendering()
            drawn = figure.get_tightbbox().padded(-0.01)
        assert figure.bbox_inches.fully_containsx(drawn.x0), name
        assert figure.bbox_inches.fully_containsx(drawn.x1), name
        assert figure.bbox_inches.fully_containsy(drawn.y0), name
        assert figure.bbox_inches.fully_containsy(drawn.y1), name
        rows = [[ax.title for ax in figure.axes]]
        rows += [ax.get_xticklabels() for ax in figure.axes if ax.axison]
        for row in rows:
            boxes = [text.get_window_extent() for text in row if text.get_text()]
            assert not any(one.overlaps(other) for one, other in combinations(boxes, 2)), name


def test_files_are_the_same_twice_and_open_anywhere(tmp_path):
    contents = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name, figure in all_figures(STUDY).items():
            svg, png = (tmp_path / folder / f"{name}.{kind}" for kind in ("svg", "png"))
            style.save(figure, svg, png)
            height, width = imread(png).shape[:2]
            np.testing.assert_allclose((width, height), 200 * figure.get_size_inches(), atol=1)
            assert "<text" not in svg.read_text() and "dc:date" not in svg.read_text()
        contents.append({file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()})
    assert contents[0] == contents[1] and len(contents[0]) == 14


def line(ax, label):
    return next(artist for artist in ax.get_lines() if artist.get_label() == label)


def test_capacity_shows_maximum_mean_and_chance():
    ax = noise.capacity(STATISTICS).axes[0]
    test = RUNS.accuracy.sel(split="test", model="mlp")
    best = line(ax, "maximum over realisations and levels")
    np.testing.assert_array_equal(best.get_xdata(), SIZES)
    np.testing.assert_array_equal(best.get_ydata(), test.max(["step", "realisation"]).values)
    mean, _, (bars,) = ax.containers[0]
    means = test.mean("realisation")
    np.testing.assert_allclose(mean.get_ydata(), means.max("step").values)
    smallest = test.sel(size=2)
    sd = smallest.std("realisation", ddof=1)[int(means.sel(size=2).argmax("step"))]
    lower, upper = bars.get_segments()[0][:, 1]
    assert upper - lower == pytest.approx(2 * float(sd))
    assert set(line(ax, "chance, 1/10").get_ydata()) == {0.1}


def test_transition_marks_the_half_point_on_the_fitted_curve():
    figure = noise.transition(RUNS, FITS, LIMITS)
    for ax, size in zip(figure.axes, (2, 128), strict=True):
        fit = FITS.sel(model="mlp", size=size, split="test", curve="mean")
        kappa_c = line(ax, "$\\kappa_c$, test").get_xdata()[0]
        assert kappa_c == fit.kappa_c
        curve = line(ax, "test, sigmoid")
        height = np.interp(np.log(kappa_c), np.log(curve.get_xdata()), curve.get_ydata())
        assert height == pytest.approx(float(fit.plateau + fit.floor) / 2, abs=2e-3)
        mean = RUNS.accuracy.sel(model="mlp", size=size, split="train").mean("realisation")
        np.testing.assert_allclose(line(ax, "train, mean").get_ydata(), mean)
        assert ax.get_title().startswith(f"{size} hidden units")


def test_sets_without_training_images_have_the_upper_bound_alone():
    runs, _, fits, *_, limits = AT_CHANCE
    (ax,) = noise.transition(runs, fits, limits.sel(reference=["oracle"])).axes[:1]
    drawn = {line.get_label() for line in ax.get_lines()}
    assert "information limit, upper bound" in drawn
    assert "posterior over training images" not in drawn


def test_transition_shows_the_information_limits_from_small_to_large_kappa():
    shuffled = LIMITS.isel(step=[3, 0, 10, 1, 2, 9, 8, 7, 6, 5, 4])
    ax = noise.transition(RUNS, FITS, shuffled).axes[1]
    for label, reference in (
        ("information limit, upper bound", "oracle"),
        ("posterior over training images", "kde"),
    ):
        drawn = line(ax, label)
        np.testing.assert_array_equal(drawn.get_xdata(), KAPPA)
        np.testing.assert_array_equal(drawn.get_ydata(), LIMITS.accuracy.sel(reference=reference))


def test_transition_without_a_fit_draws_no_curve():
    runs, _, fits, *_, limits = AT_CHANCE
    ax = noise.transition(runs, fits, limits).axes[0]
    labels = {artist.get_label() for artist in ax.get_lines()}
    assert {"train, mean", "test, mean", "chance, 1/10"} <= labels
    assert not any("sigmoid" in label or "kappa" in label for label in labels)
    assert "no sigmoid" in ax.get_title()


def test_collapse_scales_every_size_to_the_same_height():
    ax = noise.collapse(STATISTICS).axes[0]
    curves = {artist.get_label(): artist.get_ydata() for artist in ax.get_lines()}
    assert list(curves) == [str(size) for size in SIZES]
    for curve in curves.values():
        assert (np.min(curve), np.max(curve)) == (0, 1)
    looks = {(artist.get_marker(), artist.get_color()[:3].tobytes()) for artist in ax.get_lines()}
    assert len(looks) == len(SIZES)


@pytest.mark.parametrize(
    ("factor", "unit", "cell"),
    [(0.1, "seconds", "0.20"), (1, "minutes", "0.033"), (100, "hours", "0.056")],
)
def test_cost_adds_up(factor, unit, cell):
    figure = noise.cost((COSTS * factor).assign_attrs(cpu_model="Some CPU"))
    title = figure.get_suptitle()
    total = factor * sum(SIZES) / 10 * KAPPA.size * 10 / 3600
    assert f"{total:.2g} CPU-hours in total (Some CPU)" in title and f"CPU-{unit}" in title
    assert cell == figure.axes[0].texts[0].get_text()
    assert len(figure.axes[0].texts) == len(SIZES) * KAPPA.size


def test_recommendation_shows_sizes_intervals_and_falls():
    fall_p = RECOMMENDED.fall_p_holm.where(RECOMMENDED.step != 900, 0.01)
    fall_p = fall_p.where(RECOMMENDED.step == 900, 0.5)
    best, sufficient = noise.recommendation(RECOMMENDED.assign(fall_p_holm=fall_p)).axes
    ladder = RECOMMENDED.isel(ladder=0)
    for label, name in (
        ("best mean accuracy", "best"),
        ("smallest within 1 s.e. of it", "one_se"),
    ):
        drawn = line(best, label)
        np.testing.assert_array_equal(drawn.get_ydata(), ladder[name])
        assert np.all(abs(np.log(drawn.get_xdata() / KAPPA)) < 0.3)
        there = ladder[name].notnull().values
        bars = next(bars for bars in best.collections if bars.get_color()[0][:3].tolist() == list(
            mpl.colors.to_rgb(drawn.get_color())))  # fmt: skip
        ends = np.array([bar[:, 1] for bar in bars.get_segments()]).T
        for end, drawn_end in zip(("low", "high"), ends, strict=True):
            np.testing.assert_array_equal(drawn_end, ladder[f"{name}_{end}"].values[there])
    falls = line(best, "accuracy falls with size (p < 0.05)").get_xdata()
    np.testing.assert_array_equal(falls, KAPPA[[3]])
    nowhere = line(best, "no best size: at chance, or not several sizes").get_xdata()
    np.testing.assert_array_equal(nowhere, KAPPA[ladder.best.isnull()])
    labels = [
        artist.get_label() for artist in sufficient.get_lines() if artist.get_label()[0] != "_"
    ]
    assert labels == [f"accuracy {wanted}" for wanted in (0.2, 0.5, 0.7, 0.95)]
    for label in labels:
        sizes = ladder.sufficient.sel(wanted=float(label.split()[1]))
        np.testing.assert_array_equal(line(sufficient, label).get_ydata(), sizes)
    assert best.get_yscale() == best.get_xscale() == "log"


def test_noise_levels_carry_kappa():
    titles = [ax.get_title() for ax in all_figures(ONE_RUN)["noise"].axes]
    assert titles == ["$\\kappa$ = 46", "$\\kappa$ = 134", "$\\kappa$ = $8.70\\times10^{4}$"]


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
def test_images_are_drawn_upright(shape):
    image = np.zeros(shape)
    image[0, 1] = 1
    drawn = noise.example_image(image, "x").axes[0].get_images()[0]
    assert drawn.origin == "upper"
    np.testing.assert_array_equal(drawn.get_array() > 0.5, image > 0.5)
