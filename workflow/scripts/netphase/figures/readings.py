"""The figure that compares readings of the papers."""

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from netphase.figures.style import BLUE, GREY, PAGE, STYLE, draw_intervals

PANELS = {
    "step_c": "diffusion step of the half point",
    "width": "width in $\\ln\\,\\kappa$",
}


@rc_context(STYLE)
def readings(table: pd.DataFrame) -> Figure:
    """Half point and width under every reading; dotted, those of the reference.

    Bars are 95 % intervals of the mean over the realisations; hollow, those that do not differ from
    the reference.

    Parameters
    ----------
    table : of `netphase.scaling.readings.compare_readings`, one data set
    """
    sizes = table["size"].unique()
    rows = len(table) // len(sizes)
    figure = Figure((PAGE, 0.7 + (0.4 + 0.22 * rows) * len(sizes)))
    axes = figure.subplots(len(sizes), 2, sharey=True, squeeze=False)
    y = np.arange(rows)[::-1]
    for line, size in zip(axes, sizes, strict=True):
        part = table[table["size"] == size]
        # Of the reference there is nothing to differ from.
        filled = part.differs.fillna(True).astype(bool).values
        for ax, (name, label) in zip(line, PANELS.items(), strict=True):
            value, low, high = (part[f"{name}{end}"].values for end in ("", "_low", "_high"))
            draw_intervals(ax, y, value, low, high, filled, color=BLUE, markersize=4, linewidth=1)
            ax.axvline(value[0], color=GREY, linewidth=0.8, linestyle=":")
            ax.set_xlabel(f"{label}, size {size:,}")
        line[0].set_yticks(y, part.reading)
    return figure
