"""Measure the performance claims on one core; print them and write benchmarks/summary.json.

Every ratio comes from rounds in which its two sides alternate, and is the median over the rounds:
clock rates drift, ratios within a round do not. Times are process CPU seconds.
"""

import json
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import xarray as xr
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from netphase import cube, netcdf
from netphase.mlp import MLPLadder
from netphase.schedule import levels
from netphase.streams import stream

HIDDEN = [2, 4, 8, 16, 32, 64, 128]
FEATURES, CLASSES = 28 * 28, 47
EMNIST_TRAIN, EMNIST_ALL = 112_800, 131_600
ROWS = 20_000
ROUNDS = 5
SUMMARY = Path(__file__).with_name("summary.json")


def cpu_seconds(function, *arguments) -> float:
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def multiply(a, b, out, repeats):
    for _ in range(repeats):
        np.dot(a, b, out=out)


def gemm_rate() -> float:
    """Best single-precision GEMM rate of this core over square sizes, in flop/s."""
    best = 0.0
    for n in (512, 1024, 2048):
        a = stream("gemm", n=n).standard_normal((n, n), dtype=np.float32)
        b, c = a.copy(), np.empty_like(a)
        repeats = max(1, 2048**3 // n**3 // 4)
        multiply(a, b, c, 1)
        best = max(best, 2 * n**3 * repeats / cpu_seconds(multiply, a, b, c, repeats))
    return best


def ladder_epoch(X, y) -> float:
    """CPU seconds of one epoch of the whole ladder."""
    ladder = MLPLadder(HIDDEN, max_iter=2)
    init = [stream("init", hidden=h) for h in HIDDEN]
    ladder.fit(X, y, init=init, order=stream("order"), scale=cube.COARSE_STEP, n_classes=CLASSES)
    return ladder.cpu_seconds_.sum() / 2


def sklearn_epoch(X, y) -> float:
    """CPU seconds of one epoch of every size in turn, without what a fit costs once."""

    def fit(h, epochs):
        MLPClassifier((h,), max_iter=epochs, random_state=0).fit(X, y)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return sum((cpu_seconds(fit, h, 3) - cpu_seconds(fit, h, 1)) / 2 for h in HIDDEN)


def training() -> dict:
    """The ladder at EMNIST's shape against scikit-learn and against the GEMM rate."""
    rng = stream("images")
    X64 = rng.standard_normal((ROWS, FEATURES))
    X32 = X64.astype(np.float32)
    packed = np.clip(np.rint(X32 / cube.COARSE_STEP), -127, 127).astype(np.int8)
    y = rng.integers(0, CLASSES, ROWS)
    flop = ROWS * (4 * FEATURES * sum(HIDDEN) + 6 * sum(HIDDEN) * CLASSES)
    ladder_epoch(packed[:400], y[:400])
    rounds = []
    for number in range(ROUNDS):
        gemm, ladder = gemm_rate(), ladder_epoch(packed, y)
        double, single = sklearn_epoch(X64, y), sklearn_epoch(X32, y)
        rounds.append((double / ladder, single / ladder, flop / ladder / gemm, ladder, gemm))
        print(f"training, round {number + 1} of {ROUNDS}", file=sys.stderr)
    double, single, share, ladder, gemm = map(statistics.median, zip(*rounds, strict=True))
    shape = f"{FEATURES} inputs, {CLASSES} classes, hidden {HIDDEN}, batch 200"
    return {
        "ladder_speed_over_sklearn_float64": entry(
            double, "ratio", 4.5, f"sum of MLPClassifier's 7 epochs, float64; {shape}"
        ),
        "ladder_speed_over_sklearn_float32": entry(
            single, "ratio", None, "the same with float32 input"
        ),
        "ladder_share_of_gemm_rate": entry(
            share, "ratio", 0.8, f"best float32 GEMM of this core, {gemm / 1e9:.0f} GFLOP/s"
        ),
        "ladder_epoch_of_emnist": entry(
            ladder * EMNIST_TRAIN / ROWS, "CPU s", None, f"{EMNIST_TRAIN} images, from {ROWS}"
        ),
    }


def cubes() -> dict:
    """A slab of EMNIST's size, noised, packed and written: bytes and CPU seconds of one level."""
    n = EMNIST_ALL
    image = (stream("pixels").random((n, 28, 28), dtype=np.float32) ** 8 * 255).astype(np.uint8)
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x"), image),
            "label": ("sample", np.zeros(n, np.int16)),
            "split": ("sample", (np.arange(n) >= EMNIST_TRAIN).astype(np.int8)),
        }
    )
    schedule = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}
    (level,) = levels([3000], **schedule)
    cube.build(dataset.isel(sample=slice(0, 100)), "warm up", level, [0])
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.nc"
        for number in range(3):

            def write():
                noised = cube.build(dataset, "bench", level, [0])
                netcdf.write(noised, path, {}, cube.encoding(noised))

            seconds.append(cpu_seconds(write))
            print(f"cubes, round {number + 1} of 3", file=sys.stderr)
        size = path.stat().st_size
    return {
        "cube_size": entry(
            size / 1e6, "MB", -84, f"{n} images of 28 x 28 in pure noise, the dearest to store"
        ),
        "cube_bytes_per_image": entry(size / n, "B", None, "784 pixels"),
        "cube_cpu": entry(statistics.median(seconds), "CPU s", -3, f"{n} images, one level"),
    }


def entry(value: float, unit: str, goal: float | None, reference: str) -> dict:
    """One claim; a negative goal is an upper bound."""
    holds = None if goal is None else bool(value >= goal if goal > 0 else value <= -goal)
    bound = None if goal is None else f"at least {goal:g}" if goal > 0 else f"at most {-goal:g}"
    return {
        "value": round(value, 4),
        "unit": unit,
        "goal": bound,
        "holds": holds,
        "reference": reference,
    }


def main() -> None:
    """Run all benchmarks; exit code 1 if a goal is missed."""
    with threadpool_limits(1):
        summary = training() | cubes()
    SUMMARY.write_text(json.dumps(summary, indent=2) + "\n")
    for name, row in summary.items():
        verdict = {True: "holds", False: "MISSED", None: ""}[row["holds"]]
        print(f"{name:36} {row['value']:>10.3f} {row['unit']:6} {row['goal'] or '':14} {verdict}")
    architectures = {pool["architecture"] for pool in threadpool_info() if "architecture" in pool}
    print(f"one thread, OpenBLAS kernels {', '.join(sorted(architectures))}")
    sys.exit(any(row["holds"] is False for row in summary.values()))


if __name__ == "__main__":
    main()
