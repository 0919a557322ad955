"""The figures of networks trained clean and tested noisy.

Curves over the diffusion steps, level sets, widths of the transition, and crossings.
"""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from netphase.figures.style import (
    BLUE,
    GREEN,
    GREY,
    KAPPA_LABEL,
    PAGE,
    STYLE,
    VERMILLION,
    draw_intervals,
    looks,
    shared_legend,
    size_label,
    size_name,
)
from netphase.findings.papers import SEIDLER_ABEL_2025
from netphase.runs.ladders import ladders, noised_test
from netphase.runs.statistics import flat_floor
from netphase.scaling.crossings import CROSSING
from netphase.statistics.binomial import binomial_half_width
from netphase.statistics.intervals import Z_975
from netphase.transitions.curves import convert
from netphase.transitions.normalisation import normalise
from netphase.transitions.widths import LEVELS, crossings

PAPER = {claim["quantity"]: claim["paper"] for claim in SEIDLER_ABEL_2025}
PAPER_STEP, PAPER_GAMMA = PAPER["crossing_step"], PAPER["width_exponent"]
COORDINATES = {
    "ln_kappa": "width in $\\ln\\,\\kappa$",
    "t": "width in steps $t$",
    "log2_t": "width in $\\log_2 t$",
    "beta": "width in $\\beta$",
}


@mpl.rc_context(STYLE)
def steps(runs: xr.Dataset) -> Figure:
    """Accuracy of all sizes against the diffusion step, and an inset around the paper's crossing.

    Points are means over the realisations; bars, of 95 %, are binomial.
    """
    runs = noised_test(runs).sortby("step")
    panels = ladders(runs)
    figure = Figure((PAGE, 0.5 + 3.2 * len(panels)))
    axes = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for ax, (name, ladder) in zip(axes, panels.items(), strict=True):
        inset = ax.inset_axes((0.62, 0.5, 0.37, 0.48))
        mean = ladder.accuracy.mean("realisation")
        n = int(ladder.n_samples) * ladder.sizes["realisation"]
        error = binomial_half_width(mean, n)
        sizes = ladder["size"].values
        for size, (shade, marker, dash) in zip(sizes, looks(sizes.size), strict=True):
            for place, width in ((ax, 1.0), (inset, 0.8)):
                place.errorbar(
                    ladder.step.values, mean.sel(size=size).values, error.sel(size=size).values,
                    color=shade, marker=marker, linestyle=dash, linewidth=width, markersize=3,
                    elinewidth=0.7, capsize=0, label=size_label(size),
                )  # fmt: skip
        for place in (ax, inset):
            place.axvline(PAPER_STEP, color=VERMILLION, linewidth=0.8, linestyle=":")
            place.axhline(1 / int(runs.n_classes), color=GREY, linewidth=0.8, linestyle=":")
        near = ladder.step.values[np.abs(ladder.step.values - PAPER_STEP) <= 350]
        if near.size:
            inset.set_xlim(near.min() - 20, near.max() + 20)
            highest = float((mean + error).sel(step=near).max())
            inset.set_ylim(0, 1.05 * highest)
        inset.tick_params(labelsize=7)
        ax.set(ylabel="test accuracy" + (f", {name}" if name else ""), ylim=(0, None))
        ax.indicate_inset_zoom(inset, edgecolor=GREY)
    axes[-1].set_xlabel(f"diffusion step $t$ (dotted: $t_c$ = {PAPER_STEP} of the paper; chance)")
    shared_legend(figure, axes, ncols=8)
    return figure


@mpl.rc_context(STYLE)
def level_sets(runs: xr.Dataset) -> Figure:
    """Construction of the width from level sets, on the curves of the smallest and largest size.

    The curves are normalised mean accuracies; each double arrow is one width in ln(kappa).
    """
    test = noised_test(runs).sortby("kappa")
    panels = ladders(test)
    figure = Figure((PAGE, 0.5 + 2.6 * len(panels)))
    axes = figure.subplots(len(panels), 2, sharex=True, sharey=True, squeeze=False)
    u = np.log(test.kappa.values)
    for row, (name, ladder) in zip(axes, panels.items(), strict=True):
        for ax, rung in zip(row, (0, -1), strict=True):
            one = ladder.isel(size=rung)
            accuracy = one.accuracy.transpose("realisation", "step")
            floor, _ = flat_floor(test.kappa.values, accuracy.values.T, int(one.n_samples))
            mean = accuracy.mean("realisation").values
            curve = normalise(mean, "chance_plateau", mean[0], floor)
            ax.plot(test.kappa, curve, color=BLUE, marker="o", markersize=3, linewidth=1)
            for pair, colour in zip(LEVELS["A"], looks(len(LEVELS["A"])), strict=True):
                (ends, _) = crossings(u, curve, np.array(pair))
                ax.hlines(pair, test.kappa.min(), np.exp(ends), color=colour[0], linewidth=0.7)
                ax.vlines(np.exp(ends), 0, pair, color=colour[0], linewidth=0.7)
                if np.isfinite(ends).all():
                    middle = np.exp(ends.mean())
                    ax.annotate(
                        "", (np.exp(ends[1]), pair[1]), (np.exp(ends[0]), pair[1]),
                        arrowprops={"arrowstyle": "<->", "color": colour[0], "linewidth": 0.8},
                    )  # fmt: skip
                    ax.text(
                        middle, pair[1] + 0.01, f"{ends[1] - ends[0]:.2f}", color=colour[0],
                        ha="center", va="bottom", fontsize=7,
                    )  # fmt: skip
            title = f"{int(one['size']):,} {size_name(test)}" + (f", {name}" if name else "")
            ax.set_title(title)
            ax.set(xscale="log", xlabel=KAPPA_LABEL)
        row[0].set(ylabel="normalised accuracy", ylim=(-0.03, 1.08))
    return figure


@mpl.rc_context(STYLE)
def widths(table: pd.DataFrame, name: str) -> Figure:
    """Widths against size in every coordinate, for every pair of level sets, double logarithmic.

    Parameters
    ----------
    table : of `netphase.scaling.sensitivity.width_table`, one data set
    name : unit of the sizes, for the axis
    """
    table = table[table.width.notna()]
    table = table[(table["shape"] == "chance_plateau") | (table.estimator == "seed_fit")]
    figure = Figure((PAGE, 5.2))
    axes = figure.subplots(2, 2, sharex=True)
    pairs = LEVELS["A"] + LEVELS["B"]
    shades = [look[0] for look in looks(len(pairs))]
    for ax, (coordinate, label) in zip(axes.flat, COORDINATES.items(), strict=True):
        rows = table[(table.coordinate == coordinate) & (table.estimator == "mean_levels")]
        for pair, shade in zip(pairs, shades, strict=True):
            own = rows[(rows.upper == pair[0]) & (rows.lower == pair[1])]
            for ladder, part in own.groupby("ladder"):
                part = part.sort_values("size")
                bars = part.width * (np.exp(Z_975 * part.log_width_se.fillna(0)) - 1)
                ax.errorbar(
                    part["size"].values, part.width.values, bars.values, color=shade, marker="o",
                    markersize=3, linewidth=0.8, elinewidth=0.7, capsize=0,
                    linestyle="-" if ladder == rows.ladder.iloc[0] else "--",
                    label=f"{pair[0]:.3g} / {pair[1]:.3g}",
                )  # fmt: skip
        if len(rows):
            sizes = np.array([rows["size"].min(), rows["size"].max()], float)
            first = rows[(rows.upper == 0.9) & (rows["size"] == rows["size"].min())].width
            if len(first):
                law = float(first.iloc[0]) * (sizes / sizes[0]) ** -PAPER_GAMMA
                ax.plot(
                    sizes, law, color=VERMILLION, linestyle=":", linewidth=1.2,
                    label=f"slope of the paper, $-${PAPER_GAMMA}",
                )  # fmt: skip
        else:
            # Such as those of a single realisation.
            ax.text(0.5, 0.5, "no width with an error", ha="center", transform=ax.transAxes)
        ax.set(xscale="log", yscale="log", ylabel=label)
    for ax in axes[-1]:
        ax.set_xlabel(name)
        sizes = sorted(table["size"].unique())
        if sizes:
            ax.set_xlim(sizes[0] / 1.6, sizes[-1] * 1.6)
        ax.set_xticks(sizes, map(size_label, sizes))
        ax.xaxis.set_minor_locator(NullLocator())
    shared_legend(figure, axes.flat, ncols=5)
    return figure


@mpl.rc_context(STYLE)
def pairwise(found: xr.Dataset, schedule: Mapping) -> Figure:
    """Crossings of the curves of every two sizes, raw and normalised, as diffusion steps.

    Bars are 95 % intervals of the bootstrap; hollow points lie at the floor, where all curves meet,
    or have no interval. The band is the common value.

    Parameters
    ----------
    found : crossings of `netphase.scaling.universality.collapse_curves`, one data set
    schedule : noise schedule of the study
    """
    titles = {"raw": "raw accuracy", "normalised": "normalised accuracy"}
    n = found.sizes["pair"]
    figure = Figure((PAGE, 0.3 + (0.9 + 0.2 * n) * found.sizes["ladder"]))
    axes = figure.subplots(found.sizes["ladder"], 2, sharex=True, sharey=True, squeeze=False)
    labels = [" and ".join(size_label(int(s)) for s in p.split(":")) for p in found.pair.values]
    for row, name in zip(axes, found.ladder.values, strict=True):
        for ax, (curve, title) in zip(row, titles.items(), strict=True):
            one = found.sel(ladder=name, curve=curve)
            _draw_crossings(ax, one, schedule)
            verdict = one.verdict.attrs["flag_meanings"].split()[int(one.verdict)]
            place = f", {name}" if name else ""
            ax.set_title(f"{title}{place}: {verdict.replace('_', ' ')}")
        row[0].set_yticks(np.arange(n)[::-1], labels)
    label = f"diffusion step $t$ of the crossing (dotted: {PAPER_STEP} of the paper)"
    figure.supxlabel(label, fontsize=8.5)
    return figure


def _draw_crossings(ax, one, schedule):
    rows = np.arange(one.sizes["pair"])[::-1]
    value, low, high = (
        convert(one[f"crossing{end}"].values, "ln_kappa", "t", schedule)
        for end in ("", "_low", "_high")
    )
    look = {"color": BLUE, "markersize": 4, "linewidth": 1}
    draw_intervals(ax, rows, value, low, high, one.status.values == CROSSING, **look)
    ax.axvline(PAPER_STEP, color=VERMILLION, linewidth=0.8, linestyle=":")
    if np.isfinite(one.common):
        ends = float(one.common) + Z_975 * float(one.common_se) * np.array([-1, 1])
        ax.axvspan(*convert(ends, "ln_kappa", "t", schedule), color=GREEN, alpha=0.2, linewidth=0)
