"""The figures of Ising models on hyperbolic tilings."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullFormatter

from netphase.figures.style import (
    BLUE,
    GREEN,
    GREY,
    PAGE,
    STYLE,
    VERMILLION,
    draw_intervals,
    looks,
    shared_legend,
)
from netphase.hyperbolic.critical_point import MEAN_FIELD_BINDER
from netphase.scaling.crossings import CROSSING
from netphase.statistics.intervals import Z_975

TEMPERATURE = "temperature $T$ in $J/k_\\mathrm{B}$"
DOWN = "#F0E442"
EDGE_POINTS = 6


@mpl.rc_context(STYLE)
def tiling_transition(found: xr.Dataset, corners: xr.Dataset) -> Figure:
    """Cumulants, extrapolation to T_c, T_c by smallest surface, and the powers of N at T_c.

    Parameters
    ----------
    found : of `netphase.hyperbolic.critical_point.locate`
    corners : of `netphase.hyperbolic.corner_lattices.grow_corners`
    """
    figure = Figure((PAGE, 5.8))
    (cumulants, way), (places, powers) = figure.subplots(2, 2)
    chosen = found.sel(smallest=found.quoted)
    reference = np.nan
    if found.attrs["q"] == 4 and found.attrs["p"] in corners.p:
        reference = float(corners.t_c.sel(p=found.attrs["p"]))

    sizes = found["size"].values
    for size, (shade, marker, dash) in zip(sizes, looks(sizes.size), strict=True):
        one = found.sel(size=size)
        cumulants.errorbar(
            one.temperature.values, one.binder.values, np.nan_to_num(Z_975 * one.binder_se.values),
            color=shade, marker=marker, linestyle=dash, linewidth=0.8, markersize=3.2,
            elinewidth=0.8, label=f"$N$ = {size:,}",
        )  # fmt: skip
    cumulants.axhline(MEAN_FIELD_BINDER, color=GREY, linewidth=0.8, linestyle=":")
    cumulants.axvspan(
        float(chosen.t_c_low), float(chosen.t_c_high), color=GREEN, alpha=0.2, linewidth=0,
        label="$T_c$ by crossings",
    )  # fmt: skip
    cumulants.set(
        xlabel=TEMPERATURE,
        ylabel="Binder cumulant $U_4$",
        xlim=tuple(found.temperature.values[[0, -1]]),
    )
    cumulants.set_title(f"$\\{{{found.attrs['p']}, {found.attrs['q']}\\}}$, spins at the vertices")

    _draw_way(way, found, chosen)
    _draw_places(places, found)
    _draw_powers(powers, chosen)
    for ax, line in ((cumulants, "axvline"), (way, "axhline"), (places, "axvline")):
        if np.isfinite(reference):
            getattr(ax, line)(
                reference, color=VERMILLION, linewidth=0.9, linestyle=":",
                label="$T_c$ by corner transfer matrices",
            )  # fmt: skip
    shared_legend(figure, (cumulants,), ncols=4)
    return figure


def _draw_way(ax, found, chosen):
    """Crossings against (N M)^(-1/2) and levels against 1 / N, with their straight lines."""
    x = (found.pair_small.astype(float) * found.pair_large).values ** -0.5
    crossed = (found.pair_status == CROSSING).values
    used = crossed & (found.pair_small >= found.quoted).values
    scale = 1e4
    for shown, fill in ((used, BLUE), (crossed & ~used, "white")):
        ax.errorbar(
            scale * x[shown], found.crossing.values[shown],
            Z_975 * found.crossing_se.values[shown], color=BLUE, marker="o", linestyle="",
            markersize=3.5, markerfacecolor=fill, elinewidth=0.8,
            label="crossings of $N$, $M$" if fill == BLUE else None,
        )  # fmt: skip
    known = np.isfinite(found.level_se.values)
    ax.errorbar(
        scale / found["size"].values[known], found.level.values[known],
        Z_975 * found.level_se.values[known], color=VERMILLION, marker="s", linestyle="",
        markersize=3.5, elinewidth=0.8, label=f"$U_4$ = {MEAN_FIELD_BINDER:.3f}",
    )  # fmt: skip
    end = 1.1 * x[used].max()
    for name, colour in (("t_c", BLUE), ("t_level", VERMILLION)):
        t_c, slope = float(chosen[name]), float(chosen[f"{name}_slope"])
        ax.plot([0, scale * end], [t_c, t_c + slope * end], color=colour, linewidth=0.9)
    shown = np.concatenate([found.crossing.values[used], found.level.values[known]])
    margin = 0.15 * np.ptp(shown)
    ax.set(
        xlim=(-0.02 * scale * end, scale * end),
        ylim=(shown.min() - margin, shown.max() + margin),
        xlabel="$10^4 / \\sqrt{NM}$ or $10^4 / N$",
        ylabel="temperature $T$ in $J/k_\\mathrm{B}$",
    )
    ax.legend(loc="best")


def _draw_places(ax, found):
    """T_c by the smallest surface that enters: from crossings, levels and collapse."""
    n = found.sizes["smallest"]
    used = np.ones(n, bool)
    ways = (
        ("t_c", BLUE, 0.22, "crossings"),
        ("t_level", VERMILLION, 0.0, "levels"),
        ("x_c", GREY, -0.22, "collapse"),
    )
    for name, colour, shift, label in ways:
        rows = np.arange(n)[::-1] + shift
        ends = (found[name + end].values for end in ("", "_low", "_high"))
        draw_intervals(ax, rows, *ends, used, color=colour, markersize=3.5, linewidth=0.8)
        ax.plot([], [], color=colour, marker="o", linestyle="", markersize=3.5, label=label)
    ax.set_yticks(np.arange(n)[::-1], [f"{size:,}" for size in found.smallest.values])
    ax.set(
        xlabel="$T_c$ in $J/k_\\mathrm{B}$", ylabel="smallest surface, spins", ylim=(-0.6, n + 0.5)
    )
    ax.set_title(f"tree of the same coordination: {float(found.bethe):.4f}")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.legend(loc="upper left", ncols=3, columnspacing=0.8, handletextpad=0.2)


def _draw_powers(ax, chosen):
    """Quantities at T_c over their values at the largest N, with the mean-field powers."""
    sizes = chosen["size"].values.astype(float)
    # Two powers are the same: one is moved up.
    marks = (
        ("binder_slope", "$-\\mathrm{d}U_4/\\mathrm{d}T$", BLUE, "o", 1),
        ("susceptibility", "$3\\,\\chi$", VERMILLION, "s", 3),
        ("magnetisation", "$\\langle|m|\\rangle$", GREEN, "^", 1),
    )
    for name, symbol, colour, marker, factor in marks:
        law = chosen.sel(quantity=name)
        ax.errorbar(
            sizes, factor * law.relative.values, factor * Z_975 * law.relative_se.values,
            color=colour, marker=marker, linestyle="", markersize=3.5, elinewidth=0.8,
            label=f"{symbol}: {float(law.exponent):.3f} ± {Z_975 * float(law.exponent_se):.3f}",
        )  # fmt: skip
        power = (sizes / sizes[-1]) ** float(law.mean_field)
        ax.plot(sizes, factor * power, color=colour, linewidth=0.8, linestyle="--")
    ax.set(
        xscale="log", yscale="log", xlabel="number of spins $N$",
        ylabel="value at $T_c$ over that of the largest",
    )  # fmt: skip
    ax.set_title("powers of $N$; dashed: mean-field theory")
    ax.legend(loc="lower right", handletextpad=0.3)


@mpl.rc_context(STYLE)
def bulk_and_boundary(
    found: Mapping[str, xr.Dataset], corners: xr.Dataset, disc: xr.Dataset
) -> Figure:
    """Magnetisation of the bulk and of an open disc, layer by layer, and the square lattice.

    One function because its three panels share their marks and one legend.

    Parameters
    ----------
    found : of `netphase.hyperbolic.critical_point.locate`, by tiling
    disc : of `netphase.hyperbolic.disc_ising.simulate_discs`
    """
    figure = Figure((PAGE, 3.9))
    whole, layers, square = figure.subplots(1, 3, width_ratios=(1.5, 1.2, 1))
    p, q = disc.attrs["p"], disc.attrs["q"]
    if q == 4 and p in corners.p:
        known = corners.sel(p=p).isel(states=-1)
        temperature = np.append(known.temperature.values, known.t_c)
        order = np.argsort(temperature)
        m = np.append(np.where(known.temperature < known.t_c, known.m, 0), 0)
        whole.plot(temperature[order], m[order], color="black", label="bulk, corners")
        whole.axvline(float(known.t_c), color="black", linewidth=0.8, linestyle=":")
    marks = (
        ("free", "magnetisation", BLUE, "o", "free boundary: disc"),
        ("free", "centre", BLUE, "s", "free: centre"),
        ("fixed", "magnetisation", VERMILLION, "o", "fixed boundary: disc"),
        ("fixed", "centre", VERMILLION, "s", "fixed: centre"),
    )
    for boundary, name, colour, marker, label in marks:
        one = disc.sel(boundary=boundary)
        whole.errorbar(
            one.temperature.values, one[name].values, np.nan_to_num(Z_975 * one[f"{name}_se"]),
            color=colour, marker=marker, markersize=3.2, linewidth=0.8, elinewidth=0.8,
            markerfacecolor=colour if name == "magnetisation" else "white", label=label,
        )  # fmt: skip
    for one in found.values():
        if (one.attrs["p"], one.attrs["q"]) == (p, q):
            last = one.isel(size=-1)
            whole.plot(
                last.temperature.values, last.magnetisation.values, color=GREEN, linewidth=2.2,
                label=f"surface, {int(last['size']):,} spins",
            )  # fmt: skip
    whole.set(
        xlabel=TEMPERATURE,
        ylabel="magnetisation per spin",
        ylim=(0, 1.03),
        xlim=(0.9 * disc.temperature.min(), None),
    )
    whole.set_title(f"$\\{{{p}, {q}\\}}$")

    shown = disc.temperature.values[np.linspace(0, disc.sizes["temperature"] - 1, 5).astype(int)]
    for temperature, (shade, marker, dash) in zip(shown, looks(shown.size), strict=True):
        one = disc.sel(boundary="fixed", temperature=temperature)
        layers.plot(
            disc.layer.values, one.profile.values, color=shade, marker=marker, markersize=3.2,
            linestyle=dash, linewidth=0.8, label=f"$T$ = {temperature:g}",
        )  # fmt: skip
    layers.set(xlabel="layer, steps from the centre", ylim=(0, 1.03))
    layers.set_title("layers, fixed boundary")

    t = np.linspace(float(corners.square_temperature.min()), 2.3, 400)
    exact = np.maximum(1 - np.sinh(2 / t) ** -4, 0) ** 0.125
    square.plot(t, exact, color=VERMILLION, label="exact")
    square.plot(
        corners.square_temperature.values, corners.square_m.values, color="black", marker="o",
        linestyle="", markersize=3.5, markerfacecolor="white", label="corners",
    )  # fmt: skip
    square.set(xlabel="$T$ in $J/k_\\mathrm{B}$", ylim=(0, 1.03))
    square.set_title("square lattice")
    square.legend(loc="lower left")
    shared_legend(figure, (whole, layers), ncols=4)
    return figure


@mpl.rc_context(STYLE)
def poincare_discs(disc: xr.Dataset, corners: xr.Dataset) -> Figure:
    """Spins of both discs at three temperatures: the lowest, that nearest to T_c, the highest.

    Parameters
    ----------
    disc : of `netphase.hyperbolic.disc_ising.simulate_discs`
    """
    temperatures = disc.temperature.values
    critical = 0.5 * (temperatures[0] + temperatures[-1])
    if disc.attrs["q"] == 4 and disc.attrs["p"] in corners.p:
        critical = float(corners.t_c.sel(p=disc.attrs["p"]))
    shown = temperatures[[0, np.abs(temperatures - critical).argmin(), -1]]
    figure = Figure((PAGE, 5.1))
    axes = figure.subplots(2, 3)
    cells = _geodesic(disc.x.values + 1j * disc.y.values)
    for row, (boundary, word) in zip(axes, (("free", "free"), ("fixed", "up")), strict=True):
        for ax, temperature in zip(row, shown, strict=True):
            spins = disc.spins.sel(boundary=boundary, temperature=temperature).values
            _draw_cells(ax, cells, spins)
            ax.set_title(
                f"$T$ = {temperature:g} $J/k_\\mathrm{{B}}$, boundary {word}\n"
                f"$m$ = {spins.mean():+.2f}"
            )
    figure.legend(
        handles=[Patch(color=BLUE, label="spin up"), Patch(color=DOWN, label="spin down")],
        loc="outside lower center", ncols=2,
    )  # fmt: skip
    return figure


@mpl.rc_context(STYLE)
def universes(gravity: xr.Dataset) -> Figure:
    """Area and wall in discrete gravity against the coupling, and three configurations.

    Parameters
    ----------
    gravity : of `netphase.hyperbolic.gravity.simulate_universes`
    """
    figure = Figure((PAGE, 4.9))
    above, below = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    area, ratio = above.subplots(1, 2)
    temperatures = gravity.temperature.values
    for t, (shade, marker, dash) in zip(temperatures, looks(temperatures.size), strict=True):
        one = gravity.sel(temperature=t)
        look = {
            "color": shade, "marker": marker, "linestyle": dash, "markersize": 3.2,
            "linewidth": 0.8, "elinewidth": 0.8, "label": f"$T$ = {t:g}",
        }  # fmt: skip
        area.errorbar(one.coupling.values, one.area.values, Z_975 * one.area_se.values, **look)
        spread = np.hypot(one.wall_se / one.wall, one.area_se / one.area)
        quotient = one.wall / one.area
        ratio.errorbar(
            one.coupling.values, quotient.values, Z_975 * (quotient * spread).values, **look
        )
    ratio.axhline(
        gravity.attrs["least_ratio"], color="black", linewidth=0.8, linestyle="--",
        label="least of all areas",
    )  # fmt: skip
    coupling = "coupling of the wall $J_\\mathrm{eff} / J$"
    area.set(xlabel=coupling, ylabel="share of triangles inside", ylim=(-0.03, 1.03))
    ratio.set(xlabel=coupling, ylabel="edges of the wall per triangle inside", yscale="log")
    ratio.set_yticks([0.5, 1, 2, 3], ["0.5", "1", "2", "3"])
    ratio.yaxis.set_minor_formatter(NullFormatter())
    area.legend(loc="lower left")
    ratio.legend(handles=ratio.get_lines()[-1:], loc="center left")

    cells = _geodesic(gravity.x.values + 1j * gravity.y.values)
    shown = np.linspace(0, gravity.sizes["coupling"] - 1, 3).astype(int)
    for ax, place in zip(below.subplots(1, 3), shown, strict=True):
        one = gravity.isel(coupling=place, start=-1, temperature=min(1, temperatures.size - 1))
        _draw_cells(ax, cells, one.spins.values)
        ax.set_title(
            f"$T$ = {float(one.temperature):g}, $J_\\mathrm{{eff}}$ = {float(one.coupling):g} $J$"
        )
    return figure


def _draw_cells(ax, cells, spins):
    """Cells of a disc in the colours of their spins."""
    ax.add_collection(
        PolyCollection(
            cells,
            facecolors=np.where(spins > 0, BLUE, DOWN),
            edgecolors="white",
            linewidths=0.15,
            rasterized=True,
        )
    )
    ax.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02), aspect="equal")
    ax.set_axis_off()


def _geodesic(corners):
    """Outlines (cells, points, 2) with geodesic edges, which are straight in Klein's disc."""
    klein = 2 * corners / (1 + np.abs(corners) ** 2)
    share = np.arange(EDGE_POINTS) / EDGE_POINTS
    step = np.roll(klein, -1, axis=1) - klein
    outline = (klein[..., np.newaxis] + step[..., np.newaxis] * share).reshape(len(corners), -1)
    outline = outline / (1 + np.sqrt(np.maximum(1 - np.abs(outline) ** 2, 0)))
    return np.stack([outline.real, outline.imag], axis=-1)
