"""Data collapse: curves of all sizes N on one master curve.

X = (x - x_c(N)) (N / N0)^gamma, Y = y (N / N0)^zeta, N0 the smallest size. x_c(N) is one number, or
that number plus a centre that was measured size by size.

The quality S is the mean squared distance of the points from the master curve in units of its
error: about 1 for a good collapse.

The file is long because the search, the compiled form of its quality (`_Ladder`) and the table of
its results change together.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import minimize

from netphase.errors import InputError
from netphase.files.attributes import describe
from netphase.scaling.power_laws import span_decades, weighted_power_law

REFERENCES = "Houdayer and Hartmann (2004), Phys. Rev. B 70, 014418"
STATUS = (
    "collapsed",
    "poor",
    "off_grid",
    "not_converged",
    "too_few_sizes",
    "no_error",
    "no_overlap",
    "too_coarse",
)
(
    COLLAPSED,
    POOR,
    OFF_GRID,
    NOT_CONVERGED,
    TOO_FEW_SIZES,
    NO_ERROR,
    NO_OVERLAP,
    TOO_COARSE,
) = range(len(STATUS))
ACCEPTABLE = 1.5  # S of a collapse; independent points of a good one scatter about 1 by less
RESOLVED = 0.5  # S that straight lines between the levels may bring about by themselves
# With a centre inside the controls and three sizes a third of all points meets two other sizes.
OVERLAP = 0.25
STARTS = 3


class Collapse(NamedTuple):
    """The best x_c and gamma, their quality S over n_points, and the map S(x_c, gamma)."""

    x_c: float
    gamma: float
    quality: float
    n_points: int
    map: np.ndarray
    status: int


class Drift(NamedTuple):
    """x_c(N) = centre = intercept + slope ln N; it moves where the interval of slope excludes 0."""

    centre: np.ndarray
    intercept: float
    slope: float
    low: float
    high: float
    chi2: float
    dof: int
    moves: bool


def rescale(control, y, dy, size, x_c, gamma, zeta=0.0) -> tuple[np.ndarray, ...]:
    """X = (x - x_c)(N / N0)^gamma, Y = y (N / N0)^zeta and the error of Y; N0 the smallest size.

    Parameters
    ----------
    control : (points,) or (sizes, points)
    y, dy : (..., sizes, points)
    size : (sizes,)
    x_c : number, or (sizes,) where the centre moves
    """
    ratio = (np.asarray(size, float) / np.min(size))[:, np.newaxis]
    x = (control - np.reshape(x_c, (-1, 1))) * ratio**gamma
    return x, y * ratio**zeta, dy * ratio**zeta


def master_curve(x, y, dy) -> tuple[np.ndarray, np.ndarray]:
    """Master curve M at every scaled point, and its standard error dM.

    Every other size whose X range brackets X_ij gives its two bracketing points (X_k below or at
    X_ij, and the next; the last two for its right end). Through these at least four points goes a
    straight line by weighted least squares, w = 1 / dY^2:

    M = [Kxx Ky - Kx Kxy + X (K Kxy - Kx Ky)] / D, dM^2 = (Kxx - 2 X Kx + X^2 K) / D,
    D = K Kxx - Kx^2, with K = sum w, Kx = sum w x, ...

    Fewer than four points, or D <= 0: NaN.

    Parameters
    ----------
    x, dy : (sizes, points), NaN where missing
    y : (..., sizes, points), any stack of curves with the same errors

    Raises
    ------
    InputError
        An error that is zero or negative: its weight would be infinite.
    """
    ladder = _Ladder(x, y, dy, np.ones(len(dy)))
    m, variance = ladder.master(ladder.control)
    back = np.argsort(ladder.order, axis=1)
    m = np.take_along_axis(m, np.broadcast_to(back, m.shape), axis=-1)
    return m, np.sqrt(np.take_along_axis(variance, back, axis=1))


def quality(x, y, dy) -> float:
    """S = mean of (Y - M)^2 / (dY^2 + dM^2) over the points that meet the master curve.

    NaN where no point meets it. Parameters and errors as of `master_curve`, y (sizes, points).
    """
    m, dm = master_curve(x, y, dy)
    terms = (y - m) ** 2 / (dy**2 + dm**2)
    met = np.isfinite(terms)
    return float(terms[met].mean()) if met.any() else np.nan


def interpolation_quality(control, dy, size, shape, x_c, gamma) -> float:
    """S of curves without noise that collapse exactly: the part due to straight lines alone.

    The median over gamma. Where it is not small the levels are too far apart for the errors: S is
    then uninformative, and its minimum lies where the levels of all sizes coincide, gamma = 0.

    Parameters
    ----------
    control, dy, size : as of `autoscale`
    shape : master curve, function of X
    x_c : number
    gamma : (n,); 0 does not count
    """
    ratio = (np.asarray(size, float) / np.min(size))[:, np.newaxis]
    found = []
    for exponent in gamma[np.abs(gamma) > 1e-9]:
        y = shape((control - x_c) * ratio**exponent)
        found.append(quality(*rescale(control, y, dy, size, x_c, exponent)))
    return float(np.nanmedian(found)) if np.isfinite(found).any() else np.nan


def autoscale(control, y, dy, size, x_c, gamma, zeta=0.0, centre=0.0) -> Collapse:
    """Minimise S over x_c and gamma: a coarse grid, then Nelder-Mead from its best cells.

    Plain Nelder-Mead ends in wrong minima, S is rough; the grid keeps it in the right valley.
    Besides collapsed, the result is

    - poor: S above 1.5;
    - off_grid: the optimum left the grid by more than a cell, so the ranges did not hold it;
    - not_converged: the simplex did not contract; all NaN;
    - too_few_sizes: fewer than three sizes with two points; all NaN;
    - no_error: an error bar is zero or negative; all NaN;
    - no_overlap: nowhere on the grid do enough points meet the master curve; all NaN;
    - too_coarse: see `fit_collapse`.

    Parameters
    ----------
    control : (points,) or (sizes, points)
    y, dy : (sizes, points), NaN where missing
    size : (sizes,)
    x_c, gamma : the grid, equally spaced
    zeta : exponent of y
    centre : number or (sizes,), added to x_c
    """
    failed = Collapse(np.nan, np.nan, np.nan, 0, np.full((len(x_c), len(gamma)), np.nan), NO_ERROR)
    if len(size) < 3:
        return failed._replace(status=TOO_FEW_SIZES)
    if np.any(np.asarray(dy) <= 0):
        return failed
    ladder = _Ladder(control, y, dy, size, zeta, centre)
    if np.sum(np.isfinite(ladder.control).sum(axis=1) >= 2) < 3:
        return failed._replace(status=TOO_FEW_SIZES)
    cells = np.array([[ladder.quality(a, b) for b in gamma] for a in x_c])
    if not np.isfinite(cells).any():
        return failed._replace(status=NO_OVERLAP, map=cells)
    best = np.argsort(cells, axis=None)[:STARTS]
    starts = np.stack([x_c[best // len(gamma)], gamma[best % len(gamma)]], axis=-1)
    step = np.array([np.ptp(x_c) / (len(x_c) - 1), np.ptp(gamma) / (len(gamma) - 1)])
    found = min((_simplex(ladder, start, step) for start in starts), key=lambda fit: fit.fun)
    if not found.success:
        return failed._replace(status=NOT_CONVERGED, map=cells)
    low = np.array([x_c.min(), gamma.min()]) - step
    high = np.array([x_c.max(), gamma.max()]) + step
    inside = np.all((low <= found.x) & (found.x <= high))
    status = POOR if found.fun > ACCEPTABLE else COLLAPSED if inside else OFF_GRID
    return Collapse(
        float(found.x[0]),
        float(found.x[1]),
        float(found.fun),
        int(ladder.terms(ladder.scaled(*found.x))[1].sum()),
        cells,
        status,
    )


def refit(control, replicas, dy, size, x_c, gamma, best, zeta=0.0, centre=0.0) -> np.ndarray:
    """(x_c, gamma) of resampled curves, (replicas, 2), NaN where the simplex did not contract.

    Each starts from the best of the grid and of the optimum of the data.

    Parameters
    ----------
    control, dy, size, x_c, gamma, zeta : as of `autoscale`
    replicas : (replicas, sizes, points)
    best : (x_c, gamma) of the data
    centre : number, (sizes,), or (replicas, sizes) where it was resampled too
    """
    step = np.array([np.ptp(x_c) / (len(x_c) - 1), np.ptp(gamma) / (len(gamma) - 1)])
    starts = np.array([best, *((a, b) for a in x_c for b in gamma)])
    moving = np.ndim(centre) == 2
    if not moving:
        ladder = _Ladder(control, replicas, dy, size, zeta, centre)
        cells = np.stack([ladder.quality(*start) for start in starts], axis=-1)
    fits = np.full((len(replicas), 2), np.nan)
    for i, y in enumerate(replicas):
        ladder = _Ladder(control, y, dy, size, zeta, centre[i] if moving else centre)
        values = [ladder.quality(*start) for start in starts] if moving else cells[i]
        found = _simplex(ladder, starts[np.argmin(values)], step)
        if found.success and np.isfinite(found.fun):
            fits[i] = found.x
    return fits


def fit_drift(size, centre, centre_se, at=None) -> Drift:
    """Fit the centres of the sizes by a line in ln N, with the errors of `weighted_power_law`.

    Parameters
    ----------
    size, centre, centre_se : (sizes,), NaN where no centre was found
    at : sizes at which the centre is wanted, by default `size`
    """
    line = weighted_power_law(size, centre, centre_se)
    log_size = np.log(np.asarray(size if at is None else at, float))
    return Drift(
        line.b - line.gamma * log_size,
        float(line.b),
        -float(line.gamma),
        -float(line.high),
        -float(line.low),
        float(line.chi2),
        int(line.dof),
        bool(line.low * line.high > 0),
    )


def sweep_window(control, y, dy, size, x_c, gamma, half_widths, zeta=0.0, centre=0.0) -> list:
    """`autoscale` of the points within |x - x_c(N)| <= half_width, for each half width.

    x_c is that of all points, so that the windows are nested.
    """
    whole = autoscale(control, y, dy, size, x_c, gamma, zeta, centre)
    distance = np.abs(control - np.reshape(centre, (-1, 1)) - whole.x_c)
    return [
        autoscale(
            control, np.where(distance <= half_width, y, np.nan), dy, size, x_c, gamma, zeta, centre
        )
        for half_width in half_widths
    ]


def fit_collapse(
    control,
    y,
    dy,
    size,
    x_c,
    gamma,
    replicas,
    half_widths,
    zeta=0.0,
    centre=0.0,
    shape: Callable[[np.ndarray], np.ndarray] | None = None,
) -> xr.Dataset:
    """Collapse the curves of one ladder, with errors and quality of the result.

    One function because the table holds a NaN wherever an earlier part of the analysis fails. The
    intervals hold the scatter only. The straight line between neighbouring points of a curved
    master curve is a bias of the order of the squared spacing: seven sigmoids of three decades with
    gamma = 0.27 and 17, 33 or 65 points give 0.248, 0.264 or 0.268, and coarse points raise S too.

    Parameters
    ----------
    control, y, dy, size, x_c, gamma, zeta : as of `autoscale`
    replicas : (replicas, sizes, points), resampled curves
    half_widths : (windows,), in units of the control
    centre : number, (sizes,), added to x_c; of `fit_drift` where the centre moves
    shape : the master curve, function of X, as far as it is known. Where straight lines between
        the levels of such curves alone give S > 0.5 (`interpolation_quality`) the result is
        too_coarse: NaN but for the map.

    Returns
    -------
    xarray.Dataset
        x_c, gamma, their standard errors and 95 % percentile intervals, nu = 1 / gamma, quality,
        interpolation_quality, n_points, status; quality_map(x_c_grid, gamma_grid);
        window_*(half_width).
    """
    x_c, gamma = np.asarray(x_c, float), np.asarray(gamma, float)
    fit = autoscale(control, y, dy, size, x_c, gamma, zeta, centre)
    by_lines = np.nan
    if shape is not None and fit.status not in (TOO_FEW_SIZES, NO_ERROR):
        middle = x_c.mean() + np.mean(centre)
        by_lines = interpolation_quality(control, dy, size, shape, middle, gamma)
    coarse = by_lines > RESOLVED
    if coarse:
        fit = Collapse(np.nan, np.nan, np.nan, 0, fit.map, TOO_COARSE)
    fits = np.full((1, 2), np.nan)
    if np.isfinite(fit.gamma):
        fits = refit(control, replicas, dy, size, x_c, gamma, fit[:2], zeta, centre)
    fits = fits[np.isfinite(fits).all(axis=1)]
    ends = np.full((2, 2), np.nan)
    errors = np.full(2, np.nan)
    if len(fits) > 1:
        ends, errors = np.quantile(fits, (0.025, 0.975), axis=0), fits.std(axis=0, ddof=1)
    windows = [fit] * len(half_widths)
    if not coarse:
        windows = sweep_window(control, y, dy, size, x_c, gamma, half_widths, zeta, centre)
    collapse = xr.Dataset(coords={"x_c_grid": x_c, "gamma_grid": gamma, "half_width": half_widths})
    collapse["quality_map"] = ("x_c_grid", "gamma_grid"), fit.map
    for i, name in enumerate(("x_c", "gamma")):
        collapse[name] = fit[i]
        collapse[f"{name}_se"] = errors[i]
        collapse[f"{name}_low"], collapse[f"{name}_high"] = ends[:, i]
    apart = ends[0, 1] * ends[1, 1] > 0
    collapse["nu"] = 1 / fit.gamma if fit.gamma else np.nan
    collapse["nu_low"] = 1 / ends[1, 1] if apart else np.nan
    collapse["nu_high"] = 1 / ends[0, 1] if apart else np.nan
    collapse["quality"], collapse["n_points"] = fit.quality, np.int32(fit.n_points)
    collapse["interpolation_quality"] = by_lines
    collapse["n_replicas"] = np.int32(len(fits))
    collapse["status"] = np.int8(fit.status)
    for name in ("x_c", "gamma", "quality", "n_points", "status"):
        values = np.array([getattr(window, name) for window in windows])
        kind = {"status": np.int8, "n_points": np.int32}.get(name, float)
        collapse[f"window_{name}"] = "half_width", values.astype(kind)
    return _described(collapse, size)


class _Ladder:
    """Curves sorted by their control, ready to be scaled many times; missing points come last.

    control, dy, weight : (sizes, points); y : (..., sizes, points)
    """

    def __init__(self, control, y, dy, size, zeta=0.0, centre=0.0):
        _check_errors(dy)
        y, dy = np.asarray(y, float), np.asarray(dy, float)
        control = np.broadcast_to(control - np.reshape(centre, (-1, 1)), dy.shape)
        leading = tuple(range(y.ndim - 2))
        present = np.isfinite(control) & np.isfinite(dy) & np.isfinite(y).all(axis=leading)
        order = np.argsort(np.where(present, control, np.inf), axis=1, kind="stable")
        ratio = (np.asarray(size, float) / np.min(size))[:, np.newaxis]

        def prepared(values, missing):
            values = np.where(present, values, missing)
            return np.take_along_axis(values, np.broadcast_to(order, values.shape), axis=-1)

        self.order = order
        self.log_ratio = np.log(ratio)
        self.control = prepared(control, np.nan)
        self.y = prepared(y * ratio**zeta, 0.0)
        self.dy = prepared(dy * ratio**zeta, np.inf)
        self.weight = self.dy**-2.0
        self.weighted_y = (self.weight * self.y).reshape(-1, *order.shape)
        self.present = prepared(True, False)
        self.last = self.present.sum(axis=1, keepdims=True) - 1
        self.others = ~np.eye(len(order), dtype=bool).repeat(order.shape[1], axis=1)

    def scaled(self, x_c, gamma):
        return (self.control - x_c) * np.exp(gamma * self.log_ratio)

    def quality(self, x_c, gamma):
        """S of each curve of the stack; infinite below the least overlap."""
        terms, met = self.terms(self.scaled(x_c, gamma))
        n = met.sum()
        s = np.sum(terms, axis=(-2, -1), where=met) / max(n, 1)
        return s if n >= OVERLAP * self.present.sum() else np.full_like(s, np.inf)

    def terms(self, x):
        """Squared distances from the master curve in units of their variance, and which exist."""
        m, variance = self.master(x)
        return (self.y - m) ** 2 / (self.dy**2 + variance), np.isfinite(variance)

    def master(self, x):
        """M and dM^2 at the scaled points; the sums over brackets are taken in pairs of points."""
        points, filled = x.ravel(), np.where(self.present, x, 0)
        interval, enough = self.brackets(x)
        weighted_x = self.weight * filled
        moments = np.concatenate(
            [
                (self.weight, weighted_x, weighted_x * filled),
                self.weighted_y,
                self.weighted_y * filled,
            ]
        )
        moments[..., :-1] += moments[..., 1:]
        moments[..., -1] = 0
        sums = moments.reshape(len(moments), -1).take(interval, axis=1, mode="clip").sum(axis=1)
        K, Kx, Kxx = sums[:3]
        Ky, Kxy = sums[3:].reshape(2, *self.y.shape[:-2], points.size)
        D = K * Kxx - Kx**2
        D = np.where(enough & (D > 0), D, np.nan)
        m = (Kxx * Ky - Kx * Kxy + points * (K * Kxy - Kx * Ky)) / D
        variance = (Kxx - 2 * points * Kx + points**2 * K) / D
        return m.reshape(self.y.shape), variance.reshape(x.shape)

    def brackets(self, x):
        """Flat index of the point below each point in every size, and where two sizes have one.

        A size that does not bracket the point gives the index of its last column.
        """
        sizes, n = x.shape
        points = x.ravel()
        below = np.stack([row.searchsorted(points, "right") for row in x]) - 1
        below -= points == np.take_along_axis(x, self.last, axis=1)
        inside = (below >= 0) & (below < self.last) & self.others
        first = n * np.arange(sizes)[:, np.newaxis]
        return np.where(inside, below, n - 1) + first, inside.sum(axis=0) >= 2


def _check_errors(dy):
    if np.any(np.asarray(dy) <= 0):
        raise InputError(
            "collapse: an error bar is zero or negative, so its weight is infinite; "
            "give every point the error of its measurement"
        )


def _simplex(ladder, start, step):
    """Nelder-Mead in cells of the grid, so that no unit of the control enters."""
    found = minimize(
        lambda cells: float(ladder.quality(*(cells * step))),
        start / step,
        method="Nelder-Mead",
        options={
            "initial_simplex": start / step + 0.6 * np.array([[0, 0], [1, 0], [0, 1]]),
            "xatol": 4e-4,
            "fatol": 1e-4,
            "maxiter": 120,
        },
    )
    found.x = found.x * step
    return found


def _described(collapse, size):
    meanings = {
        "x_c": "control at which all sizes meet, less the measured centre where one is given",
        "gamma": "exponent of the rescaling of the control",
        "nu": "1 / gamma",
        "quality": "mean squared distance from the master curve in units of its variance",
        "n_points": "number of points that meet the master curve",
        "status": "outcome of the collapse",
    }
    others = {
        "x_c_grid": "x_c of the map",
        "gamma_grid": "gamma of the map",
        "half_width": "largest distance from the centre of the points of the window",
        "quality_map": "quality over the grid, infinite where too few points meet",
        "interpolation_quality": "quality of exact curves, by straight lines between the levels",
        "n_replicas": "number of resampled ladders whose collapse converged",
    }
    within = {f"window_{name}": f"{text}, within the window" for name, text in meanings.items()}
    describe(collapse, meanings | within | others, {"status": STATUS, "window_status": STATUS})
    collapse.attrs = {
        "title": "Data collapse of the curves of all sizes",
        "references": REFERENCES,
        "acceptable_quality": ACCEPTABLE,
        "span_decades": span_decades(size),
    }
    return collapse
