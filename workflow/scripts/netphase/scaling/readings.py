"""Shift of the transition by other readings of a paper, compared with a reference study.

Realisation r of two studies has the same seeds of data, networks and noise, so that differences are
taken within realisations: what the readings share drops out. Trained at each level, realisations
are independent at every noise level, and pairing neither helps nor harms.
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import t as student

from netphase.transitions.curves import convert
from netphase.transitions.fits import FITTED

# One shape for all studies: half points and widths of different shapes are not comparable.
FAMILY = "hill"
COVERAGE = 0.95
COLUMNS = (
    *("dataset", "ladder", "size", "study", "reading", "n_realisations"),
    *("kappa_c", "kappa_c_low", "kappa_c_high", "step_c", "step_c_low", "step_c_high"),
    *("width", "width_low", "width_high", "n_pairs", "shift", "shift_low", "shift_high"),
    *("width_ratio", "width_ratio_low", "width_ratio_high", "differs"),
)


def compare_readings(
    fits: Mapping[str, xr.Dataset],
    schedules: Mapping[str, Mapping],
    readings: Mapping[str, str],
    reference: str,
) -> pd.DataFrame:
    """Half point and width under every reading, and their differences to the reference.

    Parameters
    ----------
    fits : by study, of `netphase.transitions.model_selection.fit_families`, one realisation each
    schedules : by study, keywords of `netphase.noise.schedule.levels`, form included
    readings : by study, description of its reading
    reference : the study that the others are compared with; its sizes and data sets are theirs

    Returns
    -------
    DataFrame of the columns `COLUMNS`, the reference first for every size
        kappa_c and width are geometric means over the realisations that are fitted, with Student's
        intervals of 95 % of the mean logarithm; step_c is kappa_c on the schedule of the study,
        shift the mean difference of the steps, width_ratio the geometric mean ratio of the widths,
        with Student's intervals of 95 % over the pairs; n_realisations and n_pairs count them, and
        values over fewer than two are NaN. differs: whether shift or width_ratio leaves out 0
        or 1 at 95 % for all comparisons of the table together (Bonferroni)
    """
    own = {name: _curves(fits[name], schedules[name]) for name in readings}
    dims = ("dataset", "ladder", "size")
    places = list(product(*(fits[reference][dim].values for dim in dims)))
    n_comparisons = 2 * len(places) * (len(readings) - 1)
    rows = []
    for place in places:
        here = dict(zip(dims, place, strict=True))
        base = own[reference].sel(here)
        for study, reading in readings.items():
            one = own[study].sel(here)
            row = here | {"study": study, "reading": reading} | _measured(one, schedules[study])
            rows.append(row | (_compared(one, base, n_comparisons) if study != reference else {}))
    return pd.DataFrame(rows, columns=COLUMNS)


def mean_interval(values: np.ndarray, coverage: float = COVERAGE) -> tuple[float, float, float]:
    """Mean of the finite values and the ends of its Student interval; NaN for fewer than two."""
    values = values[np.isfinite(values)]
    if values.size < 2:
        return np.nan, np.nan, np.nan
    half = student.ppf((1 + coverage) / 2, values.size - 1) * values.std(ddof=1)
    half /= np.sqrt(values.size)
    return values.mean(), values.mean() - half, values.mean() + half


def _curves(fits, schedule):
    """ln(kappa_c), its step and ln(width) of every realisation that is fitted, NaN of others."""
    one = fits.sel(family=FAMILY, drop=True)
    half_point = one.half_point.where(one.status == FITTED)
    step = half_point.copy(data=convert(half_point.values, "ln_kappa", "t", schedule))
    width = np.log(one.width.where(one.status == FITTED))
    return xr.Dataset({"ln_kappa": half_point, "step": step, "ln_width": width})


def _measured(curves, schedule):
    kappa, width = (mean_interval(curves[name].values) for name in ("ln_kappa", "ln_width"))
    return {
        "n_realisations": int(curves.ln_kappa.notnull().sum()),
        **_ends("kappa_c", np.exp(kappa)),
        **_ends("step_c", convert(np.array(kappa), "ln_kappa", "t", schedule)),
        **_ends("width", np.exp(width)),
    }


def _compared(curves, base, n_comparisons):
    curves, base = xr.align(curves, base, join="inner")
    shift, ratio = ((curves[name] - base[name]).values for name in ("step", "ln_width"))
    strict = [mean_interval(d, 1 - (1 - COVERAGE) / n_comparisons) for d in (shift, ratio)]
    return {
        "n_pairs": int(np.isfinite(shift).sum()),
        **_ends("shift", mean_interval(shift)),
        **_ends("width_ratio", np.exp(mean_interval(ratio))),
        "differs": any(low > 0 or high < 0 for _, low, high in strict),
    }


def _ends(name, values):
    return dict(zip((name, f"{name}_low", f"{name}_high"), map(float, values), strict=True))
