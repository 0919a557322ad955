"""The figures of small networks: frozen blocks, depth, and double descent."""

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
    looks,
    shared_legend,
)

UNITS = "units $n$ of each hidden layer"
ARMS = {
    "free": ("black", "all trained"),
    "frozen_interior": (BLUE, "interior frozen"),
    "frozen_left_boundary": (VERMILLION, "left boundary frozen"),
    "frozen_right_boundary": (GREEN, "right boundary frozen"),
}
MOST_CURVES = 4
PANELS = {"mean_accuracy": "mean of all draws", "best_accuracy": "best draw by validation"}
ROWS = {"cross_entropy": "cross-entropy", "error": "error"}


@mpl.rc_context(STYLE)
def frozen_interior(found: xr.Dataset) -> Figure:
    """Test accuracy after each epoch, all weights trained or one block frozen, with 95 % bands.

    Parameters
    ----------
    found : of `netphase.weights.frozen_gap.compare`
    """
    figure = Figure((PAGE, 3.0))
    axes = figure.subplots(1, 2, sharey=True)
    epoch = found.epoch.values
    for ax, (name, title) in zip(axes, PANELS.items(), strict=True):
        for arm, dash in zip(found.arm.values, DASHES, strict=False):
            colour, label = ARMS[arm]
            mean, half = (found[f"{name}_{part}"].sel(arm=arm).values for part in ("mean", "half"))
            ax.fill_between(epoch, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
            ax.plot(epoch, mean, color=colour, linestyle=dash, label=label)
        ax.set(xlabel="epochs of training")
        ax.set_title(title)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    last = found.isel(epoch=-1).sel(arm="frozen_interior")
    gap = _plus_minus(100 * float(last.gap_mean), 100 * float(last.gap_half))
    axes[1].set_title(f"{PANELS['best_accuracy']}\nall trained $-$ interior frozen: {gap} points")
    axes[0].set(ylabel="test accuracy")
    shared_legend(figure, axes, ncols=4)
    return figure


@mpl.rc_context(STYLE)
def depth(found: xr.Dataset) -> Figure:
    """Deep against shallow networks: accuracy at each layer width, and learning curves of some.

    Parameters
    ----------
    found : of `netphase.weights.depth_crossing.compare`, with the means of its accuracies
    """
    figure = Figure((PAGE, 3.0))
    by_width, by_step = figure.subplots(1, 2, sharey=True)
    mean, half = (
        found[f"mean_accuracy_{end}"].transpose("width", "step").values for end in ("mean", "half")
    )
    widths, steps = found["width"].values, found.step.values
    by_width.errorbar(
        widths[1:], mean[1:, -1], np.nan_to_num(half[1:, -1]), color=BLUE, marker="o",
        markersize=3.5, linewidth=1, label="two hidden layers",
    )  # fmt: skip
    low, high = (mean[0, -1] + sign * np.nan_to_num(half[0, -1]) for sign in (-1, 1))
    by_width.axhspan(low, high, color=GREY, alpha=0.3, linewidth=0)
    by_width.axhline(mean[0, -1], color=GREY, linestyle="--", label="no hidden layer")
    if np.isfinite(found.crossing):
        by_width.axvline(found.crossing, color=VERMILLION, linestyle=":", label="crossing")
        if np.isfinite(found.crossing_low):
            by_width.axvspan(
                found.crossing_low, found.crossing_high, color=VERMILLION, alpha=0.2, linewidth=0
            )
    by_width.set(xlabel=UNITS, ylabel="test accuracy, mean of all draws")
    by_width.set_title(_crossing(found))
    by_width.legend(loc="lower right")

    chosen = np.unique(np.linspace(1, len(widths) - 1, MOST_CURVES).round().astype(int))
    rows = [(chosen[k], *look) for k, look in enumerate(looks(len(chosen)))]
    for row, colour, marker, dash in [*rows, (0, GREY, MARKERS[-1], "--")]:
        label = f"$n$ = {widths[row]}" if row else "no hidden layer"
        by_step.errorbar(
            steps, mean[row], np.nan_to_num(half[row]), color=colour, marker=marker, linestyle=dash,
            markersize=3.5, linewidth=1, label=label,
        )  # fmt: skip
    by_step.set(xlabel="steps of training", xscale="log")
    by_step.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return figure


@mpl.rc_context(STYLE)
def double_descent(found: xr.Dataset) -> Figure:
    """Training and test cross-entropy and error against the layer width, a column each kind.

    Parameters
    ----------
    found : of `netphase.weights.loss_peak.compare`, with the means of its quantities
    """
    kinds = found.kind.values[::-1]
    figure = Figure((PAGE, 4.6))
    axes = figure.subplots(2, len(kinds), sharex=True, squeeze=False)
    for column, kind in zip(axes.T, kinds, strict=True):
        one = found.sel(kind=kind)
        known = one.test_error.notnull().any("repeat").values
        for ax, quantity in zip(column, ROWS, strict=True):
            for part, colour, marker, dash in (
                ("train", VERMILLION, "s", "--"),
                ("test", BLUE, "o", "-"),
            ):
                mean, half = (
                    one[f"{part}_{quantity}_{end}"].values[known] for end in ("mean", "half")
                )
                # An interval of few repeats may reach beyond what is possible.
                most = {"cross_entropy": np.inf, "error": 1}[quantity]
                ends = np.minimum(np.nan_to_num(half), [mean, most - mean])
                ax.errorbar(
                    found["width"].values[known], mean, ends, color=colour,
                    marker=marker, linestyle=dash, markersize=3.5, linewidth=1,
                    label=f"{part} samples",
                )  # fmt: skip
        top, bottom = column
        top.set_title(f"{kind} weights\n{_shape(one, found['width'].values[known])}")
        _add_alpha(top, found)
        top.set_ylim(0)
        bottom.set(xlabel=UNITS, ylim=(0, 1))
    for ax, label in zip(axes[:, 0], ROWS.values(), strict=True):
        ax.set_ylabel(label)
    shared_legend(figure, axes.flat, ncols=2)
    return figure


def _add_alpha(ax, found):
    """Weights per sample above an axis of layer widths: alpha = n (n + C + D) / P."""
    n_samples = found.attrs["n_samples"]
    width, alpha = (float(found[name].values[-1]) for name in ("width", "alpha"))
    outside = alpha * n_samples / width - width

    def of_width(n):
        return n * (n + outside) / n_samples

    def of_alpha(value):
        return np.sqrt(np.maximum(outside**2 / 4 + n_samples * value, 0)) - outside / 2

    second = ax.secondary_xaxis("top", functions=(of_width, of_alpha))
    second.set_xlabel("weights per training sample $\\alpha$")
    second.set_xticks([alpha for alpha in (0.1, 0.5, 1, 2, 4, 8) if alpha <= of_width(width)])


def _shape(one, widths):
    """Title of one kind: peak of the test cross-entropy and its rank correlation with n."""
    if widths[0] < one.peak_width < widths[-1]:
        peak = f"$n$ = {int(one.peak_width)}, {float(one.peak_ratio):.2g} times that at the last"
        return f"test peak at {peak}"
    return f"rank correlation of test cross-entropy and $n$: {float(one.trend):.2f}"


def _crossing(found):
    if not np.isfinite(found.crossing):
        return "no crossing"
    if not np.isfinite(found.crossing_low):
        return f"crossing at $n$ = {float(found.crossing):.1f}, not resolved"
    ends = f"[{float(found.crossing_low):.1f}, {float(found.crossing_high):.1f}]"
    return f"crossing at $n$ = {float(found.crossing):.1f} {ends} (95 %)"


def _plus_minus(value, half):
    return f"{value:.1f}" if np.isnan(half) else f"{value:.1f} ± {half:.1f}"
