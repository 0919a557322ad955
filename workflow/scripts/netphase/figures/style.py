"""The common style of the figures: sizes, colours, marks, names of sizes, legends, files.

Identical data give identical files.
"""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from netphase.files.netcdf import whole_or_nothing

COLUMN, PAGE = 3.4, 7.0  # widths in inches, two-column journal
STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 8,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.3,
    "lines.markersize": 4.5,
    "errorbar.capsize": 2,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "legend.handlelength": 2.4,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "netphase",
}
# Okabe and Ito (2008): distinct to colour-blind readers.
BLUE, VERMILLION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
MARKERS = "os^vD<>phd"
DASHES = ("-", "--", "-.", (0, (1, 1.2)), (0, (5, 1, 1, 1, 1, 1)))
KAPPA_LABEL = "noise-to-signal ratio $\\kappa$"
LIMITS = {
    "oracle": ("-", "information limit, upper bound"),
    "kde": ("--", "posterior over training images"),
}


def save(figure: Figure, svg: str | Path, png: str | Path) -> None:
    """Write the figure to both paths, complete or not at all, without date or version inside."""
    for path, metadata in ((svg, {"Date": None, "Creator": None}), (png, {"Software": None})):
        with mpl.rc_context(STYLE), whole_or_nothing(path) as temporary:
            figure.savefig(temporary, format=Path(path).suffix[1:], metadata=metadata)


def size_name(data: xr.Dataset) -> str:
    """Name of the unit that the sizes of a data set count, such as hidden units."""
    return data["size"].attrs.get("long_name", "system size")


def size_label(size: int) -> str:
    """A size in few letters: 128, 316k, 4.65M."""
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if size >= max(unit, 1e4):
            return f"{size / unit:.3g}{letter}"
    return str(size)


def looks(n: int) -> Iterator[tuple]:
    """Colour, marker and line style of n curves, in an order from dark to light."""
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.88, n))
    return zip(shades, itertools.cycle(MARKERS), itertools.cycle(DASHES), strict=False)


def draw_intervals(ax, rows, value, low, high, solid, *, color: str, **look) -> None:
    """Values with their intervals, one in each row; hollow where they are not solid.

    Parameters
    ----------
    rows, value, low, high, solid : (values,); an end that is NaN lies at the value
    """
    low, high = (np.where(np.isfinite(end), end, value) for end in (low, high))
    for chosen, face in ((solid, color), (~solid, "white")):
        if np.isfinite(value[chosen]).any():
            error = np.abs([value[chosen] - low[chosen], high[chosen] - value[chosen]])
            ax.errorbar(
                value[chosen], rows[chosen], xerr=error, color=color, marker="o",
                markerfacecolor=face, linestyle="none", **look,
            )  # fmt: skip


def shared_legend(figure: Figure, axes: Iterable, ncols: int, markerscale: float = 1) -> None:
    """Add one legend above all axes; labels that several of them share appear once."""
    entries = {
        label: handle
        for ax in axes
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        entries.values(), entries.keys(), loc="outside upper center", ncols=ncols,
        markerscale=markerscale,
    )  # fmt: skip
