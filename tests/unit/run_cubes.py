"""Synthetic run cubes whose transition is known: binomial counts about exact sigmoids."""

import numpy as np
import xarray as xr

from netphase.transition import sigmoid

STEPS = np.arange(0, 3001, 300)
KAPPA = np.array(
    [0.01, 0.6251, 1.5867, 3.8992, 11.623, 45.667, 241.8, 1731.5, 16783, 2.2033e5, 3.92e6]
)
SIZES = (2, 4, 8, 16, 32, 64, 128)
DIMS = ("dataset", "model", "size", "step", "realisation")


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
    n = np.array([1437, n_test])
    shifts = spread * rng.standard_normal((size.size, KAPPA.size, realisations))
    p = np.stack([train[..., None] + 0 * shifts, test[..., None] + shifts], axis=-1)
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
            "size": size,
            "step": STEPS,
            "realisation": np.arange(realisations),
            "split": ["train", "test"],
            "kappa": ("step", KAPPA, {"long_name": "noise-to-signal ratio", "units": "1"}),
            "alpha_bar": ("step", 1 / (1 + KAPPA**2)),
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
