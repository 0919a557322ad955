"""The figures of small networks show the numbers, and stay readable where there are few."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from netphase.figures import noise, weight_training
from netphase.statistics.intervals import mean_interval
from netphase.streams import stream
from netphase.weights import depth as depths
from netphase.weights import depth_crossing, double_descent, frozen_gap, frozen_interior, loss_peak


def frozen(n_runs):
    rng, arms = stream("test"), list(frozen_interior.ARMS)
    level = np.array([0.8, 0.79, 0.6, 0.7])[:, np.newaxis] * (1 - 0.5 ** np.arange(1, 6))
    runs = [
        xr.Dataset(
            {
                name: (("run", "arm", "epoch"), (level + rng.normal(0, 0.01, (4, 5)))[np.newaxis])
                for name in frozen_interior.ACCURACIES
            },
            {"run": [k], "arm": arms, "epoch": range(1, 6)},
        )
        for k in range(n_runs)
    ]
    return frozen_gap.compare(runs)


def depth(n_repeats, top=0.8):
    rng, widths = stream("test"), (0, 2, 5, 10, 20, 50)
    networks = []
    for width in widths:
        level = top * (1 - np.exp(-width / 5)) if width else 0.7
        values = level * np.array([0.2, 0.6, 1]) + rng.normal(0, 0.01, (1, n_repeats, 3))
        networks.append(
            xr.Dataset(
                {name: (("width", "repeat", "step"), values) for name in depths.ACCURACIES},
                {"width": [width], "repeat": range(n_repeats), "step": [1, 100, 10000]},
            )
        )
    return depth_crossing.compare(networks, stream("copies"))


def descent(n_repeats, kinds=("binary", "real")):
    rng, networks = stream("test"), []
    for kind in kinds:
        for width in (2, 10, 20, 60) if kind == "real" else (2, 10, 20):
            base = {2: 2.0, 10: 8.0, 20: 4.0, 60: 2.0}[width] if kind == "real" else 5 / width
            values = {
                name: (base / 20 if name.endswith("error") else base)
                * (1 if name.startswith("test") else 1e-3)
                * (1 + rng.random(n_repeats))
                for name in double_descent.QUANTITIES
            }
            dims = ("kind", "width", "repeat")
            networks.append(
                xr.Dataset(
                    {name: (dims, one[np.newaxis, np.newaxis]) for name, one in values.items()}
                    | {"alpha": ("width", [width * (width + 30) / 2000])},
                    {"kind": [kind], "width": [width], "repeat": range(n_repeats)},
                    {"n_samples": 2000},
                )
            )
    return loss_peak.compare(networks)


CASES = {
    "frozen": (weight_training.frozen_interior, frozen(5)),
    "frozen, one run": (weight_training.frozen_interior, frozen(1)),
    "depth": (weight_training.depth, depth(4)),
    "depth, one repeat": (weight_training.depth, depth(1)),
    "depth, no crossing": (weight_training.depth, depth(4, top=0.5)),
    "descent": (weight_training.double_descent, descent(3)),
    "descent, one repeat": (weight_training.double_descent, descent(1)),
    "descent, one kind": (weight_training.double_descent, descent(3, ["real"])),
}


def drawn(ax):
    """Curves with error bars by their labels."""
    return {one.get_label(): one.lines[0].get_xydata() for one in ax.containers}


def test_frozen_interior_shows_means_bands_and_the_gap():
    figure, found = weight_training.frozen_interior(frozen(5)), frozen(5)
    for ax, name in zip(figure.axes, frozen_interior.ACCURACIES, strict=True):
        assert len(ax.lines) == len(ax.collections) == 4
        for line, band, arm in zip(ax.lines, ax.collections, found.arm.values, strict=True):
            mean, half = (found[f"{name}_{part}"].sel(arm=arm) for part in ("mean", "half"))
            np.testing.assert_allclose(line.get_ydata(), mean)
            heights = band.get_paths()[0].vertices[:, 1]
            np.testing.assert_allclose(
                (heights.min(), heights.max()), ((mean - half).min(), (mean + half).max())
            )
    gap = found.gap_mean.sel(arm="frozen_interior").values[-1]
    assert f"{100 * gap:.1f} ± " in figure.axes[1].get_title()


def test_depth_shows_every_width_and_the_crossing():
    found = depth(4)
    by_width, by_step = weight_training.depth(found).axes
    mean, _ = mean_interval(found.mean_accuracy.transpose("repeat", "width", "step").values)
    points = drawn(by_width)["two hidden layers"]
    np.testing.assert_allclose(points, np.transpose([found["width"][1:], mean[1:, -1]]))
    assert f"{float(found.crossing):.1f} [" in by_width.get_title()
    curves = drawn(by_step)
    assert list(curves) == ["$n$ = 2", "$n$ = 5", "$n$ = 20", "$n$ = 50", "no hidden layer"]
    np.testing.assert_allclose(curves["no hidden layer"][:, 1], mean[0])
    np.testing.assert_allclose(curves["$n$ = 50"][:, 1], mean[-1])
    assert weight_training.depth(depth(4, top=0.5)).axes[0].get_title() == "no crossing"


def test_double_descent_shows_each_kind_at_its_own_widths():
    found = descent(3)
    figure = weight_training.double_descent(found)
    panels = [[figure.axes[0], figure.axes[2]], [figure.axes[1], figure.axes[3]]]
    for kind, column in zip(("real", "binary"), panels, strict=True):
        for ax, quantity in zip(column, ("cross_entropy", "error"), strict=True):
            for part in ("train", "test"):
                points = drawn(ax)[f"{part} samples"]
                mean = found[f"{part}_{quantity}"].sel(kind=kind).mean("repeat").dropna("width")
                np.testing.assert_allclose(points, np.transpose([mean["width"], mean]))
    assert "peak at $n$ = 10" in figure.axes[0].get_title()
    assert f"and $n$: {-1:.2f}" in figure.axes[1].get_title()
    # Intervals of few repeats end where what they are about ends.
    errors = figure.axes[2].containers[1].lines[2][0].get_segments()
    assert np.min(errors, axis=(0, 1))[1] >= 0


def test_weights_per_sample_stand_above_their_widths():
    found = descent(3)
    figure = weight_training.double_descent(found)
    figure.draw_without_rendering()
    (second,) = figure.axes[0].child_axes
    for width, alpha in zip(found["width"].values, found.alpha.values, strict=True):
        below = figure.axes[0].transData.transform((width, 1))[0]
        assert second.transData.transform((alpha, 0))[0] == pytest.approx(below, abs=0.5)


@pytest.mark.parametrize("case", CASES)
def test_everything_written_lies_on_the_page(case):
    draw, data = CASES[case]
    figure = draw(data)
    with mpl.rc_context(noise.STYLE):
        figure.draw_without_rendering()
    width, height = figure.get_size_inches() * figure.dpi
    assert figure.get_size_inches()[0] == noise.PAGE
    for ax in figure.axes:
        assert "nan" not in ax.get_title()
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
            box = text.get_window_extent()
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text


def test_same_data_same_bytes(tmp_path):
    draw, data = CASES["descent"]
    pair = [[tmp_path / f"{k}.{suffix}" for suffix in ("svg", "png")] for k in "ab"]
    for paths in pair:
        noise.save(draw(data), *paths)
    assert [path.read_bytes() for path in pair[0]] == [path.read_bytes() for path in pair[1]]
