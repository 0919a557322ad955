"""The figures of a study of noise: each function draws one and returns it.

Every function takes the data of one data set (no dimension dataset).
"""

import itertools
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from netphase.errors import InputError
from netphase.figures.style import (
    BLUE,
    COLUMN,
    DASHES,
    GREEN,
    GREY,
    KAPPA_LABEL,
    LIMITS,
    PAGE,
    STYLE,
    VERMILLION,
    looks,
    shared_legend,
    size_label,
    size_name,
)
from netphase.runs.cost_tables import total_seconds
from netphase.runs.ladders import ladders
from netphase.transitions.normalisation import normalise_levels
from netphase.transitions.sigmoid import sigmoid

MOST_NUMBERED = 14  # levels side by side that have room for numbers


def example_of(dataset: xr.Dataset, label: int) -> tuple[int, str]:
    """Place of the first image of a class, and the name of that class.

    Raises
    ------
    InputError
        The data set has no image of that class.
    """
    found = np.flatnonzero(dataset.label == label)
    if not found.size:
        raise InputError(f"example.class: the data set has no class {label}; choose another")
    names = dict(zip(dataset.label.flag_values, dataset.label.flag_meanings.split(), strict=True))
    return int(found[0]), names[label]


@mpl.rc_context(STYLE)
def example_image(image, class_name: str) -> Figure:
    """One image (y, x[, channel]) of the data set with the name of its class (Fig. 1)."""
    figure = Figure((0.5 * COLUMN, 0.56 * COLUMN))
    _draw_image(figure.subplots(), image, f"class {class_name}")
    return figure


@mpl.rc_context(STYLE)
def noise_levels(levels: Sequence[tuple[float, np.ndarray]], class_name: str) -> Figure:
    """One image at several noise levels, given as (kappa, image) pairs (Fig. 2)."""
    figure = Figure((PAGE * len(levels) / 4, 2.05))
    figure.suptitle(f"class {class_name}", fontsize=STYLE["axes.titlesize"])
    axes = figure.subplots(1, len(levels), squeeze=False)[0]
    for ax, (kappa, image) in zip(axes, levels, strict=True):
        _draw_image(ax, image, f"$\\kappa$ = {_number(kappa)}")
    return figure


@mpl.rc_context(STYLE)
def capacity(statistics: xr.Dataset) -> Figure:
    """Best test accuracy over the noise levels against system size (after Fig. 3).

    Maximum over realisations and levels, as the paper draws it, and the mean with its standard
    deviation at the level where the mean is highest.
    """
    test = statistics.sel(split="test")
    lines = ladders(test)
    figure = Figure((COLUMN, 2.4 + 0.34 * len(lines)))
    ax = figure.subplots()
    for (name, ladder), dash in zip(lines.items(), itertools.cycle(DASHES), strict=False):
        best = ladder.mean_accuracy.fillna(-1).argmax("step")
        at_best = ladder.isel(step=best)
        sizes, suffix = ladder["size"].values, f", {name}" if name else ""
        ax.plot(
            sizes, ladder.max_accuracy.max("step"), color=BLUE, marker="o", linestyle=dash,
            label=f"maximum over realisations and levels{suffix}",
        )  # fmt: skip
        ax.errorbar(
            sizes, at_best.mean_accuracy.values, at_best.sd_accuracy.fillna(0).values,
            color=VERMILLION, marker="s", markerfacecolor="white", linestyle=dash, linewidth=1,
            label=f"mean ± s.d. at the best level{suffix}",
        )  # fmt: skip
    _draw_chance(ax, test)
    ax.set_xscale("log", base=2)
    ticks = np.unique(np.concatenate([ladder["size"] for ladder in lines.values()]))
    ax.set_xticks(ticks, map(size_label, ticks))
    ax.set(xlabel=size_name(test), ylabel="test accuracy", ylim=(0, 1.03))
    figure.legend(loc="outside upper left")
    return figure


@mpl.rc_context(STYLE)
def transition(runs: xr.Dataset, fits: xr.Dataset, limits: xr.Dataset) -> Figure:
    """Accuracy against kappa for the smallest and the largest size, with sigmoid fits (Fig. 4).

    Each realisation is a faint cross (train) or circle (test), their mean a strong one. Grey lines
    are the information limits of the test accuracy (`netphase.information.posteriors`).
    """
    runs = runs.isel(step=np.flatnonzero(runs.kappa > 0))
    rows = ladders(runs)
    limits = limits.isel(step=np.flatnonzero(limits.kappa > 0)).sortby("kappa")
    fits_of = ladders(fits.sel(curve="mean"))
    figure = Figure((PAGE, 0.55 + 2.5 * len(rows)))
    axes = figure.subplots(len(rows), 2, sharex=True, sharey=True, squeeze=False)
    for row, (name, ladder) in zip(axes, rows.items(), strict=True):
        row[1].set_visible(ladder.sizes["size"] > 1)
        for ax, rung in zip(row[: ladder.sizes["size"]], (0, -1), strict=False):
            points, fit = ladder.isel(size=rung), fits_of[name].isel(size=rung)
            _draw_limits(ax, limits)
            if "train" in runs.split:
                _draw_curve(ax, points, fit, "train", "x", VERMILLION, "--")
            _draw_curve(ax, points, fit, "test", "o", BLUE, "-")
            _draw_half_point(ax, fit.sel(split="test"))
            _draw_chance(ax, runs)
            title = f"{int(points['size']):,} {size_name(runs)}" + (f", {name}" if name else "")
            ax.set_title(f"{title}\n{_outcome(fit.sel(split='test'))}", linespacing=1.4)
        row[0].set(ylabel="accuracy", ylim=(0, 1.05))
    _scale_kappa(axes, runs.kappa)
    shared_legend(figure, axes.flat, ncols=3)
    return figure


@mpl.rc_context(STYLE)
def collapse(statistics: xr.Dataset) -> Figure:
    """Maximum test accuracy over the realisations, scaled to 0..1, of all sizes (Fig. 5)."""
    test = statistics.sel(split="test")
    test = test.isel(step=np.flatnonzero(test.kappa > 0))
    panels = ladders(test)
    figure = Figure((COLUMN * len(panels), 3.1))
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for ax, (name, ladder) in zip(axes[0], panels.items(), strict=True):
        curves = normalise_levels(ladder.max_accuracy, "minmax")
        sizes = curves["size"].values
        for size, (shade, marker, dash) in zip(sizes, looks(sizes.size), strict=True):
            ax.plot(
                curves.kappa, curves.sel(size=size), color=shade, marker=marker, linestyle=dash,
                linewidth=1, markersize=4, markerfacecolor="none", label=size_label(size),
            )  # fmt: skip
        ax.set_title(name)
    axes[0, 0].set(ylabel="normalised test accuracy", ylim=(-0.03, 1.06))
    _scale_kappa(axes, test.kappa)
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4,
        title=size_name(test), columnspacing=1.2,
    )  # fmt: skip
    return figure


@mpl.rc_context(STYLE)
def cost(costs: xr.Dataset) -> Figure:
    """CPU time of every size and noise level, summed over the realisations.

    Trainings shared by all noise levels count in the total only. Many noise levels have
    colours alone.
    """
    panels = ladders(costs, "cpu_seconds")
    heights = [0.4 + 0.25 * panel.sizes["size"] for panel in panels.values()]
    figure = Figure((PAGE, 0.9 + sum(heights)))
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    spent = costs.cpu_seconds.sum("realisation", min_count=1)
    low, high = float(spent.min()), float(spent.max())
    unit, seconds = (
        ("hours", 3600) if high >= 3600 else ("minutes", 60) if high >= 60 else ("seconds", 1)
    )
    norm = LogNorm((low or 1e-9) / seconds, max(high, 1e-8) / seconds)
    numbered = costs.sizes["step"] <= MOST_NUMBERED
    for ax, (name, ladder) in zip(axes, panels.items(), strict=True):
        cells = ladder.cpu_seconds.sum("realisation", min_count=1).transpose("size", "step")
        shades = ax.pcolormesh(
            cells.values / seconds, cmap="cividis", norm=norm, edgecolor="white", linewidth=0.8
        )
        for (i, j), value in np.ndenumerate(cells.values / seconds if numbered else ()):
            if np.isfinite(value):
                ax.text(
                    j + 0.5, i + 0.5, _two_digits(value), ha="center", va="center",
                    color="white" if norm(value) < 0.6 else "black",
                )  # fmt: skip
        ax.set_yticks(np.arange(len(cells)) + 0.5, map(size_label, cells["size"].values))
        shown = np.arange(0, cells.step.size, -(-cells.step.size // MOST_NUMBERED))
        ax.set_xticks(shown + 0.5, [_number(k, 2) for k in cells.kappa.values[shown]])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_ylabel(size_name(costs) + (f", {name}" if name else ""))
        if not numbered:
            figure.colorbar(shades, ax=ax, label=f"CPU-{unit}")
    axes[-1].set_xlabel(KAPPA_LABEL)
    total = f"{float(total_seconds(costs).sum()) / 3600:.2g} CPU-hours in total"
    if "training_seconds" in costs:
        total += f", {float(costs.training_seconds.sum()) / 3600:.2g} of them for training"
    processor = f" ({costs.attrs['cpu_model']})" if "cpu_model" in costs.attrs else ""
    figure.suptitle(
        f"CPU-{unit} of all realisations; {total}{processor}",
        fontsize=STYLE["axes.titlesize"],
        wrap=True,
    )
    return figure


@mpl.rc_context(STYLE)
def recommendation(recommended: xr.Dataset) -> Figure:
    """Best size, and smallest sufficient size, against kappa, with 95 % intervals.

    A line ends where no size reaches the wanted accuracy; a bar without an upper end means that
    no size surely does.
    """
    recommended = recommended.isel(step=np.flatnonzero(recommended.kappa > 0))
    names = recommended.ladder.values[recommended.mean_accuracy.notnull().any(["step", "size"])]
    figure = Figure((PAGE, 0.2 + 3.4 * len(names)))
    axes = figure.subplots(len(names), 2, sharex=True, sharey="row", squeeze=False)
    for row, name in zip(axes, names, strict=True):
        ladder = recommended.sel(ladder=name)
        sizes = ladder["size"].values[ladder.mean_accuracy.notnull().any("step")]
        top = 1.9 * sizes[-1]
        row[0].set_yscale("log", base=2)
        row[0].set(ylabel=size_name(recommended), ylim=(sizes[0] / 1.5, top))
        row[0].set_yticks(sizes, map(size_label, sizes))
        row[0].yaxis.set_minor_locator(NullLocator())
        for shift, quantity, colour, marker, label in (
            (1 / 1.25, "best", BLUE, "o", "best mean accuracy"),
            (1.25, "one_se", VERMILLION, "s", "smallest within 1 s.e. of it"),
        ):
            look = {"color": colour, "marker": marker, "linestyle": "none", "label": label}
            _draw_sizes(row[0], ladder, quantity, top, shift, **look)
        for levels, marker, colour, label in (
            (ladder.fall_p_holm < 0.05, "v", GREEN, "accuracy falls with size (p < 0.05)"),
            (ladder.best.isnull(), "x", GREY, "no best size: at chance, or not several sizes"),
        ):
            kappa = ladder.kappa[levels.values]
            row[0].plot(kappa, 0 * kappa + 1.45 * sizes[-1], marker, color=colour, label=label)
        reached = ladder.isel(wanted=np.flatnonzero(ladder.sufficient.notnull().any("step")))
        # More lines than four would hide one another.
        shown = np.unique(np.linspace(0, max(reached.sizes["wanted"] - 1, 0), 4).round())
        shown = shown[: reached.sizes["wanted"]].astype(int)
        for i, (shade, marker, dash) in enumerate(looks(shown.size)):
            accuracy = reached.isel(wanted=shown[i])
            look = {"color": shade, "marker": marker, "linestyle": dash}
            look["label"] = f"accuracy {float(accuracy.wanted):g}"
            shift = 1.25 ** (i - (shown.size - 1) / 2)
            _draw_sizes(row[1], accuracy, "sufficient", top, shift, **look)
        for ax, title, columns in (
            (row[0], "best size", 1),
            (row[1], "smallest sufficient size", 2),
        ):
            ax.set_title(f"{title}{f', {name}' if name else ''}")
            if ax.get_legend_handles_labels()[0]:
                ax.legend(loc="lower left", bbox_to_anchor=(0, 1.1), ncols=columns)
    _scale_kappa(axes, recommended.kappa)
    return figure


def _draw_image(ax, image, title):
    image = np.asarray(image, float)
    # Noise has long tails: without a cut they would grey out the picture.
    low, high = np.percentile(image, (0.5, 99.5))
    image = np.clip((image - low) / (high - low if high > low else 1), 0, 1)
    ax.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(title)


def _draw_curve(ax, points, fit, split, marker, colour, dash):
    accuracy = points.accuracy.sel(split=split).transpose("step", "realisation")
    look = {"marker": marker, "linestyle": "none", "color": colour, "markerfacecolor": "none"}
    ax.plot(points.kappa, accuracy, **look, markersize=3.5, markeredgewidth=0.6, alpha=0.35)
    mean = accuracy.mean("realisation")
    ax.plot(points.kappa, mean, **look, markersize=5, markeredgewidth=1.2, label=f"{split}, mean")
    fit = fit.sel(split=split)
    if fit.converged:
        kappa = np.geomspace(points.kappa.min(), points.kappa.max(), 400)
        shape = (float(fit[name]) for name in ("plateau", "floor", "kappa_c", "slope"))
        ax.plot(kappa, sigmoid(kappa, *shape), dash, color=colour, label=f"{split}, sigmoid")


def _draw_sizes(ax, ladder, quantity, top, shift, **look):
    """Sizes with their intervals, shifted from kappa where several share a noise level."""
    kappa = shift * ladder.kappa.values
    size, low, high = (ladder[f"{quantity}{end}"].values for end in ("", "_low", "_high"))
    ax.plot(kappa, size, markersize=4, markerfacecolor="white", linewidth=1, **look, zorder=3)
    found = np.isfinite(low)
    colour = look["color"]
    ax.vlines(kappa[found], low[found], np.minimum(high, top)[found], color=colour, linewidth=1)
    capped = np.isfinite(high)
    for end, there in ((low, found), (high, capped)):
        ax.plot(kappa[there], end[there], "_", color=colour, markersize=5)


def _draw_limits(ax, limits):
    """Information limits and chance; sets without training images have no posterior over them."""
    for reference in limits.reference.values[np.isin(limits.reference, list(LIMITS))]:
        dash, label = LIMITS[reference]
        accuracy = limits.accuracy.sel(reference=reference)
        ax.plot(
            limits.kappa, accuracy, color=GREY, linestyle=dash, linewidth=0.9, marker=".",
            markersize=3, label=label,
        )  # fmt: skip


def _draw_half_point(ax, fit):
    if fit.converged:
        ax.axvline(fit.kappa_c, color=GREEN, linewidth=1, linestyle="-.", label="$\\kappa_c$, test")


def _draw_chance(ax, data):
    classes = int(data.n_classes)
    ax.axhline(1 / classes, color=GREY, linewidth=1, linestyle=":", label=f"chance, 1/{classes}")


def _scale_kappa(axes, kappa):
    for ax in axes.flat:
        ax.set(xscale="log", xlim=(kappa.min() / 3, kappa.max() * 3))
        ax.xaxis.set_major_locator(LogLocator(numticks=7))
        ax.xaxis.set_minor_locator(NullLocator())
    for ax in axes[-1]:
        ax.set_xlabel(KAPPA_LABEL)


def _outcome(fit):
    if not fit.converged:
        return "no sigmoid fits the test accuracy"
    centre, width = (
        f"{float(fit[name]):.2f} ± {float(fit[f'{name}_se']):.2f}" for name in ("kappa_c", "width")
    )
    return f"$\\kappa_c$ = {centre}, width = {width}, $R^2$ = {float(fit.r2_points):.3f}"


def _number(value, digits=3):
    """Format a number to some digits, as a power of ten outside 0.001 .. 9999."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if -3 <= int(exponent) <= 3:
        return f"{float(f'{mantissa}e{exponent}'):g}"
    return f"${mantissa}\\times10^{{{int(exponent)}}}$"


def _two_digits(value):
    return f"{value:#.2g}" if value < 1 else f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
