"""The families of transition curves in closed form, and the coordinates of the control parameter.

A curve falls from its plateau to its floor,

    m(u) = floor + (plateau - floor) G(slope (u - centre)),

where G falls from 1 to 0 and u is the control parameter in the coordinate of the family. Without
its coordinate a shape has no meaning: hill in ln(kappa) is the logistic function of ln(kappa).
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import erf, erfinv, expit, logit, ndtr, ndtri

from netphase.noise.schedule import CLEAN_STEP, POWERS, levels

REFERENCES = (
    "Hill (1910), J. Physiol. 40, iv; Finney (1971), Probit Analysis; "
    "Seidler and Abel (2024), ICAART 2024"
)
COORDINATES = {
    "ln_kappa": "natural logarithm of the noise-to-signal ratio",
    "kappa": "noise-to-signal ratio",
    "t": "diffusion step",
    "beta": "variance that the diffusion step adds",
    "log2_t": "binary logarithm of the diffusion step",
}


class Family(NamedTuple):
    """A shape G(z) that falls from 1 to 0, its inverse, and the coordinate in which it is meant.

    Where `slope` is given the slope is fixed to it, not fitted.
    """

    meaning: str
    coordinate: str
    shape: str
    fall: Callable[[np.ndarray], np.ndarray]
    inverse: Callable[[np.ndarray], np.ndarray]
    slope: float | None = None


def _logistic(meaning: str, coordinate: str) -> Family:
    return Family(meaning, coordinate, "logistic", lambda z: expit(-z), lambda a: -logit(a))


FAMILIES = {
    "hill": _logistic("logistic function of ln(kappa), 1 / (1 + (kappa / kappa_c)^s)", "ln_kappa"),
    "probit": Family(
        "normal distribution function of ln(kappa)",
        "ln_kappa",
        "normal",
        lambda z: ndtr(-z),
        lambda a: -ndtri(a),
    ),
    "inv_weibull": Family(
        "1 - exp(-(kappa_c / kappa)^s)",
        "ln_kappa",
        "inverse Weibull",
        lambda z: -np.expm1(-np.exp(-z)),
        lambda a: -np.log(-np.log1p(-a)),
    ),
    "gompertz": Family(
        "exp(-(kappa / kappa_c)^s), Weibull in kappa",
        "ln_kappa",
        "Weibull",
        lambda z: np.exp(-np.exp(z)),
        lambda a: np.log(-np.log(a)),
    ),
    "erf": Family(
        "erf(kappa_c / kappa), the matched filter of two classes",
        "ln_kappa",
        "error function",
        lambda z: erf(np.exp(-z)),
        lambda a: -np.log(erfinv(a)),
        slope=1.0,
    ),
    "logistic_kappa": _logistic("logistic function of kappa", "kappa"),
    "logistic_t": _logistic("logistic function of the diffusion step", "t"),
}
DEFAULT_FAMILIES = ("hill", "probit", "inv_weibull", "logistic_t")


def curve(family: str, u, plateau, floor, centre, slope):
    """floor + (plateau - floor) G(slope (u - centre)); at u = -inf, without noise, the plateau."""
    return floor + (plateau - floor) * FAMILIES[family].fall(slope * (u - centre))


def level_set(family: str, level, centre, slope):
    """u at which the curve has fallen to `level` (0..1) of its height: centre + G^-1(level) / s."""
    return centre + FAMILIES[family].inverse(np.asarray(level)) / slope


def half_point(family: str, centre, slope):
    """u at which the curve has lost half of its height; the centre of the symmetric families."""
    return level_set(family, 0.5, centre, slope)


def centre_of(family: str, half_point, slope):
    """The centre of the curve with this half point: the inverse of `half_point`."""
    return half_point - FAMILIES[family].inverse(np.asarray(0.5)) / slope


def width(family: str, slope, upper=0.9, lower=0.1):
    """Distance in u between two level sets: (G^-1(lower) - G^-1(upper)) / slope.

    2 logit(upper) / s for hill and symmetric levels, 4.3944 / s for .1 and .9.
    """
    return level_set(family, lower, 0.0, slope) - level_set(family, upper, 0.0, slope)


def convert(values, source: str, target: str, schedule: Mapping):
    """Convert values of one coordinate of `COORDINATES` to another, on the study's noise schedule.

    Between two diffusion steps ln(alpha_bar) is linear in t, as Seidler & Abel (2025) read
    t_c = 1845.934; at the steps themselves kappa is that of `netphase.noise.schedule.levels`,
    whatever the form.
    NaN outside the schedule, -inf for logarithms without noise.

    Parameters
    ----------
    values : any shape
    schedule : beta_first, beta_last, n_steps, ... of `netphase.noise.schedule.levels`
    """
    values = np.asarray(values, float)
    if source == target:
        return values
    steps, depths, beta_first, beta_step = _schedule_grid(tuple(sorted(schedule.items())))
    power = POWERS[schedule.get("form", "ddpm")]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if source in ("ln_kappa", "kappa"):
            if target in ("ln_kappa", "kappa"):
                return np.exp(values) if source == "ln_kappa" else np.log(values)
            ln_kappa = values if source == "ln_kappa" else np.log(values)
            depth = np.logaddexp(0, 2 / power * ln_kappa)
            t = np.interp(depth, depths, steps, left=np.nan, right=np.nan)
        elif source == "t":
            t = values
        elif source == "beta":
            t = (values - beta_first) / beta_step
        else:
            t = np.exp2(values)
        if target == "t":
            return t
        if target == "beta":
            return beta_first + beta_step * t
        if target == "log2_t":
            return np.log2(np.maximum(t, 0.0))
        kappa = np.expm1(np.interp(t, steps, depths, left=np.nan, right=np.nan))
        if power == 1:
            kappa = np.sqrt(kappa)
        return kappa if target == "kappa" else np.log(kappa)


@lru_cache(maxsize=16)
def _schedule_grid(schedule):
    """Steps, -ln(alpha_bar) = ln(1 + kappa^(2/p)) at them, and beta as an affine function of t."""
    schedule = dict(schedule)
    last = schedule["n_steps"] - (schedule.get("beta_grid", "formula") == "linspace")
    # Where the product leaves out beta_t, step 0 has no noise either: one clean step is enough.
    first = CLEAN_STEP if schedule.get("alpha_bar_inclusive", True) else 0
    grid = levels(range(first, last + 1), **schedule)
    steps = np.array([level.step for level in grid], float)
    order = 2 / POWERS[schedule.get("form", "ddpm")]
    depths = np.log1p(np.array([level.kappa for level in grid]) ** order)
    beta_step = (schedule["beta_last"] - schedule["beta_first"]) / last
    return steps, depths, schedule["beta_first"], beta_step
