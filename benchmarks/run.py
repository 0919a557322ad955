"""Measure the performance claims on one core; print them and write benchmarks/summary.json.

The sides of a ratio take turns, of a fraction of a second each (scikit-learn's of a few seconds at
most), and the ratio is that of their summed times: whatever else the machine does then slows both
alike. Times are process CPU seconds.
"""

import statistics
import sys
import tempfile
import warnings
from pathlib import Path

import numba
import numpy as np
import xarray as xr
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from summary import SUMMARY, cpu_seconds, entry, publish
from threadpoolctl import threadpool_info, threadpool_limits

from netphase.files import netcdf
from netphase.hyperbolic.discs import disc
from netphase.hyperbolic.surfaces import surface
from netphase.lattices.calibration import T_C
from netphase.lattices.ising import simulate, simulate_graph, torus
from netphase.learners.perceptrons import MLPLadder
from netphase.noise import cubes as cube
from netphase.noise.schedule import levels
from netphase.statistics.autocorrelation import autocorrelation_time
from netphase.streams import stream
from netphase.transitions.curves import DEFAULT_FAMILIES, FAMILIES, curve
from netphase.transitions.widths import bootstrap_seed_fit

HIDDEN = [2, 4, 8, 16, 32, 64, 128]
FEATURES, CLASSES = 28 * 28, 47
EMNIST_TRAIN, EMNIST_ALL = 112_800, 131_600
ROWS = 20_000
TURNS, ROUNDS = 10, 2
# A turn of products takes about as long as an epoch of ROWS rows, a quarter of a second.
GEMM, GEMM_TURN = (512, 1024, 2048), 2048**3


def multiply(a, b, out, repeats):
    for _ in range(repeats):
        np.dot(a, b, out=out)


def best_gemm_size(matrices) -> int:
    """Size of the square float32 product that this core does fastest."""

    def rate(n):
        a, b, c = matrices[n]
        multiply(a, b, c, 1)
        repeats = GEMM_TURN // n**3
        return n**3 * repeats / min(cpu_seconds(multiply, a, b, c, repeats) for _ in range(3))

    return max(matrices, key=rate)


def ladder_epoch(X, y) -> float:
    """CPU seconds of one epoch of the whole ladder."""
    ladder = MLPLadder(HIDDEN, max_iter=1)
    init = [stream("init", hidden=h) for h in HIDDEN]
    ladder.fit(X, y, init=init, order=stream("order"), scale=cube.COARSE_STEP, n_classes=CLASSES)
    return ladder.cpu_seconds_.sum()


def sklearn_epoch(X, y, h) -> float:
    """CPU seconds of one epoch of one size, without what a fit costs once."""

    def fit(epochs):
        MLPClassifier((h,), max_iter=epochs, random_state=0).fit(X, y)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return (cpu_seconds(fit, 3) - cpu_seconds(fit, 1)) / 2


def training() -> dict:
    """The ladder at EMNIST's shape against scikit-learn and against the GEMM rate."""
    rng = stream("images")
    X64 = rng.standard_normal((ROWS, FEATURES))
    X32 = X64.astype(np.float32)
    packed = np.clip(np.rint(X32 / cube.COARSE_STEP), -127, 127).astype(np.int8)
    y = rng.integers(0, CLASSES, ROWS)
    matrices = {n: [rng.standard_normal((n, n), dtype=np.float32) for _ in range(3)] for n in GEMM}
    n = best_gemm_size(matrices)
    repeats = GEMM_TURN // n**3
    ladder_epoch(packed[:400], y[:400])

    gemm = ladder = 0.0
    for _ in range(TURNS):
        gemm += cpu_seconds(multiply, *matrices[n], repeats)
        ladder += ladder_epoch(packed, y)
    ladder_again = double = single = 0.0
    for number in range(ROUNDS):
        for h in HIDDEN:
            double += sklearn_epoch(X64, y, h)
            ladder_again += ladder_epoch(packed, y)
            single += sklearn_epoch(X32, y, h)
            ladder_again += ladder_epoch(packed, y)
        print(f"training, round {number + 1} of {ROUNDS}", file=sys.stderr)
    turns_again = 2 * len(HIDDEN)
    epochs = ROWS * TURNS / EMNIST_TRAIN
    gemm_rate = 2 * n**3 * repeats * TURNS / gemm
    flop = EMNIST_TRAIN * (4 * FEATURES * sum(HIDDEN) + 6 * sum(HIDDEN) * CLASSES)
    shape = f"{FEATURES} inputs, {CLASSES} classes, hidden {HIDDEN}, batch 200"
    return {
        "ladder_speed_over_sklearn_float64": entry(
            turns_again * double / ladder_again,
            "ratio",
            4.5,
            f"sum of MLPClassifier's 7 epochs, float64; {shape}",
        ),
        "ladder_speed_over_sklearn_float32": entry(
            turns_again * single / ladder_again, "ratio", None, "the same with float32 input"
        ),
        "ladder_share_of_gemm_rate": entry(
            flop * epochs / ladder / gemm_rate,
            "ratio",
            0.8,
            f"best float32 GEMM of this core (n = {n}), {gemm_rate / 1e9:.0f} GFLOP/s",
        ),
        "ladder_epoch_of_emnist": entry(
            ladder / epochs, "CPU s", None, f"{EMNIST_TRAIN} images, from {ROWS}"
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


def fits() -> dict:
    """Every family fitted to a study of 7 sizes, and to its bootstrap samples."""
    sizes, realisations, samples = len(HIDDEN), 10, 1000
    schedule = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}
    kappa = np.array([level.kappa for level in levels(range(0, 3001, 300), **schedule)])
    u = {"ln_kappa": np.log(kappa), "t": np.arange(0, 3001, 300.0)}
    p = np.stack([curve("hill", u["ln_kappa"], 0.9, 0.1, 0.5, 2 * h**0.05) for h in HIDDEN])
    k = stream("counts").binomial(360, p[..., np.newaxis], (*p.shape, realisations)).astype(float)

    def bootstrap(family, n_samples):
        bootstrap_seed_fit(
            family, u[FAMILIES[family].coordinate], k, 360.0,
            protocol="trained_at_each_level", n_samples=n_samples, rng=stream("bootstrap"),
        )  # fmt: skip

    for family in DEFAULT_FAMILIES:
        bootstrap(family, 1)
    seconds = sum(cpu_seconds(bootstrap, family, samples) for family in DEFAULT_FAMILIES)
    print("fits", file=sys.stderr)
    study = f"{sizes} sizes x {kappa.size} levels x {realisations} realisations"
    return {
        "fits_with_bootstrap": entry(
            seconds, "CPU s", -120, f"{study}, {len(DEFAULT_FAMILIES)} families, {samples} samples"
        )
    }


@numba.njit(error_model="numpy")
def metropolis(spins, neighbours, accept, rng, out):
    """Sweeps of single spins that turn with probability min(1, exp(-dE / T)); out: their sums.

    accept : by (s_i times the sum of its neighbours) + 4
    """
    for t in range(out.size):
        for site in range(spins.size):
            field = 4
            for k in range(4):
                field += spins[site] * spins[neighbours[site, k]]
            if rng.random() < accept[field]:
                spins[site] = -spins[site]
        out[t] = spins.sum()


def clusters() -> dict:
    """Wolff's clusters beside single spins on the square lattice at T_c, and hyperbolic tilings."""
    size, measurements, sweeps = 64, 20_000, 400_000
    simulate(8, T_C, 200, stream("warm up"))
    found = {}

    def wolff():
        found["wolff"] = simulate(size, T_C, measurements, stream("wolff"))

    seconds = cpu_seconds(wolff)
    one = found["wolff"]
    times = measurements * one["sweeps_between"] / one["magnetisation_tau"] / seconds

    accept = np.minimum(np.exp(-2 * np.arange(-4, 5) / T_C), 1)
    spins, sums = np.ones(size**2, np.int8), np.empty(sweeps, np.int64)
    metropolis(spins, torus(size), accept, stream("warm up"), sums[:10])
    spent = cpu_seconds(metropolis, spins, torus(size), accept, stream("metropolis"), sums)
    single = sweeps / autocorrelation_time(np.abs(sums)) / spent

    heptagons = surface(7, 3, 43).neighbours

    def hyperbolic():
        found["surface"] = simulate_graph(heptagons, 3, 1.75, 4000, stream("surface"))

    on_surface = cpu_seconds(hyperbolic)
    disc(7, 3, 4)
    print("clusters", file=sys.stderr)
    return {
        "wolff_clusters": entry(
            one["flips"] / one["cluster"] / seconds, "1/s", None, f"{size} x {size} spins at T_c"
        ),
        "wolff_flips_on_surface": entry(
            found["surface"]["flips"] / on_surface / 1e6,
            "million/s",
            None,
            f"{len(heptagons)} spins of {{7, 3}}, T = 1.75",
        ),
        "wolff_over_metropolis": entry(
            times / single,
            "ratio",
            1,
            f"autocorrelation times of |m| per CPU second, {size} x {size} spins at T_c; single "
            "spins: the same, compiled",
        ),
        "tiling_neighbours": entry(
            statistics.median(cpu_seconds(disc, 7, 3, 12) for _ in range(3)),
            "CPU s",
            -3,
            "200593 cells of {7, 3}, from nothing",
        ),
    }


def main() -> None:
    """Run all benchmarks."""
    with threadpool_limits(1):
        claims = training() | cubes() | fits() | clusters()
    publish(claims, SUMMARY, {})
    architectures = {pool["architecture"] for pool in threadpool_info() if "architecture" in pool}
    print(f"one thread, OpenBLAS kernels {', '.join(sorted(architectures))}")


if __name__ == "__main__":
    main()
