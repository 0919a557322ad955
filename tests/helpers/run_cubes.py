"""Synthetic run cubes whose transition is known: binomial counts about exact sigmoids."""

import numpy as np
import pytest
import xarray as xr

from netphase.noise import schedule
from netphase.scaling import sensitivity, universality
from netphase.scaling.exponents import fit_exponents
from netphase.streams import stream
from netphase.transitions import curves
from netphase.transitions.model_selection import fit_families
from netphase.transitions.sigmoid import sigmoid

STEPS = np.arange(0, 3001, 300)
KAPPA = np.array(
    [0.01, 0.6251, 1.5867, 3.8992, 11.623, 45.667, 241.8, 1731.5, 16783, 2.2033e5, 3.92e6]
)
SIZES = (2, 4, 8, 16, 32, 64, 128)
SCHEDULE = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}
SCHEDULE_2025 = {"beta_first": 1e-4, "beta_last": 2.01e-2, "n_steps": 5000}
DIMS = ("dataset", "model", "size", "step", "realisation")


def spaced(first, last, n):
    """About n levels of the schedule, equally spaced in ln(kappa) but for the rounding to steps."""
    every = schedule.levels(range(3001), **SCHEDULE)
    kappa = np.log([level.kappa for level in every])
    wanted = np.linspace(np.log(first), np.log(last), n)
    return [every[i] for i in np.unique(np.abs(kappa[:, None] - wanted).argmin(axis=0))]


LEVELS = spaced(0.05, 1700, 24)


def run_cube(
    sizes=SIZES, realisations=10, dataset="digits", model="mlp", n_test=360, spread=0.0, seed=0
):
    """Test plateau 0.5 at size 2, 0.97 from 16 on; train accuracy of size 128 is 1 throughout.

    spread : standard deviation of the test accuracy between realisations, beyond the binomial one
    """
    rng = np.random.default_rng(seed)
    size = np.array(sizes)
    test = sigmoid(KAPPA, np.interp(np.log2(size), [1, 4], [0.5, 0.97])[:, None], 0.1, 1.7, 2.2)
    memory = np.interp(np.log2(size), [1, 7], [0.15, 1.0])[:, None]
    train = np.maximum(sigmoid(KAPPA, np.maximum(memory, 0.99), memory, 2.0, 2.0), memory)
    shifts = spread * rng.standard_normal((size.size, KAPPA.size, realisations))
    p = np.stack([train[..., None] + 0 * shifts, test[..., None] + shifts], axis=-1)
    return _counted(p, size, STEPS, KAPPA, dataset, model, n_test, rng)


def transition_cube(
    sizes=SIZES,
    realisations=10,
    dataset="digits",
    model="mlp",
    n_test=1000,
    seed=0,
    *,
    levels=LEVELS,
    family="hill",
    gamma=0.2,
    width=4.0,
    kappa_c=6.0,
    drift=0.0,
    plateau=None,
    scatter=0.0,
):
    """Curves of one family with width ~ N^-gamma and kappa_c ~ N^drift, as given at size 2.

    Chance is 0.1; the train accuracy is the test accuracy.

    plateau : number or (sizes,), by default as of `run_cube`
    scatter : standard deviation of ln(width) between realisations
    """
    rng = np.random.default_rng(seed)
    size = np.array(sizes)
    if plateau is None:
        plateau = np.interp(np.log2(size), [1, 4], [0.5, 0.97])
    plateau = np.broadcast_to(plateau, size.shape)[:, None, None]
    kappa = np.array([level.kappa for level in levels])
    steps = np.array([level.step for level in levels])
    widths = width * (size / 2.0) ** -gamma
    widths = widths[:, None, None] * np.exp(
        scatter * rng.standard_normal((size.size, 1, realisations))
    )
    slope = curves.width(family, 1.0) / widths
    half_point = np.log(kappa_c * (size / 2.0) ** drift)[:, None, None]
    centre = curves.centre_of(family, half_point, slope)
    with np.errstate(divide="ignore"):
        u = np.log(kappa)[:, None]
    test = curves.curve(family, u, plateau, 0.1, centre, slope)
    return _counted(np.stack([test, test], -1), size, steps, kappa, dataset, model, n_test, rng)


def counts(p, realisations, rng, spread=0.0, n_test=2000):
    """Accuracies (levels, sizes, realisations): binomial about p, which may itself scatter.

    spread : standard deviation of p in binomial ones; a third of its variance is common to the
        sizes of a realisation, as with shared noise
    """
    shape = (*p.shape, realisations)
    own, common = rng.standard_normal(shape), rng.standard_normal((len(p), 1, realisations))
    scatter = spread * np.sqrt(p * (1 - p) / n_test)[..., np.newaxis]
    shifted = p[..., np.newaxis] + scatter * (np.sqrt(2 / 3) * own + np.sqrt(1 / 3) * common)
    return rng.binomial(n_test, np.clip(shifted, 0, 1)) / n_test


def limit_cube(runs, kappa_c, width, n=36_000, references=("oracle", "kde")):
    """Information limits without noise: logistic in ln(kappa), from accuracy 1 to chance."""
    kappa = runs.kappa.values
    with np.errstate(divide="ignore"):
        p = sigmoid(kappa, 1.0, 0.1, kappa_c, 2 * np.log(9) / width)
    correct = np.broadcast_to(np.round(n * p), (runs.dataset.size, len(references), kappa.size))
    dims = ("dataset", "reference", "step")
    return xr.Dataset(
        {"accuracy": (dims, correct / n), "n_correct": (dims, correct.astype(np.int64))},
        coords={
            "dataset": runs.dataset.values,
            "reference": list(references),
            "step": runs.step.values,
            "kappa": ("step", kappa),
            "n_samples": ("dataset", np.full(runs.dataset.size, n)),
            "n_classes": ("dataset", runs.n_classes.values),
        },
    )


def _counted(p, size, steps, kappa, dataset, model, n_test, rng):
    """Binomial counts about p (sizes, steps, realisations, splits)."""
    n = np.array([1437, n_test])
    correct = rng.binomial(n, np.clip(p, 0, 1))[None, None]
    accuracy = xr.DataArray(correct / n, dims=(*DIMS, "split"))
    shape = accuracy.shape[:5]
    return xr.Dataset(
        {
            "accuracy": accuracy,
            "f1": 0.98 * accuracy,
            "precision": 0.99 * accuracy,
            "recall": accuracy,
            "n_correct": ((*DIMS, "split"), correct),
            "epochs": (DIMS, rng.integers(50, 200, shape).astype(np.int32)),
            "final_loss": (DIMS, rng.random(shape)),
            "stop_reason": (DIMS, rng.integers(0, 2, shape).astype(np.int8)),
        },
        coords={
            "dataset": [dataset],
            "model": [model],
            "size": ("size", size, {"long_name": "hidden units", "units": "1"}),
            "step": steps,
            "realisation": np.arange(shape[-1]),
            "split": ["train", "test"],
            "kappa": ("step", kappa, {"long_name": "noise-to-signal ratio", "units": "1"}),
            "alpha_bar": ("step", 1 / (1 + kappa**2)),
            "n_parameters": (("dataset", "model", "size"), (75 * size + 10)[None, None]),
            "n_samples": (("dataset", "split"), n[None]),
            "n_classes": ("dataset", [10]),
        },
    )


def cost_cube(runs):
    """CPU seconds: size / 10 at every level and realisation."""
    seconds = runs["size"] / 10 + 0 * runs.accuracy.isel(split=0, drop=True)
    costs = seconds.transpose(*DIMS).to_dataset(name="cpu_seconds")
    keep = [*DIMS, "kappa", "alpha_bar"]
    return costs.drop_vars([name for name in costs.coords if name not in keep])


def files_of(cube):
    """One file per step and chunk of five realisations, as training writes them."""
    return [
        cube.isel(step=[i], realisation=slice(first, first + 5))
        for i in range(cube.sizes["step"])
        for first in range(0, cube.sizes["realisation"], 5)
    ]


def scaled(runs, n_replicas, n_samples):
    """Laws, readings of the widths and crossings of networks trained clean, from few resamples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(universality, "N_REPLICAS", n_replicas)
        patch.setattr(universality, "HALF_WIDTHS", np.array([2.0]))
        patch.setattr(sensitivity, "N_SAMPLES", n_samples)
        pooled, single = fit_families(runs, SCHEDULE_2025, families=("hill",))
        laws = fit_exponents(runs, pooled, single)
        rng = stream("test")
        readings = list(sensitivity.read_widths(runs, single, SCHEDULE_2025, rng))
        return laws, readings, universality.collapse_curves(runs, laws, rng)[1]
