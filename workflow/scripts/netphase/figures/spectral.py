"""The figures of analytic continuation: examples, errors, recoverability, exact systems."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from netphase.figures.style import (
    BLUE,
    DASHES,
    GREEN,
    GREY,
    MARKERS,
    PAGE,
    STYLE,
    VERMILLION,
    shared_legend,
)
from netphase.spectral.problems import EXACT
from netphase.spectral.recoverability import FAMILY, METHODS, NETWORK
from netphase.transitions.curves import curve
from netphase.transitions.fits import FITTED

SKY = "#56B4E9"  # of the same palette
LOOKS = {
    "network": (VERMILLION, "network"),
    "consistent_network": (GREEN, "network with $\\chi^2$ in its loss"),
    "maximum_entropy": (BLUE, "maximum entropy, $\\chi^2$ kink"),
    "classic_entropy": (SKY, "maximum entropy, most probable $\\alpha$"),
    "truncation": (GREY, "coefficients above the noise, exact"),
}
DRAWN = METHODS[:-1]
PANELS = {
    "wasserstein": "Wasserstein distance in $t$",
    "mse": "mean squared error in $1/t^2$",
    "chi2": "median $\\chi^2 / N_\\tau$",
}
SYSTEMS = {
    "atom": "Hubbard atom",
    "dimer": "Hubbard dimer",
    "chain": "Hubbard chain of six",
    "free_chain": "free electrons",
    "ssh": "dimerised chain",
}
PER_CLASS = 2
OMEGA, DENSITY = "frequency $\\omega / t$", "density $A(\\omega)\\,t$"


@mpl.rc_context(STYLE)
def examples(inversions: xr.Dataset, found: xr.Dataset) -> Figure:
    """Some random densities of each class, and their inversions by each method.

    Parameters
    ----------
    inversions : of `netphase.spectral.recoverability.join`
    found : of `netphase.spectral.recoverability.locate`
    """
    data = _quoted(inversions, found)
    names = found.class_name.values
    figure = Figure((PAGE, 4.2))
    axes = figure.subplots(PER_CLASS, len(names), sharex=True, sharey="col")
    for column, name in zip(axes.T, names, strict=True):
        cases = np.flatnonzero(data.class_name.values == name)[:PER_CLASS]
        for ax, case in zip(column, cases, strict=True):
            _draw_case(ax, data.isel(case=case))
        column[0].set_title(f"{name}\n{column[0].get_title()}")
        column[-1].set(xlabel=OMEGA)
    for ax in axes[:, 0]:
        ax.set(ylabel=DENSITY)
    shared_legend(figure, axes.flat, ncols=3)
    return figure


@mpl.rc_context(STYLE)
def exact_systems(inversions: xr.Dataset, found: xr.Dataset) -> Figure:
    """Densities of exactly solved systems and their inversions; arguments as of `examples`."""
    data = _quoted(inversions, found)
    cases = np.flatnonzero(data.class_name.values == EXACT)
    figure = Figure((PAGE, 4.2))
    axes = figure.subplots(2, -(-len(cases) // 2), sharex=True)
    for ax, case in zip(axes.flat, cases, strict=False):
        one = data.isel(case=case)
        _draw_case(ax, one)
        ax.set_title(f"{SYSTEMS[str(one.system.values)]}\n{ax.get_title()}")
        ax.set(xlabel=OMEGA)
        ax.xaxis.set_tick_params(labelbottom=True)
    for ax in axes.flat[len(cases) :]:
        ax.set_axis_off()
    for ax in axes[:, 0]:
        ax.set(ylabel=DENSITY)
    shared_legend(figure, axes.flat[: len(cases)], ncols=3)
    return figure


@mpl.rc_context(STYLE)
def comparison(found: xr.Dataset) -> Figure:
    """Errors of the methods class by class, with 95 % intervals of the bootstrap."""
    figure = Figure((PAGE, 2.9))
    axes = figure.subplots(1, len(PANELS))
    names = found.class_name.values
    for ax, (measure, label) in zip(axes, PANELS.items(), strict=True):
        for number, method in enumerate(DRAWN):
            part = found.sel(solver=method, measure=measure)
            middle, low, high = (part[f"value{end}"].values for end in ("", "_low", "_high"))
            colour, name = LOOKS[method]
            ax.errorbar(
                np.arange(names.size) + 0.18 * (number - 1.5), middle,
                [middle - low, high - middle], color=colour, marker=MARKERS[number],
                linestyle="none", label=name,
            )  # fmt: skip
        ax.set_xticks(range(names.size), names, rotation=20)
        ax.set_xlim(-0.5, names.size - 0.5)
        ax.set(ylabel=label, yscale="log")
    axes[-1].axhline(1, color="black", linewidth=0.7, linestyle=":")
    shared_legend(figure, axes, ncols=2)
    return figure


@mpl.rc_context(STYLE)
def recoverability(found: xr.Dataset) -> Figure:
    """Share of recovered densities against the noise, and its transition point by times."""
    names = found.class_name.values
    figure = Figure((PAGE, 5.2))
    axes = figure.subplots(2, names.size, sharey="row")
    sigma = found.sigma.values
    fine = np.geomspace(sigma.min(), sigma.max(), 300)
    largest = found.isel(times=-1)
    for (top, bottom), name in zip(axes.T, names, strict=True):
        for number, method in enumerate(METHODS):
            colour, label = LOOKS[method]
            part = largest.sel(solver=method, class_name=name)
            share = part.recovered / found.n_cases
            top.plot(
                sigma, share.mean("realisation"), MARKERS[number], color=colour, label=label,
                markersize=3.5,
            )  # fmt: skip
            if int(part.status) == FITTED:
                fit = [float(part[key]) for key in ("plateau", "floor", "centre", "slope")]
                top.plot(fine, curve(FAMILY, np.log(fine), *fit), color=colour, linewidth=1)
            _draw_transition(bottom, found.sel(solver=method, class_name=name), number)
        top.set(xscale="log", ylim=(-0.04, 1.04), xlabel="noise $\\sigma$")
        top.set_title(name)
        bottom.set(xscale="log", yscale="log", xlabel="imaginary times $N_\\tau$")
        bottom.set_xticks(found.times.values, [str(n) for n in found.times.values])
        bottom.set_xlim(found.times.values.min() / 1.2, found.times.values.max() * 1.2)
        bottom.set_ylim(sigma.min(), sigma.max())
        bottom.minorticks_off()
    within = f"share within {found.attrs['threshold']:g}, $N_\\tau$ = {int(largest.times)}"
    axes[0, 0].set(ylabel=within)
    axes[1, 0].set(ylabel="transition point $\\sigma_c$")
    shared_legend(figure, axes[0], ncols=2)
    return figure


def _draw_transition(ax, part, number):
    times = part.times.values * 1.03 ** (number - 2)
    good = (part.status == FITTED).values
    middle, low, high = (part[f"sigma_c{end}"].values for end in ("", "_low", "_high"))
    # An end that the data do not bound is drawn to the edge of the levels.
    low = np.maximum(np.nan_to_num(low, nan=0), part.sigma.values.min())
    high = np.minimum(np.nan_to_num(high, nan=np.inf, posinf=np.inf), part.sigma.values.max())
    ax.errorbar(
        times[good], middle[good], np.maximum([(middle - low)[good], (high - middle)[good]], 0),
        color=LOOKS[METHODS[number]][0], marker=MARKERS[number], linestyle=DASHES[0], linewidth=0.8,
        markersize=3.5,
    )  # fmt: skip


def _quoted(inversions, found):
    quoted = {"times": found.attrs["quoted_times"], "level": found.attrs["quoted_level"]}
    return inversions.sel(**quoted).isel(realisation=0)


def _draw_case(ax, case):
    omega = case.omega.values
    ax.fill_between(omega, case.truth, color=GREY, alpha=0.3, linewidth=0, label="exact")
    for method in DRAWN:
        colour, label = LOOKS[method]
        dash = DASHES[DRAWN.index(method)]
        density = case.density.sel(solver=method)
        ax.plot(omega, density, linestyle=dash, color=colour, linewidth=1.1, label=label)
    ends = (case.chi2.sel(solver=method).item() for method in (NETWORK, "maximum_entropy"))
    ax.set_title("$\\chi^2/N_\\tau$ = {:.3g}, {:.2g}".format(*ends))
    ax.set(ylim=(0, None))
    ax.yaxis.set_major_locator(MaxNLocator(4))
