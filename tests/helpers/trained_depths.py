"""Trained deep networks whose depths are known."""

import numpy as np
import xarray as xr

from netphase.criticality.mean_field import fixed_point
from netphase.criticality.trainability import DIMENSIONS, LENGTHS, describe
from netphase.runs.aggregation import aggregate

DEPTHS = np.array([5, 10, 20, 40, 80])
VARIANCES = np.array([0.5, 1.0, 1.2, 1.4, 1.76, 2.5, 4.0])
STEPS = np.array([10, 20, 30], np.int32)


def runs_of(depth_of, datasets=("digits", "other"), n_realisations=3, depths=DEPTHS):
    """Jobs of which accuracies fall linearly with depth, through 1/2 at depth_of(variance)."""
    for dataset in datasets:
        for depth in depths:
            for r in range(n_realisations):
                last = np.array([0.5 + 0.004 * (depth_of(w, r) - depth) for w in VARIANCES])
                last = last.clip(0.1, 0.9)
                course = last[:, np.newaxis] * np.array([0.2, 1.0, 1.0])
                yield xr.Dataset(
                    {
                        name: (
                            ("dataset", "depth", "initialisation", "realisation", "step"),
                            course[np.newaxis, np.newaxis, :, np.newaxis],
                        )
                        for name in ("train_accuracy", "test_accuracy")
                    },
                    {
                        "dataset": [dataset], "depth": [depth], "realisation": [r], "step": STEPS,
                        "initialisation": [f"{w:g}" for w in VARIANCES],
                        "weight_variance": (("dataset", "initialisation"), VARIANCES[np.newaxis]),
                        "bias_variance": (("dataset", "initialisation"), np.full((1, 7), 0.05)),
                    },
                    {"n_classes": 10, "n_test": len(dataset), "network": "mlp"},
                )  # fmt: skip


def described(depth_of, kind="perceptron", **options):
    runs = aggregate(runs_of(depth_of, **options), DIMENSIONS)
    return describe(runs, threshold=0.5, bias_variance=0.05, kind=kind)


def six_lengths(w, _):
    return LENGTHS * fixed_point(w, 0.05).depth_of_c


def convolutions(factor=1.0, residual_slope=-0.001):
    lengths = np.array([fixed_point(w, 0.05).depth_of_c for w in VARIANCES])
    slopes = np.stack([-1 / (factor * lengths), np.full(len(VARIANCES), residual_slope)])
    slopes = np.tile(slopes[:, np.newaxis, np.newaxis], (1, 1, 3, 1))
    slopes *= np.array([0.99, 1, 1.01])[:, np.newaxis]
    dims = ("network", "dataset", "realisation", "weight_variance")
    return xr.Dataset(
        {
            "slope": (dims, slopes),
            "phase": (dims, np.where(slopes < -1 / 60, 0, 2).astype(np.int8)),
            "decay_length": (dims[::3], np.stack([lengths, np.full(len(lengths), np.nan)])),
            "critical_variance": ("network", [1.76, np.nan]),
            "bias_variance": ("network", [0.05, 0.05]),
            "residual": ("network", np.array([0, 1], np.int8)),
        },
        {"network": ["cnn", "resnet"], "dataset": ["digits"], "weight_variance": VARIANCES,
         "layer": np.arange(1, 61)},
    )  # fmt: skip


def choice(gain, half):
    names = ["chosen", "xavier", "xavier_biased"]
    dims = ("dataset", "depth", "initialisation")
    gains = np.broadcast_to(np.array(gain, float)[:, np.newaxis], (1, 2, 3))
    return xr.Dataset(
        {"gain": (dims, gains), "gain_half": (dims, np.full((1, 2, 3), half)),
         "chosen": ("dataset", [1.7]), "accuracy_mean": (dims, gains),
         "test_accuracy": ((*dims, "realisation"), np.zeros((1, 2, 3, 5)))},
        {"dataset": ["digits"], "depth": [5, 40], "initialisation": names},
    )  # fmt: skip
