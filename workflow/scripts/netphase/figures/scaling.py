"""The figures of the size scaling: transition point and width against size, and the collapse."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from netphase.figures.style import (
    BLUE,
    GREEN,
    GREY,
    LIMITS,
    PAGE,
    STYLE,
    VERMILLION,
    looks,
    shared_legend,
    size_label,
    size_name,
)
from netphase.runs.ladders import ladders
from netphase.scaling.collapse import STATUS, TOO_COARSE
from netphase.scaling.power_laws import AT_BOUND, FITTED, USED, LawFit, predict

LAWS = {"pure": (VERMILLION, "-", "power law"), "offset": (GREEN, "-.", "power law with a limit")}
PANELS = {"kappa_c": "transition point $\\kappa_c$", "width": "width in $\\ln\\,\\kappa$"}


@mpl.rc_context(STYLE)
def scaling(laws: xr.Dataset, limits: xr.Dataset) -> Figure:
    """kappa_c and width against size with 95 % intervals, their laws, and the information limit.

    Parameters
    ----------
    laws : of `netphase.scaling.exponents.fit_exponents`, one data set
    limits : of `netphase.information.comparison.compare_limits`, the same data set
    """
    rows, reached = ladders(laws), ladders(limits)
    figure = Figure((PAGE, 0.75 + 2.6 * len(rows)))
    axes = figure.subplots(len(rows), 2, sharex=True, squeeze=False)
    for row, (name, ladder) in zip(axes, rows.items(), strict=True):
        for ax, (quantity, label) in zip(row, PANELS.items(), strict=True):
            one = ladder.sel(quantity=quantity)
            _draw_limits(ax, reached[name], quantity)
            _draw_laws(ax, one)
            _draw_values(ax, one)
            ax.set(ylabel=label + (f", {name}" if name else ""), xscale="log", yscale="log")
            _tick(ax.yaxis, ax.get_ylim())
            ax.set_title(_exponent(one))
        sizes = ladder["size"].values
        row[0].set_xscale("log", base=2)
        row[1].set_xscale("log", base=2)
        row[0].set_xticks(sizes, map(size_label, sizes))
    for ax in axes[-1]:
        ax.set_xlabel(size_name(laws))
    shared_legend(figure, axes.flat, ncols=3)
    return figure


@mpl.rc_context(STYLE)
def collapse_map(collapse: xr.Dataset) -> Figure:
    """Normalised curves against the scaled control, and the quality of the collapse over its plane.

    Without a collapse the curves are shifted by their centres only.

    Parameters
    ----------
    collapse : of `netphase.scaling.universality.collapse_curves`, one data set
    """
    rows = ladders(collapse.sel(centre="moving"))
    figure = Figure((PAGE, 0.75 + 2.6 * len(rows)))
    axes = figure.subplots(len(rows), 2, squeeze=False)
    for (left, right), (name, found) in zip(axes, rows.items(), strict=True):
        gamma, x_c = (float(found[name].fillna(0)) for name in ("gamma", "x_c"))
        ratio = found["size"] / found["size"].min()
        scaled = (np.log(found.kappa) - found.line - x_c) * ratio**gamma
        _draw_curves(left, scaled, found.accuracy)
        left.set(ylim=(-0.05, 1.08), ylabel="normalised accuracy" + (f", {name}" if name else ""))
        left.set_xlabel("$(\\ln\\,\\kappa - x_c(N))\\,(N/N_0)^\\gamma$")
        _draw_map(figure, right, found)
        right.set_title(_outcome(found))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper center", ncols=7, title=size_name(collapse),
        columnspacing=1.2,
    )  # fmt: skip
    return figure


def _draw_values(ax, one):
    used = (one.reason == USED).values
    size, value = one["size"].values, one.value.values
    # Where a mean has no error of its own, the interval of the pooled fit stands in.
    ends = [
        np.where(np.isfinite(one[end]), one[end], one[f"profile_{end}"]) for end in ("low", "high")
    ]
    for chosen, face, label in ((used, BLUE, "measured, 95 %"), (~used, "white", "left out")):
        if not np.isfinite(value[chosen]).any():
            continue
        error = np.abs([value[chosen] - ends[0][chosen], ends[1][chosen] - value[chosen]])
        ax.errorbar(
            size[chosen], value[chosen], np.nan_to_num(error), color=BLUE, marker="o",
            markerfacecolor=face, linestyle="none", linewidth=1, label=label, zorder=3,
        )  # fmt: skip


def _draw_laws(ax, one):
    sizes = one["size"].values
    grid = np.geomspace(sizes[0], sizes[-1], 200)
    for law, (colour, dash, label) in LAWS.items():
        fit = one.sel(law=law)
        if int(fit.status) not in (FITTED, AT_BOUND):
            continue
        names = ("b", "gamma") if law == "pure" else ("limit", "amplitude", "gamma")
        parameters = np.array([float(fit[name]) for name in names])
        nothing = np.zeros((parameters.size, parameters.size))
        line = LawFit(law, parameters, nothing, 0.0, 0, 0.0, float(fit.origin), FITTED)
        ax.plot(grid, np.exp(predict(line, grid)[0]), dash, color=colour, linewidth=1, label=label)


def _draw_limits(ax, reached, quantity):
    for reference, (dash, label) in LIMITS.items():
        if reference not in reached.reference.values:
            continue
        value, low, high = (
            float(reached[f"{quantity}{end}"].sel(reference=reference))
            for end in ("", "_low", "_high")
        )
        if np.isfinite(value):
            ax.axhline(value, color=GREY, linestyle=dash, linewidth=1, label=label)
            ax.axhspan(low, high, color=GREY, alpha=0.1, linewidth=0)


def _draw_curves(ax, scaled, curve):
    sizes = curve["size"].values
    for size, (shade, marker, dash) in zip(sizes, looks(sizes.size), strict=True):
        ax.plot(
            scaled.sel(size=size), curve.sel(size=size), color=shade, marker=marker, linestyle=dash,
            linewidth=0.8, markersize=3.5, markerfacecolor="none", label=size_label(size),
        )  # fmt: skip
    ax.axhline(0, color=GREY, linewidth=0.6, linestyle=":")


def _draw_map(figure, ax, found):
    quality = np.where(np.isfinite(found.quality_map), found.quality_map, np.nan)
    if np.isfinite(quality).any():
        norm = LogNorm(np.nanmin(quality), np.nanmax(quality))
        drawn = ax.pcolormesh(
            found.gamma_grid, found.x_c_grid + float(found.x_c_middle), quality, norm=norm,
            cmap="cividis_r", shading="nearest",
        )  # fmt: skip
        figure.colorbar(drawn, ax=ax, label="quality $S$ of the collapse")
    if np.isfinite(found.gamma):
        ax.errorbar(
            float(found.gamma), float(found.x_c), color=VERMILLION, marker="o",
            xerr=_arms(found, "gamma"), yerr=_arms(found, "x_c"),
        )  # fmt: skip
    ax.set(xlabel="$\\gamma$", ylabel="$x_c$ less the centre of each size")


def _arms(found, name):
    value, low, high = (float(found[name + end]) for end in ("", "_low", "_high"))
    return np.nan_to_num(np.abs([[value - low], [high - value]]))


def _outcome(found):
    status = int(found.status)
    if status == TOO_COARSE:
        return (
            f"levels too far apart: straight lines alone\ngive S = "
            f"{float(found.interpolation_quality):.2g}"
        )
    if not np.isfinite(found.quality):
        return f"no collapse: {STATUS[status].replace('_', ' ')}"
    ends = (float(found[f"gamma{end}"]) for end in ("", "_low", "_high"))
    value, low, high = ends
    return (
        f"$S$ = {float(found.quality):.2f}, $\\gamma$ = {value:.3f} [{low:.3f}, {high:.3f}]\n"
        f"({STATUS[status].replace('_', ' ')})"
    )


def _exponent(one):
    pure = one.sel(law="pure")
    if int(pure.status) != FITTED:
        return "no exponent: fewer than three sizes"
    value, low, high = (float(pure[f"gamma{end}"]) for end in ("", "_low", "_high"))
    return f"$\\propto N^{{-\\gamma}}$, $\\gamma$ = {value:.3f} [{low:.3f}, {high:.3f}]"


def _tick(axis, ends):
    """Set a few round ticks: within one decade a logarithmic axis would have none."""
    low, high = ends
    within = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8) if high < 10 * low else (1, 3)
    steps = [m * 10.0**e for e in range(-3, 5) for m in within]
    ticks = [tick for tick in steps if low <= tick <= high]
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_minor_locator(NullLocator())
