"""The figures of the weights of an ensemble, after those of Zou & Huang (2021).

Every function but `accuracies` and `clouds` draws one scenario and takes its results:
(block, method) -> data set of `netphase.inverse_ising.inference` or
`netphase.inverse_ising.weight_space`.
"""

from collections.abc import Iterable, Mapping

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from netphase.figures.style import BLUE, GREEN, GREY, PAGE, STYLE, VERMILLION, looks, shared_legend
from netphase.inverse_ising import labels
from netphase.inverse_ising.entropies import entropy_interval
from netphase.inverse_ising.labels import METHODS
from netphase.inverse_ising.landscapes import ENERGIES, entropy_bound
from netphase.inverse_ising.tap import distinct
from netphase.inverse_ising.triples import share_within_noise
from netphase.statistics.intervals import Z_975

BLOCKS = dict(
    zip(
        labels.BLOCKS,
        zip(labels.BLOCKS.values(), (BLUE, VERMILLION, GREEN, "black"), strict=True),
        strict=True,
    )
)
"""Name and colour of each block."""
CLOUDS = {
    "trained": "trained networks",
    "independent": "independent weights of the same means",
    "random": "random weights",
}
BANDS = dict(zip(ENERGIES, (BLUE, VERMILLION, GREEN), strict=True))
DISTANCE = "distance $d$ from the reference"
ENTROPY = "entropy $s$ per weight"
FIELD = "field $x$ towards the reference"
LONGEST_ROW = 2

Found = Mapping[tuple[str, str], xr.Dataset]


def _methods(found: Found) -> list[str]:
    return [method for method in METHODS if any(key[1] == method for key in found)]


def _blocks(found: Found) -> list[str]:
    return [block for block in BLOCKS if any(key[0] == block for key in found)]


def _panels(names: Iterable[str], height: float) -> tuple[Figure, dict]:
    """Make a figure with a panel for each name, two in a row."""
    names = list(names)
    n_rows = -(-len(names) // LONGEST_ROW)
    figure = Figure((PAGE, 0.4 + height * n_rows))
    axes = figure.subplots(n_rows, min(len(names), LONGEST_ROW), squeeze=False).ravel()
    for spare in axes[len(names) :]:
        spare.remove()
    return figure, dict(zip(names, axes, strict=False))


@mpl.rc_context(STYLE)
def accuracies(ensembles: Mapping[str, xr.Dataset]) -> Figure:
    """Accuracies of the networks of every scenario, on the samples of the choice and on the test.

    Parameters
    ----------
    ensembles : scenario -> as of `netphase.weights.selection.select`
    """
    figure, panels = _panels(ensembles, 2.0)
    for (name, ensemble), ax in zip(ensembles.items(), panels.values(), strict=True):
        chosen, test = ensemble.accuracy.values, ensemble.test_accuracy.values
        bins = np.linspace(min(chosen.min(), test.min()), max(chosen.max(), test.max()), 41)
        ax.hist(chosen, bins, color=BLUE, alpha=0.5, label="samples of the choice")
        ax.hist(test, bins, histtype="step", color=VERMILLION, label="test samples")
        layers = "-".join(map(str, ensemble.attrs["layers"]))
        ax.set(xlabel="accuracy of a binary network", ylabel="networks")
        ax.set_title(
            f"{name}, {layers}: {ensemble.sizes['trial']:,} of {ensemble.attrs['n_trained']:,}"
        )
    shared_legend(figure, panels.values(), ncols=2)
    return figure


@mpl.rc_context(STYLE)
def clouds(found: Mapping[str, xr.Dataset]) -> Figure:
    """Networks among all configurations in two projections, and their overlaps (after Fig. 2).

    Parameters
    ----------
    found : scenario -> as of `netphase.weights.overlaps.describe`
    """
    figure = Figure((PAGE, 0.4 + 2.4 * len(found)))
    axes = figure.subplots(len(found), 2, squeeze=False)
    for (scenario, cloud), (plane, overlaps) in zip(found.items(), axes, strict=True):
        bins = np.linspace(float(cloud.overlap.min()), float(cloud.overlap.max()), 41)
        # The networks come last, on top.
        for kind, shade in zip(cloud.kind.values[::-1], (GREY, BLUE, VERMILLION), strict=True):
            x, y = cloud.place.sel(kind=kind).values.T
            plane.plot(x, y, ".", color=shade, markersize=2, label=CLOUDS[kind])
            values = cloud.overlap.sel(kind=kind).values
            overlaps.hist(values, bins, density=True, histtype="step", color=shade)
        plane.set(xlabel="along the mean of the networks", ylabel="along a principal component")
        plane.set_title(f"{scenario}: {float(cloud.apart):.1%} on their own side")
        plane.axvline(cloud.attrs["plane"], color="black", linestyle="--", linewidth=0.8)
        overlaps.set(xlabel="overlap of two configurations", ylabel="probability density")
    shared_legend(figure, axes[:, 0], ncols=3, markerscale=4)
    return figure


@mpl.rc_context(STYLE)
def parameters(found: Found) -> Figure:
    """Distributions of fields and couplings of every block (Fig. 3)."""
    blocks, methods = _blocks(found), _methods(found)
    figure = Figure((PAGE, 4.0))
    axes = figure.subplots(2, len(blocks), squeeze=False)
    for column, block in enumerate(blocks):
        for method, (shade, _, dash) in zip(methods, looks(len(methods)), strict=True):
            model = found[block, method]
            upper = np.triu_indices(model.sizes["weight"], 1)
            for ax, values in zip(
                axes[:, column], (model.h.values, model.J.values[upper]), strict=True
            ):
                ax.hist(
                    values, 60, density=True, histtype="step", color=shade, linestyle=dash,
                    label=METHODS[method],
                )  # fmt: skip
                ax.set_yscale("log")
                ax.yaxis.set_minor_formatter(NullFormatter())
                ax.xaxis.set_major_locator(MaxNLocator(4))
        axes[0, column].set(xlabel="field $h$", title=BLOCKS[block][0])
        axes[1, column].set(xlabel="coupling $J$")
    for ax in axes[:, 0]:
        ax.set_ylabel("probability density")
    shared_legend(figure, axes.ravel(), ncols=4)
    return figure


@mpl.rc_context(STYLE)
def quality(found: Found) -> Figure:
    """Deviation of the moments of every Ising model, by sampling and by belief propagation."""
    figure, panels = _panels(_blocks(found), 1.5)
    methods = _methods(found)
    rows = np.arange(len(methods))[::-1]
    for block, ax in panels.items():
        models = [found[block, method] for method in methods]
        for name, marker, face, text in (
            ("sampled", "o", "black", "by Markov chains"),
            ("propagated", "D", "white", "by belief propagation"),
        ):
            values = [float(model[name]) for model in models]
            ax.plot(
                values, rows, marker, color="black", markerfacecolor=face, label=text
            )  # fmt: skip
        ax.axvline(
            float(models[0].independent), color=GREY, linestyle=":", label="independent weights"
        )
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_yticks(rows, [METHODS[method] for method in methods])
        ax.set_ylim(-0.5, len(methods) - 0.5)
        ax.set(xlabel="deviation $\\Delta$ of the moments", title=BLOCKS[block][0])
    shared_legend(figure, panels.values(), ncols=3)
    return figure


def _curves(landscape: xr.Dataset, by_band: bool) -> Iterable[tuple[str, str, xr.Dataset]]:
    """Name, colour and mean over the references of the curves of one landscape."""
    landscape = landscape.where(landscape.converged) if "converged" in landscape else landscape
    if by_band:
        for band, shade in BANDS.items():
            yield f"{band} energy", shade, landscape.sel(band=band)
    else:
        block, shade = BLOCKS[landscape.attrs["block"]]
        yield block, shade, landscape.sel(band="low")


@mpl.rc_context(STYLE)
def landscapes(found: Found) -> Figure:
    """Entropy against the distance from references, of every block (Figs. 4 and 5).

    Means over the references of low energy, where both directions of the field converge; of a
    single block, those of all energy bands.
    """
    figure, panels = _panels(_methods(found), 2.6)
    blocks = _blocks(found)
    d = np.linspace(0, 1, 201)
    for method, ax in panels.items():
        ax.plot(d, entropy_bound(d), color=GREY, linestyle=":", label="all configurations")
        for block in blocks:
            for name, shade, curve in _curves(found[block, method], len(blocks) == 1):
                for direction, dash in (("up", "-"), ("down", "--")):
                    mean = curve.sel(direction=direction).mean("reference")
                    label = name if direction == "up" else None
                    ax.plot(mean.d, mean.s, color=shade, linestyle=dash, linewidth=1, label=label)
        ax.set(xlabel=DISTANCE, ylabel=ENTROPY, ylim=(0, None), title=METHODS[method])
    shared_legend(figure, panels.values(), ncols=5)
    return figure


@mpl.rc_context(STYLE)
def distances(found: Found) -> Figure:
    """Distance from references against the field, in both directions: hysteresis (Figs. 5, 6)."""
    figure, panels = _panels(_methods(found), 2.4)
    blocks = _blocks(found)
    for method, ax in panels.items():
        for block in blocks:
            landscape = found[block, method]
            for name, shade, curve in _curves(landscape, len(blocks) == 1):
                for direction, dash in (("up", "-"), ("down", "--")):
                    mean = curve.d.sel(direction=direction).mean("reference")
                    label = name if direction == "up" else None
                    ax.plot(
                        mean.x, mean, color=shade, linestyle=dash, linewidth=1, label=label
                    )  # fmt: skip
        largest = max(float(found[block, method].largest.max()) for block in blocks)
        missed = sum(int((~found[block, method].converged).sum()) for block in blocks)
        total = sum(found[block, method].converged.size for block in blocks)
        lost = f", {missed / total:.0%} not converged" if missed else ""
        ax.set(xlabel=FIELD, ylabel=DISTANCE, ylim=(-0.02, 1.02))
        ax.set_title(f"{METHODS[method]}\nlargest $|\\Delta d|$ {largest:.3f}{lost}")
    shared_legend(figure, panels.values(), ncols=4)
    return figure


@mpl.rc_context(STYLE)
def states(found: Found) -> Figure:
    """Free energies at which the TAP equations arrive from random starts (Fig. 7)."""
    figure, panels = _panels(_blocks(found), 1.6)
    methods = _methods(found)
    rows = np.arange(len(methods))[::-1]
    for block, ax in panels.items():
        labels = []
        for row, method in zip(rows, methods, strict=True):
            one = found[block, method]
            values = one.free_energy.values[one.arrived.values]
            levels = distinct(values)
            share = np.diff([*np.searchsorted(np.sort(values), levels), values.size])
            ax.scatter(
                levels, np.full(len(levels), row), s=8 + 60 * share / max(values.size, 1),
                color=BLOCKS[block][1], alpha=0.7, linewidth=0,
            )  # fmt: skip
            count = f"{len(levels)} state{'' if len(levels) == 1 else 's'}"
            lost = one.arrived.size - values.size
            missed = f", {lost / one.arrived.size:.0%} astray" if lost else ""
            labels.append(f"{METHODS[method]}\n{count}{missed}")
        ax.set_yticks(rows, labels)
        ax.set_ylim(-0.5, len(methods) - 0.5)
        ax.set(xlabel="TAP free energy per weight", title=BLOCKS[block][0])
    return figure


@mpl.rc_context(STYLE)
def relaxation(found: Found) -> Figure:
    """Overlap, energy and accuracy of Markov chains that leave networks of low energy (Fig. 8).

    Means over the chains, with their standard deviation as a band.
    """
    methods = [method for method in _methods(found) if ("full", method) in found]
    figure = Figure((PAGE, 2.5))
    axes = figure.subplots(1, 3)
    words = {"overlap": "overlap $q$ with the start", "energy": "change of energy per weight"}
    words["accuracy"] = "accuracy"
    for method, (shade, _, dash) in zip(methods, looks(len(methods)), strict=True):
        one = found["full", method]
        sweeps = one.sweep.values
        for ax, name in zip(axes, words, strict=True):
            values = one[name].values - (one[name].values[0] if name == "energy" else 0)
            mean, spread = values.mean(axis=1), values.std(axis=1)
            ax.plot(sweeps, mean, color=shade, linestyle=dash, label=METHODS[method])
            ax.fill_between(
                sweeps, mean - spread, mean + spread, color=shade, alpha=0.15, linewidth=0
            )
    for ax, text in zip(axes, words.values(), strict=True):
        ax.set_xscale("symlog", linthresh=1)
        ax.set(xlabel="sweeps", ylabel=text)
    axes[2].axhline(0.1, color=GREY, linestyle=":", label="chance")
    shared_legend(figure, axes, ncols=5)
    return figure


@mpl.rc_context(STYLE)
def entropies(found: Found) -> Figure:
    """Entropy of all weights of every block, by chains and by belief propagation.

    Intervals of 95 %: Student's t over disjoint parts of the ensemble, and the chains' own error.
    """
    methods, blocks = _methods(found), _blocks(found)
    figure = Figure((PAGE, 0.9 + 0.85 * len(methods)))
    ax = figure.subplots()
    labels = []
    for place, method in enumerate(methods):
        for k, block in enumerate(blocks):
            one, (name, shade) = found[block, method], BLOCKS[block]
            row = -place - k / (len(blocks) + 1)
            value, low, high = entropy_interval(one)
            label = name if place == 0 else None
            ax.errorbar(
                value, row, xerr=[[value - low], [high - value]], color=shade, marker="o",
                linestyle="none", label=label,
            )  # fmt: skip
            last = place == 0 and k == len(blocks) - 1
            label = "by belief propagation" if last else None
            ax.plot(
                one.bethe_entropy[0], row, "D", color=shade, markerfacecolor="white", label=label
            )
        labels.append(METHODS[method])
    ax.axvline(np.log(2), color=GREY, linestyle=":", label="ln 2")
    middle = (len(blocks) - 1) / (len(blocks) + 1) / 2
    ax.set_yticks(-np.arange(len(methods)) - middle, labels)
    ax.set(xlabel="entropy per weight, without a field")
    shared_legend(figure, [ax], ncols=3)
    return figure


@mpl.rc_context(STYLE)
def iso_energy(found: Found) -> Figure:
    """Landscapes at the energy of the reference, and those at the model's temperature (Fig. 9)."""
    figure, panels = _panels(_methods(found), 2.6)
    d = np.linspace(0, 1, 201)
    for method, ax in panels.items():
        ax.plot(d, entropy_bound(d), color=GREY, linestyle=":", label="all configurations")
        for block in _blocks(found):
            one, (name, shade) = found[block, method].isel(reference=0), BLOCKS[block]
            ax.plot(one.free_d, one.free_s, color=shade, linewidth=0.8)
            ax.plot(one.d, one.s, "o", color=shade, markersize=2.8, label=name)
        ax.set(xlabel=DISTANCE, ylabel=ENTROPY, ylim=(0, None), title=METHODS[method])
    shared_legend(figure, panels.values(), ncols=5)
    return figure


@mpl.rc_context(STYLE)
def field_sweeps(found: Found) -> Figure:
    """Distances in a field by Markov chains, in both directions, of references of all energies."""
    figure, panels = _panels(_methods(found), 2.4)
    for method, ax in panels.items():
        one = found["full", method]
        for name, shade, curve in _curves(one, by_band=True):
            for direction, dash in (("up", "-"), ("down", "--")):
                mean = curve.d.sel(direction=direction).mean("reference")
                label = name if direction == "up" else None
                ax.plot(mean.x, mean, color=shade, linestyle=dash, linewidth=1, label=label)
        ax.set(xlabel=FIELD, ylabel=DISTANCE, ylim=(-0.02, 1.02))
        ax.set_title(f"{METHODS[method]}\nlargest $|\\Delta d|$ {float(one.largest.max()):.3f}")
    shared_legend(figure, panels.values(), ncols=3)
    return figure


@mpl.rc_context(STYLE)
def renaming(found: Found) -> Figure:
    """Entropy against the share of networks with permuted hidden units (Fig. 10); 1: all random.

    Filled: by Markov chains; hollow: by belief propagation, where it converges.
    """
    found = {method: one for (_, method), one in found.items()}
    methods = [method for method in METHODS if method in found]
    figure, panels = _panels(methods, 2.5)
    for method, ax in panels.items():
        one = found[method]
        for block in one.block.values:
            name, shade = BLOCKS[block]
            curve = one.sel(block=block)
            ax.errorbar(
                curve.ratio.values, curve.entropy.values, Z_975 * curve.entropy_se.values,
                color=shade, marker="o", linewidth=1, label=name,
            )  # fmt: skip
            ax.plot(curve.ratio, curve.bethe_entropy, "D", color=shade, markerfacecolor="white")
        ax.set(
            xlabel="share in permuted pairs; 1: all random",
            ylabel="entropy per weight", title=METHODS[method],
        )  # fmt: skip
    shared_legend(figure, panels.values(), ncols=4)
    return figure


@mpl.rc_context(STYLE)
def triples(found: Found) -> Figure:
    """Correlations of three weights of the networks against those of their Ising model."""
    figure, panels = _panels(_methods(found), 2.6)
    for method, ax in panels.items():
        one = found["full", method]
        data, model = one["data"].values, one["model"].values
        ends = np.array([min(data.min(), model.min()), max(data.max(), model.max())])
        counts = ax.hist2d(data, model, 80, range=[ends, ends], cmap="viridis", norm=LogNorm())[3]
        ax.plot(ends, ends, color=VERMILLION, linewidth=0.8)
        ax.set(xlabel="$\\langle w_i w_j w_k \\rangle$ of the networks", ylabel="of the model")
        ax.set_title(f"{METHODS[method]}: {share_within_noise(one):.0%} within the noise")
        figure.colorbar(counts, ax=ax, label="triples")
    return figure
