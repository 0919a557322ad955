"""The figures of trained deep networks: maps of accuracy, networks of convolutions, the choice."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator

from netphase.criticality.mean_field import fixed_point
from netphase.criticality.trainability import LENGTHS, unbounded
from netphase.figures.style import (
    BLUE,
    GREEN,
    GREY,
    PAGE,
    STYLE,
    VERMILLION,
    looks,
    shared_legend,
)

VARIANCE = "weight variance $\\sigma_w^2$"
CURVE_POINTS = 160
OUTLINE = [withStroke(linewidth=2.6, foreground="black")]
CHOICES = {
    "chosen": ("chosen", "black", "o"),
    "xavier": ("Glorot, no biases", BLUE, "s"),
    "xavier_biased": ("Glorot, same biases", VERMILLION, "^"),
    "he": ("He, no biases", GREEN, "v"),
}


@mpl.rc_context(STYLE)
def trainability(
    trained: xr.Dataset,
    signals: xr.Dataset | None = None,
    cascade: xr.Dataset | None = None,
    prediction: xr.Dataset | None = None,
) -> Figure:
    """Test accuracy at all depths and weight variances, with predictions of theory and spectra.

    Parameters
    ----------
    trained : of `netphase.criticality.trainability.describe`
    signals, cascade, prediction : critical variance by the spectra, cutoff of the cascade, and
        `netphase.criticality.trainability.compare`; not drawn where there are none
    """
    names = trained.dataset.values
    figure = Figure((PAGE * max(len(names), 1.4) / 2, 4.3))
    axes = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    variances, depths = trained.weight_variance.values, trained.depth.values.astype(float)
    edges = np.exp(_edges(np.log(variances))), _edges(depths)
    for ax, name in zip(axes, names, strict=True):
        one = trained.sel(dataset=name)
        accuracy = one.test_accuracy.mean("realisation").transpose("depth", "weight_variance")
        shades = ax.pcolormesh(*edges, accuracy.values, cmap="cividis", vmin=0, vmax=1)
        _draw_theory(ax, trained, edges[0])
        _draw_depths(ax, one)
        if signals is not None:
            _draw_estimate(ax, signals.sel(dataset=name))
        if cascade is not None:
            cutoff = cascade.cutoff.sel(
                dataset=name, decoder=cascade.attrs["quoted"], metric="relative_entropy"
            )
            ax.plot(
                cutoff.weight_variance, cutoff.mean("realisation"), color="white", marker=".",
                linestyle=":", linewidth=1.2, path_effects=OUTLINE, label="cutoff of the cascade",
            )  # fmt: skip
        ax.set(xscale="log", xlim=edges[0][[0, -1]], ylim=(0, edges[1][-1]), xlabel=VARIANCE)
        ticks = [w for w in (0.1, 0.25, 0.5, 1, 2, 4) if edges[0][0] <= w <= edges[0][-1]]
        ax.set_xticks(ticks, [f"{w:g}" for w in ticks])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_title(_deepest(one, prediction))
    axes[0].set_ylabel("hidden layers")
    figure.colorbar(shades, ax=axes, label="mean test accuracy", pad=0.02)
    shared_legend(figure, axes, ncols=3 if len(names) > 1 else 2)
    return figure


def _edges(centres):
    """Edges of cells around the centres, the outer ones as far from them as the next."""
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5])
    inner = (centres[:-1] + centres[1:]) / 2
    return np.concatenate([[2 * centres[0] - inner[0]], inner, [2 * centres[-1] - inner[-1]]])


def _draw_theory(ax, trained, ends):
    if not np.isfinite(trained.critical_variance):
        return
    critical = float(trained.critical_variance)
    ax.axvline(critical, color="white", linewidth=1, linestyle="--", path_effects=OUTLINE,
               label=f"critical by theory, {critical:.2f}")  # fmt: skip
    # As dense near the critical variance, where the lengths diverge, as is needed to get there.
    side = np.geomspace(1e-3, 1, CURVE_POINTS // 2)
    curve = np.concatenate(
        [critical * (ends[0] / critical) ** side[::-1], critical * (ends[-1] / critical) ** side]
    )
    bias_variance = trained.attrs["bias_variance"]
    lengths = np.array([fixed_point(w, bias_variance).depth_of_c for w in curve])
    for factor, dash, label in ((1, (0, (1, 1)), "$\\xi_c$"), (LENGTHS, "-", "$6\\,\\xi_c$")):
        ax.plot(curve, factor * lengths, color="white", linestyle=dash, linewidth=1.3,
                path_effects=OUTLINE, label=f"{label} of mean-field theory")  # fmt: skip


def _draw_depths(ax, one):
    known = one.trained_depth_mean.values > 0
    variance, mean, low, high = (
        values[known]
        for values in (
            one.weight_variance.values,
            *(one[f"trained_depth_{end}"].values for end in ("mean", "low", "high")),
        )
    )
    errors = np.nan_to_num(np.abs([mean - low, high - mean]))
    beyond = one.trained_through.values[known] > 0
    look = {"color": VERMILLION, "linestyle": "none", "markeredgecolor": "white",
            "markeredgewidth": 0.6, "linewidth": 1.2, "zorder": 4}  # fmt: skip
    ax.errorbar(variance[~beyond], mean[~beyond], errors[:, ~beyond], marker="o", markersize=4.5,
                label="trained depth (95 %)", **look)  # fmt: skip
    if beyond.any():
        ax.errorbar(variance[beyond], mean[beyond], errors[:, beyond], marker="^", markersize=5,
                    label="at least so deep", **look)  # fmt: skip


def _draw_estimate(ax, signals):
    low, high = float(signals.critical_low), float(signals.critical_high)
    ax.axvspan(low, high, color="white", alpha=0.35, linewidth=0)
    ax.axvline(signals.critical_mean, color=VERMILLION, linewidth=1.2, path_effects=OUTLINE,
               label="critical by spectra (95 %)")  # fmt: skip


def _deepest(one, prediction):
    low, high = float(one.deepest_low), float(one.deepest_high)
    said = f"{one.dataset.item()}\ndeepest at {float(one.deepest_mean):.2f} [{low:.2f}, {high:.2f}]"
    if (free := unbounded(one)).size:
        reach = f"{free[0]:g} to {free[-1]:g}"
        said = f"{one.dataset.item()}\n{int(one.depth[-1])} layers are trained at {reach}"
    if np.isfinite(one.lengths):
        ends = f"[{float(one.lengths_low):.1f}, {float(one.lengths_high):.1f}]"
        said += f"\ntrained depth = {float(one.lengths):.1f} {ends} $\\xi_c$"
    if prediction is not None:
        spectra = prediction.sel(dataset=one.dataset.item(), predictor="spectra")
        value, low, high = (
            float(spectra[f"rank_correlation{end}"]) for end in ("", "_low", "_high")
        )
        said += f"\nrank correlation with spectra {value:.2f} [{low:.2f}, {high:.2f}]"
    return said


@mpl.rc_context(STYLE)
def convolutions(found: xr.Dataset) -> Figure:
    """Gap 1 - lambda_max of the Gram spectra by layer of random networks, and decay lengths.

    Parameters
    ----------
    found : of `netphase.criticality.convolution_phases.compare`; its first data set is drawn
    """
    networks = found.network.values
    theory = found.network.values[found.residual.values == 0]
    figure = Figure((PAGE, 3.8))
    axes = figure.subplots(1, len(networks) + (len(theory) > 0), squeeze=False)[0]
    first = found.isel(dataset=0)
    for ax, name in zip(axes, networks, strict=False):
        one = first.sel(network=name)
        gap = one.gap.mean("realisation")
        known = gap.notnull().any("layer").values
        chosen = np.flatnonzero(known)
        chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, 7).round().astype(int))]
        for place, (colour, _, dash) in zip(chosen, looks(len(chosen)), strict=True):
            ax.plot(
                one.layer, gap.isel(weight_variance=place).where(lambda gap: gap > 1e-12),
                color=colour, linestyle=dash, label=f"{float(one.weight_variance[place]):g}",
            )  # fmt: skip
        ax.set(yscale="log", ylim=(1e-9, 1.5), xlabel="layer")
        kind = "residual" if one.residual else "convolutional"
        ax.set_title(f"{name}: {kind}\n$\\sigma_b^2$ = {float(one.bias_variance):g}")
        ax.legend(
            title=VARIANCE, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3,
            columnspacing=0.8, handlelength=2,
        )  # fmt: skip
    axes[0].set_ylabel("$1 - \\lambda_\\mathrm{max}$ of the Gram matrix")
    if len(theory):
        _draw_lengths(axes[-1], found, theory)
    return figure


def _draw_lengths(ax, found, names):
    for name, (colour, marker, dash) in zip(names, looks(len(names)), strict=True):
        one = found.sel(network=name).isel(dataset=0)
        critical = float(one.critical_variance)
        variance = one.weight_variance.values
        below = (variance < critical) & one.gap.notnull().any(("layer", "realisation")).values
        rate = -one.slope.transpose("realisation", "weight_variance").values[:, below]
        curve = np.geomspace(variance[below][0], critical * 0.995, CURVE_POINTS)
        lengths = [fixed_point(w, float(one.bias_variance)).depth_of_c for w in curve]
        ax.plot(curve, lengths, color=colour, linestyle=dash, label=f"{name}, theory")
        ax.axvline(critical, color=GREY, linewidth=0.8, linestyle=":")
        with np.errstate(divide="ignore"):
            xi = np.where(rate > 0, 1 / rate, np.nan)
        ax.plot(variance[below], xi.T, marker, color=colour, markerfacecolor="none", markersize=4)
        ax.plot([], [], marker, color=colour, markerfacecolor="none", label=f"{name}, spectra")
    ax.set(xlabel=VARIANCE, ylabel="decay length $\\xi_c$ in layers", yscale="log")
    ax.set_title(f"critical by theory: {critical:.3f}\n(dotted)")
    ax.legend(loc="upper left")


@mpl.rc_context(STYLE)
def choice(found: xr.Dataset) -> Figure:
    """Test accuracy of all initialisations at each depth, and the gain of the chosen one.

    Parameters
    ----------
    found : of `netphase.criticality.trainability.compare_choice`
    """
    names = found.dataset.values
    figure = Figure((PAGE, 0.6 + 2.3 * len(names)))
    axes = figure.subplots(len(names), 2, squeeze=False, sharex=True)
    rows = np.arange(found.sizes["depth"])
    ways = [way for way in CHOICES if way in found.initialisation.values]
    for (left, right), name in zip(axes, names, strict=True):
        one = found.sel(dataset=name)
        for k, way in enumerate(ways):
            label, colour, marker = CHOICES[way]
            x = rows + 0.16 * (k - (len(ways) - 1) / 2)
            mine = one.sel(initialisation=way)
            look = {"color": colour, "marker": marker, "linestyle": "none", "markersize": 4.5}
            left.plot(x, mine.test_accuracy.transpose("depth", "realisation"), ".", color=colour,
                      alpha=0.35, markersize=4)  # fmt: skip
            mean = mine.accuracy_mean.values
            # An interval of few realisations may reach beyond what is possible.
            ends = np.minimum(np.nan_to_num(mine.accuracy_half.values), [mean, 1 - mean])
            left.errorbar(x, mean, ends, label=label, **look)
            if way != "chosen":
                gain, half = 100 * mine.gain, 100 * np.nan_to_num(mine.gain_half)
                right.errorbar(x, gain, half, **look)
        left.set(ylabel="test accuracy", ylim=(0, 1.02))
        left.set_title(f"{name}: chosen {VARIANCE} = {float(one.chosen):.2f}")
        right.axhline(0, color=GREY, linewidth=0.8)
        right.set(ylabel="gain of the chosen one\nin percentage points")
        right.set_title(f"{name}: paired, 95 % intervals")
    for ax in axes[-1]:
        ax.set_xticks(rows, found.depth.values)
        ax.set_xlabel("hidden layers")
    shared_legend(figure, axes[:, 0], ncols=4)
    return figure
