"""The figure of the calibration: Ising lattices compared with the exact solution."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from netphase.figures.style import (
    GREY,
    PAGE,
    STYLE,
    VERMILLION,
    draw_intervals,
    looks,
    shared_legend,
)
from netphase.lattices.calibration import onsager_magnetisation
from netphase.lattices.exact import T_C
from netphase.scaling.collapse import STATUS
from netphase.scaling.crossings import VERDICTS
from netphase.statistics.intervals import Z_975

TEMPERATURE = "temperature $T$ in $J/k_\\mathrm{B}$"


@mpl.rc_context(STYLE)
def calibration(found: xr.Dataset) -> Figure:
    """Binder cumulants, their collapse, their crossings, and the magnetisation.

    Parameters
    ----------
    found : of `netphase.lattices.calibration.calibrate`
    """
    figure = Figure((PAGE, 5.6))
    (cumulants, collapse), (crossings, magnetisation) = figure.subplots(2, 2)
    chosen = found.sel(smallest=found.quoted)
    temperature = found.temperature.values

    _draw_curves(cumulants, {int(size): temperature for size in found["size"]}, found, "binder")
    cumulants.set(xlabel=TEMPERATURE, ylabel="Binder cumulant $U_4$")
    cumulants.set_title(_verdict(found))

    gamma, x_c = (
        float(np.nan_to_num(chosen[name], nan=n)) for name, n in (("gamma", 0), ("x_c", T_C))
    )
    scaled = {
        int(size): (temperature - x_c) * float(size / found.quoted) ** gamma
        for size in found["size"]
    }
    _draw_curves(collapse, scaled, found, "binder", hollow_below=int(found.quoted))
    collapse.set(
        xlabel=f"$(T - T_c)\\,(L/{int(found.quoted)})^{{1/\\nu}}$ in $J/k_\\mathrm{{B}}$",
        ylabel="Binder cumulant $U_4$",
    )
    collapse.set_title(_collapse(chosen))

    _draw_crossings(crossings, found, chosen)
    _draw_curves(
        magnetisation, {int(size): temperature for size in found["size"]}, found, "magnetisation"
    )
    # Dense at T_c, where it falls to zero with the power 1/8.
    grid = T_C - max(T_C - temperature[0], 0) * np.linspace(1, 0, 200) ** 8
    infinite = onsager_magnetisation(grid)
    magnetisation.plot(
        grid, infinite, color=VERMILLION, linewidth=1.3, label="exact, $L = \\infty$"
    )
    magnetisation.set(
        xlabel=TEMPERATURE, ylabel="magnetisation $\\langle|m|\\rangle$ per spin", ylim=(0, None)
    )
    for ax in (cumulants, magnetisation):
        ax.axvline(T_C, color=VERMILLION, linewidth=0.8, linestyle=":", label="exact $T_c$")
        ax.xaxis.set_major_locator(MaxNLocator(4))
    shared_legend(figure, (cumulants, magnetisation), ncols=7)
    return figure


def _draw_curves(ax, x, found, name, hollow_below=0):
    """Curve of each size against its x with error bars; open markers below `hollow_below`."""
    for (size, control), (shade, marker, dash) in zip(x.items(), looks(len(x)), strict=True):
        one = found.sel(size=size)
        ax.errorbar(
            control, one[name].values, np.nan_to_num(Z_975 * one[f"{name}_se"].values),
            color=shade, marker=marker, linestyle=dash, linewidth=0.8, markersize=3.2,
            markerfacecolor="white" if size < hollow_below else shade, elinewidth=0.8,
            label=f"$L$ = {size}",
        )  # fmt: skip


def _draw_crossings(ax, found, chosen):
    rows = np.arange(found.sizes["pair"])[::-1]
    ends = (found[f"crossing{end}"].values for end in ("", "_low", "_high"))
    used = (found.pair_small >= found.quoted).values
    draw_intervals(ax, rows, *ends, used, color="black", markersize=3.5, linewidth=0.8)
    if np.isfinite(chosen.common):
        half_width = Z_975 * float(chosen.common_se)
        ax.axvspan(
            float(chosen.common) - half_width, float(chosen.common) + half_width, color=GREY,
            alpha=0.2, linewidth=0,
        )  # fmt: skip
    ax.axvline(T_C, color=VERMILLION, linewidth=0.8, linestyle=":")
    ax.set_yticks(rows, [pair.replace(":", ", ") for pair in found.pair.values])
    ax.set(xlabel=TEMPERATURE, ylabel="lattices $L$ that cross")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_title(_common(chosen))


def _verdict(found):
    said = "calibrated" if found.calibrated else "not calibrated"
    return f"{said}\nexact: $T_c$ = {T_C:.6f}, $\\nu$ = 1"


def _collapse(chosen):
    if not np.isfinite(chosen.gamma):
        return f"no collapse: {STATUS[int(chosen.status)].replace('_', ' ')}"
    t_c, nu = (
        f"{float(chosen[name]):.{digits}f} [{float(chosen[f'{name}_low']):.{digits}f}, "
        f"{float(chosen[f'{name}_high']):.{digits}f}]"
        for name, digits in (("x_c", 4), ("nu", 3))
    )
    return f"$T_c$ = {t_c}\n$\\nu$ = {nu}, $S$ = {float(chosen.quality):.2f}"


def _common(chosen):
    verdict = VERDICTS[int(chosen.crossing_verdict)].replace("_", " ")
    if not np.isfinite(chosen.common):
        return f"crossings: {verdict}"
    error = Z_975 * float(chosen.common_se)
    return f"crossings: {verdict}\n{float(chosen.common):.4f} ± {error:.4f} (95 %)"
