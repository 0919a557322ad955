"""Critical temperature and exponents of the Ising model on closed hyperbolic surfaces.

The Binder cumulants U4(N, T) of surfaces of N spins go through the crossings and the collapse that
find the transition of the square lattice (`netphase.lattices.calibration`). Above the critical
dimension the scaling variable is (T - T_c) N^(1/2), with corrections of relative order N^(-1/2):

U4 = U* + a (T - T_c) N^(1/2) + b N^(-1/2) + ...,

so that the curves of N and M cross at T_c + (b / a) (N M)^(-1/2), and that of N has the value U* at
T_c - (b / a) / N. Straight lines through either lead to T_c, from opposite sides; the first does
without U*, the second takes that of mean-field theory. A collapse has no corrections to scaling,
and its quality shows that they are there.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.files.attributes import describe
from netphase.hyperbolic.corner_transfer import bethe_temperature
from netphase.lattices.ising import DERIVED, MEASURED, SERIES
from netphase.lattices.ising import UNITS as OBSERVED_UNITS
from netphase.scaling.collapse import STATUS as COLLAPSE_STATUS
from netphase.scaling.collapse import fit_collapse
from netphase.scaling.crossings import CROSSING, RESOLVED, crossing, fit_crossings
from netphase.scaling.crossings import STATUS as CROSSING_STATUS
from netphase.scaling.power_laws import weighted_power_law
from netphase.statistics.intervals import student_half_width
from netphase.statistics.means import size_means
from netphase.statistics.resampling import resample_parametric

REFERENCES = (
    "Breuckmann, Placke & Roy (2020), Phys. Rev. E 101, 022124; Binder (1981), Z. Phys. B 43, 119"
)
OBSERVED = ("magnetisation", "susceptibility", "binder", "binder_slope")
MEAN_FIELD = {"binder_slope": 1 / 2, "susceptibility": 1 / 2, "magnetisation": -1 / 4}
"""Exponents of N at T_c."""
MEAN_FIELD_BINDER = 0.270520
"""U4 at T_c: 1 - Gamma(5/4) Gamma(1/4) / (3 Gamma(3/4)^2), of the weight exp(-m^4)."""
N_REPLICAS = 200
GAMMA = np.linspace(0.3, 0.9, 7)
ENDS = ("", "_se", "_low", "_high")
MEANINGS = (SERIES | DERIVED) | {
    "size": "number of spins",
    "temperature": "temperature",
    "prime": "prime of the group of the surface",
    "genus": "genus of the surface",
    "smallest": "number of spins of the smallest surface that enters",
    "pair": "two surfaces, smaller:larger",
    "pair_small": "smaller surface of the pair",
    "pair_large": "larger surface of the pair",
    "pair_status": "outcome for the pair",
    "crossing": "temperature at which the Binder cumulants of the pair cross",
    "height": "Binder cumulant at the crossing",
    "t_c": "critical temperature, crossings on a line in (N M)^(-1/2)",
    "t_level": "critical temperature, levels on a line in 1 / N",
    "level": "temperature at which the Binder cumulant is that of mean-field theory at T_c",
    "t_c_slope": "slope of that line of crossings",
    "t_c_misfit": "chi squared of that line of crossings over its expectation",
    "t_level_slope": "slope of that line of levels",
    "t_level_misfit": "chi squared of that line of levels over its expectation",
    "x_c": "critical temperature by collapse",
    "gamma": "exponent of N by collapse",
    "quality": "mean squared distance from the master curve in units of its variance",
    "status": "outcome of the collapse",
    "quantity": "what grows as a power of N at the critical temperature",
    "exponent": "exponent of N at the critical temperature t_c of all from quoted on",
    "relative": "value at the critical temperature t_c of all from quoted on, over that of the "
    "largest surface",
    "mean_field": "exponent of N by mean-field theory",
    "quoted": "number of spins of the smallest surface of what is quoted",
    "bethe": "critical temperature of the tree of the same coordination, an upper bound",
    "scatter_ratio": "variance between realisations over that of the error bars",
    "share_unmeasured": "share of simulations that are frozen or too short",
    "cpu_seconds": "process CPU time of the simulations",
}
TEMPERATURES = ("temperature", "crossing", "level", "t_c", "t_level", "x_c", "bethe")
TEMPERATURES += ("t_c_slope", "t_level_slope")
UNITS = OBSERVED_UNITS | dict.fromkeys(TEMPERATURES, "J/k_B") | {"cpu_seconds": "s"}


class Line(NamedTuple):
    """T_c, its standard error and interval, slope, and chi squared over its expectation."""

    t_c: float
    se: float
    low: float
    high: float
    slope: float
    misfit: float


def extrapolate(x, value, copies, n_sizes: int) -> Line:
    """T_c of the temperatures T = T_c + slope x by weighted least squares.

    The weights are 1 / SE^2; the covariance of the values, which may share their curves, enters the
    error of T_c and the expectation of chi squared. Where chi squared is above that, the variance
    is multiplied by their ratio (Birge). The interval is Student's t(0.975) with n_sizes - 2
    degrees of freedom. Fewer than three sizes: NaN.

    Parameters
    ----------
    x, value : (points,)
    copies : (points, replicas), the values of resampled curves
    n_sizes : sizes from which the points come
    """
    if n_sizes < 3:
        return Line(*[np.nan] * 6)
    covariance = np.cov(copies)
    design = np.stack([np.ones_like(x), x], axis=1)
    weight = np.diag(1 / np.diag(covariance))
    solve = np.linalg.solve(design.T @ weight @ design, design.T @ weight)
    t_c, slope = solve @ value
    left = value - design @ solve @ value
    rest = np.eye(len(x)) - design @ solve
    misfit = left @ weight @ left / np.trace(rest.T @ weight @ rest @ covariance)
    se = np.sqrt(max(misfit, 1) * (solve @ covariance @ solve.T)[0, 0])
    reach = student_half_width(se, n_sizes - 2)
    return Line(*map(float, (t_c, se, t_c - reach, t_c + reach, slope, misfit)))


def locate(
    runs: xr.Dataset, costs: xr.Dataset, tiling: str, smallest: int, rng: np.random.Generator
) -> xr.Dataset:
    """Critical temperature and exponents of one tiling, by the smallest surface that enters.

    One function because each estimate needs the ones before it: curves, crossings and levels, lines
    and collapses by smallest surface, exponents at the quoted T_c.

    Parameters
    ----------
    runs, costs : of `netphase.hyperbolic.surface_ising.simulate_surfaces`, aggregated
    tiling : its name
    smallest : prime of the smallest surface that enters the quoted estimates

    Returns
    -------
    xarray.Dataset
        Over (size, temperature): `OBSERVED` with errors; over pair: crossings; over size: level, at
        which U4 is that of mean-field theory; over smallest: T_c by crossings, by levels and by
        collapse; over (quantity, smallest): exponents of N at the quoted T_c; over
        (quantity, size): values at that T_c over those of the largest surface.

    Raises
    ------
    InputError : the crossings, from the quoted surface on, lead to no T_c among the temperatures
    """
    one = runs.sel(model=tiling)
    present = one.status >= 0
    one = one.isel(
        size=present.any(("temperature", "realisation")).values,
        temperature=present.any(("size", "realisation")).values,
    )
    one = one.sortby(["size", "temperature"]).transpose("size", "temperature", "realisation")
    size, temperature = one["size"].values, one.temperature.values
    quoted = int(size[one.prime.values == smallest][0])
    result = xr.Dataset(coords={"size": size, "temperature": temperature})
    for name in ("prime", "genus"):
        result[name] = "size", one[name].values
    means = {name: _means(one, name) for name in OBSERVED}
    for name, mean in means.items():
        result[name] = ("size", "temperature"), mean.mean
        result[f"{name}_se"] = ("size", "temperature"), _error(mean)

    y, dy = result.binder.values, result.binder_se.values
    replicas = resample_parametric(y, dy, N_REPLICAS, rng)
    pairs, crossed = _pairs(temperature, y, dy, size, replicas)
    levels, reached = _levels(temperature, y, dy, size, replicas)
    result = xr.merge([result, pairs, levels])
    usable = (pairs.pair_status == CROSSING).values
    known = np.isfinite(levels.level_se.values)
    small, large = pairs.pair_small.values, pairs.pair_large.values
    starts = size[: max(size.size - 2, 1)]
    x_c = np.linspace(temperature[0], temperature[-1], 9)
    lines, collapses = [], []
    for start in starts:
        used, kept = usable & (small >= start), known & (size >= start)
        n_sizes = np.unique([small[used], large[used]]).size
        x = (small[used].astype(float) * large[used]) ** -0.5
        by_crossings = extrapolate(x, pairs.crossing.values[used], crossed[used], n_sizes)
        by_levels = extrapolate(
            1.0 / size[kept], levels.level.values[kept], reached[kept], kept.sum()
        )
        lines.append([by_crossings, by_levels])
        kept = size >= start
        ladder = (temperature, y[kept], dy[kept], size[kept])
        collapses.append(fit_collapse(*ladder, x_c, GAMMA, replicas[:, kept], []))
    result = result.assign_coords(smallest=starts, quantity=list(MEAN_FIELD))
    for name, line in zip(("t_c", "t_level"), np.moveaxis(np.array(lines), 0, -1), strict=True):
        for k, end in enumerate((*ENDS, "_slope", "_misfit")):
            result[name + end] = "smallest", line[k]
    for name in [base + end for base in ("x_c", "gamma") for end in ENDS] + ["quality"]:
        result[name] = "smallest", [float(part[name]) for part in collapses]
    result["status"] = "smallest", np.array([part.status for part in collapses], np.int8)

    t_c, t_c_se = (float(result[name].sel(smallest=quoted)) for name in ("t_c", "t_c_se"))
    if not temperature[0] <= t_c <= temperature[-1]:
        raise InputError(
            f"tilings.{tiling}: the crossings from {quoted} spins on lead to T_c = {t_c:.4g}, not "
            "among its temperatures; choose others, or more measurements"
        )
    laws = np.array(
        [[_law(result, name, t_c, t_c_se, start) for start in starts] for name in MEAN_FIELD]
    )
    for k, end in enumerate(ENDS):
        result[f"exponent{end}"] = ("quantity", "smallest"), laws[..., k]
    relative = np.array([_relative(result, name, t_c) for name in MEAN_FIELD])
    for k, end in enumerate(ENDS[:2]):
        result[f"relative{end}"] = ("quantity", "size"), relative[:, k]
    result["mean_field"] = "quantity", list(MEAN_FIELD.values())
    result["quoted"] = np.int32(quoted)
    result["bethe"] = bethe_temperature(int(one.q))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = means["binder"].variance / means["binder"].sampling_variance
    known = np.isfinite(ratio)
    result["scatter_ratio"] = ratio[known].mean() if known.any() else np.nan
    result["share_unmeasured"] = float((one.status != MEASURED).mean())
    result["cpu_seconds"] = float(costs.cpu_seconds.sel(model=tiling).sum())
    return _described(result, tiling, int(one.p), int(one.q))


def _pairs(temperature, y, dy, size, replicas):
    """Crossings of all pairs, and those of every resampled ladder (pairs, replicas)."""
    found = fit_crossings(temperature, y, dy, size, replicas)
    small, large = found.small.values, found.large.values
    pairs = xr.Dataset(coords={"pair": [f"{a}:{b}" for a, b in zip(small, large, strict=True)]})
    for name in ("small", "large", "status"):
        pairs[f"pair_{name}"] = "pair", found[name].values
    for name in ("crossing", "crossing_se", "crossing_low", "crossing_high", "height"):
        pairs[name] = "pair", found[name].values
    place = {n: k for k, n in enumerate(size.tolist())}
    copies = [
        _copies(temperature, replicas[:, a] - replicas[:, b], np.hypot(dy[a], dy[b]))
        for a, b in ((place[a], place[b]) for a, b in zip(small, large, strict=True))
    ]
    return pairs, np.array(copies)


def _levels(temperature, y, dy, size, replicas):
    """Temperatures at which each size, and each resampled one, has the mean-field cumulant."""
    level, error = np.full((2, size.size), np.nan)
    copies = np.array(
        [_copies(temperature, replicas[:, k] - MEAN_FIELD_BINDER, dy[k]) for k in range(size.size)]
    )
    for k in range(size.size):
        level[k] = crossing(temperature, y[k] - MEAN_FIELD_BINDER, dy[k])
        if np.isfinite(level[k]) and np.isfinite(copies[k]).mean() >= RESOLVED:
            error[k] = np.nanstd(copies[k], ddof=1)
    found = xr.Dataset({"level": ("size", level), "level_se": ("size", error)}, {"size": size})
    return found, copies


def _copies(temperature, difference, se):
    """Sign changes of resampled differences; their median stands for the few without one."""
    used = np.isfinite(se)
    if used.sum() < 2:
        return np.full(len(difference), np.nan)
    found = crossing(temperature[used], difference[:, used], se[used])
    return (
        np.where(np.isfinite(found), found, np.nanmedian(found))
        if np.isfinite(found).any()
        else found
    )


def _means(one, name):
    values = one[name].where(one.status == MEASURED)
    return size_means(values.values, one[f"{name}_se"].values)


def _error(means):
    return np.sqrt(means.sampling_variance / np.where(means.n > 0, means.n, np.nan))


def _law(result, name, t_c, t_c_se, start):
    """Exponent of N with its standard error and 95 % interval, the error of T_c included."""
    part = result.sel(size=result["size"] >= start)
    laws = [_power(part, name, t) for t in (t_c, t_c - t_c_se, t_c + t_c_se)]
    exponents = [-law.gamma for law in laws]
    error = np.hypot(laws[0].gamma_se, np.ptp(exponents[1:]) / 2)
    reach = student_half_width(error, part.sizes["size"] - 2)
    return exponents[0], error, exponents[0] - reach, exponents[0] + reach


def _relative(result, name, t_c):
    """Value of each size at T_c over that of the largest, and its standard error."""
    value = np.abs(result[name].interp(temperature=t_c).values)
    return value / value[-1], result[f"{name}_se"].interp(temperature=t_c).values / value[-1]


def _power(part, name, temperature):
    """Power law of N at a temperature, values interpolated linearly between the temperatures."""
    # A falling cumulant has a negative slope.
    sign = -1 if name == "binder_slope" else 1
    at = {"temperature": np.clip(temperature, *part.temperature.values[[0, -1]])}
    value = sign * part[name].interp(at).values
    error = part[f"{name}_se"].interp(at).values
    value = np.where(value > 0, value, np.nan)
    return weighted_power_law(part["size"].values, np.log(value), error / value)


def _described(result, tiling, p, q):
    flagged = {"status": COLLAPSE_STATUS, "pair_status": CROSSING_STATUS}
    describe(result, MEANINGS, flagged, UNITS)
    result.attrs = {
        "title": f"Ising model at the vertices of closed surfaces {{{p}, {q}}}",
        "tiling": tiling,
        "p": p,
        "q": q,
        "references": REFERENCES,
    }
    return result
