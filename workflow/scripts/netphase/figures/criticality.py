"""Figures of signals in random deep networks: mean field, Gram spectra, cascades, pictures."""

import itertools
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from netphase.criticality.cascades import NAMES
from netphase.criticality.gram_spectra import PHASES
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.figures.style import (
    BLUE,
    GREEN,
    GREY,
    MARKERS,
    PAGE,
    STYLE,
    VERMILLION,
    draw_intervals,
    looks,
    shared_legend,
)
from netphase.statistics.intervals import ENDS

VARIANCE = "weight variance $\\sigma_w^2$"
# Colour-blind safe, and one for each data set or decoder in its order.
COLOURS = (BLUE, VERMILLION, GREEN, GREY)
PHASE_MARKERS = dict(zip(PHASES, "vos", strict=True))
# Variances of the pictures, in units of the critical one.
SHOWN = {"subcritical": 0.6, "critical": 1.0, "supercritical": 2.0}


@mpl.rc_context(STYLE)
def mean_field(signals: xr.Dataset, bias_variance: float) -> Figure:
    """Phase diagram, and the depth of signals by mean field and by spectra.

    Parameters
    ----------
    signals : of `netphase.criticality.signals.join`
    """
    figure = Figure((PAGE, 3.3))
    diagram, depths = figure.subplots(1, 2, width_ratios=(0.8, 1))
    critical = float(signals.critical_weight_variance)
    names = signals.dataset.values
    spread = max(4 * bias_variance, 0.2)
    # Dense at 0, where the line is steep.
    biases = spread * np.linspace(0, 1, 60) ** 3
    line = [critical_weight_variance(bias) for bias in biases]
    top = 1.15 * max(line[-1], critical)
    diagram.plot(biases, line, color="black", label="critical, mean field")
    diagram.fill_between(biases, line, top, color=GREY, alpha=0.15, linewidth=0)
    middle = 0.5 * spread
    at_middle = float(np.interp(middle, biases, line))
    diagram.text(middle, 0.5 * at_middle, "ordered", ha="center")
    diagram.text(middle, 0.5 * (at_middle + top), "chaotic", ha="center", va="center")
    for k, (name, colour) in enumerate(zip(names, itertools.cycle(COLOURS), strict=False)):
        one = signals.sel(dataset=name)
        value, low, high = (float(one[f"critical_{end}"]) for end in ENDS)
        if np.isfinite(value):
            # Side by side, since all have the same variance of the biases.
            place = bias_variance + 0.03 * spread * (k - (len(names) - 1) / 2)
            diagram.errorbar(
                place, value, [[value - low], [high - value]], color=colour, marker="o",
                markersize=3.5, linestyle="none", label=f"spectra, {_title(name)}",
            )  # fmt: skip
    diagram.set(
        xlabel="bias variance $\\sigma_b^2$", ylabel=VARIANCE, xlim=(0, spread), ylim=(0, top)
    )
    diagram.set_title(
        f"critical at $\\sigma_w^2$ = {critical:.3f}, $\\sigma_b^2$ = {bias_variance:g}"
    )
    _draw_depths(depths, signals, bias_variance)
    shared_legend(figure, (diagram, depths), ncols=3)
    return figure


def _draw_depths(ax, signals, bias_variance):
    variances = signals.weight_variance.values
    grid = np.linspace(variances[0], variances[-1], 300)
    depth = np.array([fixed_point(variance, bias_variance).depth_of_c for variance in grid])
    ax.plot(grid, depth, color="black", linewidth=1, label="$\\xi_c$, mean field")
    ax.axvline(float(signals.critical_weight_variance), color="black", linewidth=0.7, linestyle=":")
    names = signals.dataset.values
    for k, (name, colour) in enumerate(zip(names, itertools.cycle(COLOURS), strict=False)):
        one = signals.sel(dataset=name)
        below = (one.phase == PHASES.index("subcritical")).all("realisation").values
        xi = one.xi.transpose("weight_variance", "realisation").values[below]
        shift, middle = 1 + 0.006 * (k - (len(names) - 1) / 2), np.median(xi, axis=1)
        ax.errorbar(
            shift * variances[below], middle, [middle - xi.min(axis=1), xi.max(axis=1) - middle],
            color=colour, marker="o", markersize=3, linestyle="none", linewidth=0.8,
            label=f"$\\xi$ by spectra, {_title(name)}",
        )  # fmt: skip
        counts = [(one.phase == number).mean("realisation").values for number in range(len(PHASES))]
        most = np.argmax(counts, axis=0)
        for number, phase in enumerate(PHASES):
            chosen = variances[most == number]
            height = 0.62 * 0.72**k
            ax.plot(
                chosen, np.full(chosen.shape, height), PHASE_MARKERS[phase], color=colour,
                markersize=3.5, markerfacecolor="white" if phase == "critical" else colour,
                label=phase if k == 0 else None,
            )  # fmt: skip
    ax.set(xlabel=VARIANCE, ylabel="depth $\\xi$ in layers", yscale="log")
    ax.set_ylim(0.38, 400)
    ax.set_title("below: phase by the classifier; bars: least and most")


@mpl.rc_context(STYLE)
def spectra(signals: xr.Dataset) -> Figure:
    """Entropy and gap of the Gram spectra of one data set across the layers of all networks.

    Parameters
    ----------
    signals : of `netphase.criticality.signals.join`, of one data set
    """
    figure = Figure((PAGE, 3.6))
    axes = figure.subplots(1, 2)
    layer, variances = signals.layer.values, signals.weight_variance.values
    end = 1.06 * layer[-1]
    quantities = {
        "entropy": ("entropy $S$ in nat", "entropy_inf"),
        "gap": ("gap $1 - \\lambda_\\mathrm{max}$", "gap_inf"),
    }
    for ax, (name, (label, limit)) in zip(axes, quantities.items(), strict=True):
        mean = signals[name].mean("realisation")
        for variance, (shade, marker, dash) in zip(variances, looks(len(variances)), strict=True):
            one = mean.sel(weight_variance=variance).values
            seen = one > 1e-12 if name == "gap" else np.ones(one.shape, bool)
            ax.plot(
                layer[seen], one[seen], color=shade, linestyle=dash, linewidth=1,
                label=f"{variance:g}",
            )  # fmt: skip
            last = float(signals[limit].sel(weight_variance=variance))
            if last > 1e-12 or name == "entropy":
                ax.plot(end, last, marker, color=shade, markersize=3.5, clip_on=False)
        ax.set(xlabel="layer", ylabel=label, xlim=(0, end))
    axes[1].set_yscale("log")
    axes[0].axhline(float(signals.input_entropy.mean()), color=GREY, linewidth=0.8, linestyle=":")
    axes[0].set_title("dotted: the images; points: $S_\\infty$ of mean field")
    axes[1].set_title(_critical(signals))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside right center", title="$\\sigma_w^2$", handlelength=1.8
    )
    figure.suptitle(_title(signals.dataset.item()), fontsize=STYLE["axes.titlesize"])
    return figure


def _critical(signals):
    value, low, high = (float(signals[f"critical_{end}"]) for end in ENDS)
    exact = f"mean field {float(signals.critical_weight_variance):.3f}"
    if not np.isfinite(value):
        return f"no critical variance by spectra; {exact}"
    return f"critical: {value:.3f} [{low:.3f}, {high:.3f}]; {exact}"


@mpl.rc_context(STYLE)
def cascade(found: xr.Dataset, signals: xr.Dataset) -> Figure:
    """Reconstructions from each layer, errors and best variances of the last one, and cutoffs.

    Parameters
    ----------
    found : of `netphase.criticality.cascades.join`, of one data set
    signals : of `netphase.criticality.signals.join`, of the same
    """
    figure = Figure((PAGE, 5.4))
    maps, below = figure.subplots(2, 3)
    critical = float(signals.critical_weight_variance)
    quoted = found.sel(decoder=found.attrs["quoted"])
    for ax, metric in zip(maps, NAMES, strict=True):
        _draw_map(figure, ax, quoted, metric, critical)
    maps[0].set_ylabel("layer $l$")
    _draw_last(below[0], found, critical)
    _draw_cutoffs(below[1], quoted, signals)
    _draw_optima(below[2], found, critical)
    best = quoted.isel(layer=-1).sel(metric="error")
    value, low, high = (float(best[f"optimum_{end}"]) for end in ENDS)
    figure.suptitle(
        f"{_title(found.dataset.item())}: least error of layer {int(best.layer)} at "
        f"$\\sigma_w^2$ = {value:.2f} [{low:.2f}, {high:.2f}] by {found.attrs['quoted']}; "
        f"critical: {critical:.3f}",
        fontsize=STYLE["axes.titlesize"],
    )
    return figure


def _draw_map(figure, ax, quoted, metric, critical):
    unit = quoted[metric].attrs["units"]
    variances, layer = quoted.weight_variance.values, quoted.layer.values[1:]
    mean = quoted[metric].mean("realisation").transpose("layer", "weight_variance").values[1:]
    middle = (variances[1:] + variances[:-1]) / 2
    edges = np.concatenate([variances[:1], middle, variances[-1:]])
    low, high = mean.min(), mean.max()
    if metric == "differential_entropy":
        # Lost layers, and images whose pixels add up to almost nothing, would take up all shades.
        low, high = np.quantile(mean, (0.25, 0.99))
    shades = ax.pcolormesh(
        edges, np.append(layer - 0.5, layer[-1] + 0.5), mean, cmap="cividis", vmin=low,
        vmax=high, rasterized=True,
    )  # fmt: skip
    figure.colorbar(
        shades, ax=ax, location="top", label=NAMES[metric] + (f" in {unit}" if unit != "1" else ""),
        extend="both" if low > mean.min() else "neither",
    )  # fmt: skip
    ends = [quoted[f"optimum_{end}"].sel(metric=metric).values[1:] for end in ENDS]
    ax.plot(ends[0], layer, color="white", linewidth=1.2)
    for end in ends[1:]:
        ax.plot(end, layer, color="white", linewidth=0.7, linestyle="--")
    ax.axvline(critical, color=VERMILLION, linewidth=1, linestyle=":")
    ax.set(xlabel=VARIANCE, ylim=(0.5, layer[-1] + 0.5))


def _draw_last(ax, found, critical):
    """Error at the last layer by all decoders."""
    for name, look in _decoders(found).items():
        one = found.sel(decoder=name)
        ax.errorbar(
            one.weight_variance, one.last_error_mean, one.last_error_half.fillna(0), linewidth=0.9,
            markersize=3, label=name, **look,
        )  # fmt: skip
    ax.axvline(critical, color="black", linewidth=0.7, linestyle=":")
    ax.set(xlabel=VARIANCE, ylabel=f"mean square error at $l$ = {int(found.layer[-1])}")
    ax.legend(fontsize=6.5, handlelength=1.5)


def _draw_cutoffs(ax, quoted, signals):
    variances = quoted.weight_variance.values
    depth = int(quoted.layer[-1])
    xi = signals.depth_of_c.values
    for factor, dash in ((1, "-"), (6, "--"), (8, ":")):
        ax.plot(
            variances, factor * xi, color="black", linewidth=0.8, linestyle=dash,
            label=f"{factor if factor > 1 else ''}$\\xi_c$",
        )  # fmt: skip
    for metric, colour, marker in zip(NAMES, COLOURS, MARKERS, strict=False):
        cutoff = quoted.cutoff.sel(metric=metric)
        mean, low, high = (getattr(cutoff, end)("realisation") for end in ("mean", "min", "max"))
        ax.errorbar(
            variances, mean, [mean - low, high - mean], color=colour, marker=marker,
            markersize=3, linestyle="none", linewidth=0.8, label=NAMES[metric],
        )  # fmt: skip
    ax.axhline(depth - 1, color=GREY, linewidth=0.7)
    ax.set(xlabel=VARIANCE, ylabel="cutoff in layers", ylim=(0, 1.05 * depth))
    ax.legend(
        fontsize=6, handlelength=1.4, ncols=2, columnspacing=0.8, loc="lower center",
        bbox_to_anchor=(0.5, 1),
    )  # fmt: skip


def _draw_optima(ax, found, critical):
    """Best variance of the last layer, by metric and decoder."""
    last = found.isel(layer=-1)
    decoders = _decoders(found)
    for k, (name, look) in enumerate(decoders.items()):
        rows = np.arange(len(NAMES), dtype=float)[::-1] + 0.14 * ((len(decoders) - 1) / 2 - k)
        ends = [last[f"optimum_{end}"].sel(decoder=name, metric=list(NAMES)).values for end in ENDS]
        draw_intervals(
            ax, rows, *ends, np.full(len(rows), name == found.attrs["quoted"]),
            color=look["color"], markersize=3.5, linewidth=0.8,
        )  # fmt: skip
    ax.axvline(critical, color="black", linewidth=0.7, linestyle=":")
    ax.set_yticks(np.arange(len(NAMES))[::-1], [name.replace(" ", "\n") for name in NAMES.values()])
    ax.set(
        xlabel=f"best $\\sigma_w^2$ at $l$ = {int(found.layer[-1])}", ylim=(-0.6, len(NAMES) - 0.4)
    )


def _decoders(found) -> Mapping[str, Mapping]:
    """Colour, marker and line style of each decoder of the data set."""
    there = found.error.notnull().any(["realisation", "weight_variance", "layer"])
    names = found.decoder.values[there.values]
    styles = zip(itertools.cycle(COLOURS), itertools.cycle(MARKERS))
    return {
        name: {"color": colour, "marker": marker}
        for name, (colour, marker) in zip(names, styles, strict=False)
    }


@mpl.rc_context(STYLE)
def strips(pictures: xr.Dataset, critical: float) -> Figure:
    """Images and their reconstructions by cascades, at a weight variance of each phase.

    Parameters
    ----------
    pictures : of `netphase.criticality.reconstruction.as_dataset`, of one data set, decoder and
        realisation
    critical : weight variance
    """
    layers, n_images = pictures.shown_layer.values, pictures.sizes["image"]
    figure = Figure((PAGE, 0.75 + 0.8 * len(SHOWN) * n_images))
    parts = figure.subfigures(len(SHOWN), 1)
    for part, (phase, factor) in zip(parts, SHOWN.items(), strict=True):
        one = pictures.sel(weight_variance=factor * critical, method="nearest")
        part.suptitle(
            f"{phase}, $\\sigma_w^2$ = {float(one.weight_variance):g}",
            fontsize=STYLE["axes.titlesize"],
        )
        axes = part.subplots(n_images, 1 + len(layers), squeeze=False)
        for k, row in enumerate(axes):
            shown = [one.original[k], *one.reconstruction.isel(image=k)]
            titles = ["image", *(f"layer {layer}" for layer in layers)]
            for ax, picture, title in zip(row, shown, titles, strict=True):
                # The grey scale of the images for all: contrast that is lost stays lost.
                ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
                ax.set_axis_off()
                if k == 0:
                    ax.set_title(title, fontsize=7)
    return figure


def _title(name):
    return str(name).replace("_", " ")
