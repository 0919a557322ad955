"""Collapse of the curves of all sizes of a study onto one curve, and their common crossing.

The curves are mean test accuracies against ln(kappa): raw, and scaled to 0..1 by their floor (the
flat levels at large kappa) and plateau (the level of the smallest kappa). Their errors and
resampled copies are those of `netphase.transitions.mean_accuracy`, scaled curves with the error of
the plateau.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from netphase.runs.ladders import noised_test, over_ladders
from netphase.runs.statistics import flat_floor
from netphase.scaling.collapse import TOO_FEW_SIZES, fit_collapse, fit_drift
from netphase.scaling.crossings import NO_CROSSING, TOO_FEW_PAIRS, fit_crossings
from netphase.scaling.power_laws import NEAR_CHANCE
from netphase.transitions import curves as families
from netphase.transitions.mean_accuracy import draw_means
from netphase.transitions.normalisation import normalise

N_REPLICAS = 200
# Half points lie within one unit of ln(kappa) of their mean; widths may grow or shrink with size.
X_C = np.linspace(-1, 1, 9)
GAMMA = np.linspace(-0.3, 0.6, 10)
HALF_WIDTHS = np.array([1.0, 1.5, 2.0, 3.0, 4.0])
CENTRES = {
    "fixed": "one x_c for all sizes",
    "moving": "x_c plus the centre of each size, a straight line in ln N through the half points",
}
CURVES = {"raw": "test accuracy", "normalised": "test accuracy scaled by floor and plateau"}


class Curves(NamedTuple):
    """Curves of some sizes with errors, copies (replicas, sizes, levels) and floor (sizes,)."""

    y: np.ndarray
    dy: np.ndarray
    replicas: np.ndarray
    floor: np.ndarray


def mean_curves(ladder: xr.Dataset, rng: np.random.Generator) -> dict[str, Curves]:
    """The curves of `CURVES` of one ladder, all levels of which have noise.

    Normalised curves are NaN where the floor was not reached.

    Parameters
    ----------
    ladder : accuracy(size, step, realisation), kappa(step), n_samples
    """
    accuracy = ladder.accuracy.transpose("step", "size", "realisation").values
    n_samples, kappa = int(ladder.n_samples), ladder.kappa.values
    mean, se, draws = draw_means(accuracy, n_samples, N_REPLICAS, rng)
    y, dy, replicas = mean.T, se.T, np.swapaxes(draws, -1, -2)
    flat = [flat_floor(kappa, curve, n_samples) for curve in accuracy.swapaxes(0, 1)]
    floor, n_flat = np.array(flat).T
    first = int(np.argmin(kappa))
    scaled = [
        normalise(curves, "chance_plateau", np.where(n_flat > 0, curves[..., first], np.nan), floor)
        for curves in (y, replicas)
    ]
    # Of one level only, the plateau errs as much as any point, and moves the curve as a whole.
    error = np.hypot(dy, scaled[0] * dy[:, first, np.newaxis])
    height = np.where(y[:, first] > floor, y[:, first] - floor, np.nan)
    return {
        "raw": Curves(y, dy, replicas, floor),
        "normalised": Curves(
            scaled[0], error / height[:, np.newaxis], scaled[1], np.zeros(floor.shape)
        ),
    }


def collapse_curves(
    runs: xr.Dataset, scaling: xr.Dataset, rng: np.random.Generator
) -> tuple[xr.Dataset, xr.Dataset]:
    """Data collapse and crossings of the curves of a run cube.

    Sizes near chance (see `netphase.scaling.power_laws.exclusions`), without a half point or whose
    floor was not reached (`netphase.runs.statistics.flat_floor`) stay out of the collapse.

    Parameters
    ----------
    runs : of `netphase.runs.aggregation.aggregate`
    scaling : of `netphase.scaling.exponents.fit_exponents`

    Returns
    -------
    collapse : of `netphase.scaling.collapse.fit_collapse` for the normalised curves, over (dataset,
        ladder, centre, ...), with the drift of the centre and, over (..., size, step), the curves
    crossings : of `netphase.scaling.crossings.fit_crossings`, over (dataset, ladder, curve, pair)
    """
    test = noised_test(runs)
    fill = {"status": TOO_FEW_SIZES, "window_status": TOO_FEW_SIZES, "n_points": 0}
    collapse = over_ladders(
        lambda ladder, laws: _collapse(ladder, laws, rng), test, scaling, fill_value=fill
    )
    collapse["size"].attrs = runs["size"].attrs
    collapse.centre.attrs = {"long_name": "what x_c is"} | CENTRES
    crossings = over_ladders(
        lambda ladder: _cross(ladder, rng),
        test,
        fill_value={"status": NO_CROSSING, "verdict": TOO_FEW_PAIRS},
    )
    crossings.curve.attrs = {"long_name": "curves that cross"} | CURVES
    return collapse, crossings


def _collapse(ladder, laws, rng):
    widths, laws = laws.sel(quantity="width"), laws.sel(quantity="kappa_c")
    curves = mean_curves(ladder, rng)["normalised"]
    used = (laws.reason.values != NEAR_CHANCE) & np.isfinite(laws.log_value.values)
    used &= np.isfinite(curves.y).any(axis=1)
    size, control = ladder["size"].values[used], np.log(ladder.kappa.values)
    y, dy, replicas = curves.y[used], curves.dy[used], curves.replicas[:, used]
    centre, centre_se = laws.log_value.values[used], laws.log_value_se.values[used]
    drift = fit_drift(size, centre, centre_se)
    middle = np.nanmean(centre) if np.isfinite(centre).any() else control.mean()
    width = np.nanmean(widths.log_value) if np.isfinite(widths.log_value).any() else np.nan
    slope = families.width("hill", 1.0) / np.exp(width)
    parts = []
    for x_c, shift in ((middle + X_C, 0.0), (X_C, drift.centre)):
        found = fit_collapse(
            control, y, dy, size, x_c, GAMMA, replicas, HALF_WIDTHS,
            centre=shift, shape=lambda x: families.curve("hill", x, 1, 0, 0, slope),
        )  # fmt: skip
        # The grids of the two maps differ by their middle only.
        found["x_c_grid"] = found.x_c_grid.copy(data=X_C)
        found["x_c_middle"] = x_c.mean()
        parts.append(found)
    collapse = xr.concat(parts, xr.Variable("centre", list(CENTRES)))
    described = {
        "drift": (drift.slope, "slope of the centre in ln N"),
        "drift_low": (drift.low, "lower end of the 95 % interval of drift"),
        "drift_high": (drift.high, "upper end of the 95 % interval of drift"),
    }
    for name, (value, meaning) in described.items():
        collapse[name] = (), value, {"long_name": meaning, "units": "1"}
    collapse = collapse.assign_coords(
        {name: ladder[name].variable for name in ("size", "step", "kappa", "n_parameters")}
    )
    line = np.full(used.size, np.nan)
    line[used] = drift.centre
    for name, dims, values, meaning in (
        ("accuracy", ("size", "step"), curves.y, "normalised test accuracy"),
        ("accuracy_se", ("size", "step"), curves.dy, "standard error of accuracy"),
        ("line", "size", line, "half point in ln(kappa), on a straight line in ln N"),
        ("x_c_middle", "centre", collapse.x_c_middle.values, "middle of the grid of x_c"),
    ):
        collapse[name] = dims, values, {"long_name": meaning, "units": "1"}
    return collapse


def _cross(ladder, rng):
    size, control = ladder["size"].values, np.log(ladder.kappa.values)
    parts = []
    for curves in mean_curves(ladder, rng).values():
        found = fit_crossings(control, curves.y, curves.dy, size, curves.replicas, curves.floor)
        pairs = [f"{a}:{b}" for a, b in zip(found.small.values, found.large.values, strict=True)]
        parts.append(found.assign_coords(pair=pairs))
    return xr.concat(parts, xr.Variable("curve", list(CURVES)))
