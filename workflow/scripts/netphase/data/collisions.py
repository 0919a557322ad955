"""Particle collisions as tables of 28 features: those of the HIGGS set, and synthetic ones.

A row is stored as an image of one line, (sample, 1, 28). The synthetic ones are a Monte Carlo of
two-body decays for tests and trials without a network: they are no LHC data, real or simulated, and
every description of them states it.
"""

import gzip
from pathlib import Path

import numpy as np

from netphase.data.image_files import Labelled, Split
from netphase.errors import InputError

N_FEATURES = 28
CLASSES = ("background", "signal")
MASS, WIDTH = 500.0, 25.0
"""Of the resonance, in GeV."""
SOFTEST, SLOPE = 50.0, 4.0
"""Least transverse momentum of the background in GeV, and the power with which it falls."""
RESOLUTION = 0.1
"""Relative smearing of energies by the detector."""


def read_higgs(name: str, path: Path, samples: int, test_samples: int) -> Labelled:
    """The first rows of HIGGS.csv.gz (Baldi, Sadowski & Whiteson 2014), test rows first.

    Raises
    ------
    InputError : the file has fewer rows, or others than a label and 28 numbers
    """
    n_rows = samples + test_samples
    try:
        with gzip.open(path, "rt") as lines:
            table = np.loadtxt(lines, np.float32, delimiter=",", max_rows=n_rows, ndmin=2)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"datasets.{name}: {path} is no table of numbers ({error})") from error
    if table.shape != (n_rows, 1 + N_FEATURES):
        raise InputError(
            f"datasets.{name}.samples: {n_rows} rows of {1 + N_FEATURES} numbers are asked for, "
            f"{path} has {table.shape[0]} of {table.shape[1]}"
        )
    return _labelled(table[:, 1:], table[:, 0].astype(np.int64), test_samples, str(path), {})


def synthetic(name: str, samples: int, test_samples: int, rng: np.random.Generator) -> Labelled:
    """Synthetic collisions, half of them with a resonance that decays into two particles.

    Signal: a resonance of MASS and WIDTH (Breit-Wigner) with a transverse momentum of 60 GeV on
    average (exponential) decays isotropically in its rest frame into two massless particles.
    Background: two massless particles back to back, of transverse momentum falling as
    p^-SLOPE. Both have two softer jets in any direction. Energies are smeared by RESOLUTION.

    Features, momenta in ln(1 + p / GeV): of the two particles and the two jets transverse momentum,
    pseudorapidity, cosine and sine of the azimuth, energy; missing transverse momentum (21 of low
    level); of the pair mass, transverse momentum, rapidity, differences of pseudorapidity and
    azimuth and their distance, and the sum of all transverse momenta (7 of high level).
    """
    n = samples + test_samples
    labels = rng.integers(2, size=n)
    signal = (labels == 1)[:, np.newaxis, np.newaxis]
    pair = np.where(signal, _resonance(n, rng), _continuum(n, rng))
    jets = _massless(rng.exponential(30, (n, 2)) + 10, rng.normal(0, 2, (n, 2)),
                     rng.uniform(-np.pi, np.pi, (n, 2)))  # fmt: skip
    seen = np.concatenate([pair, jets], axis=1)
    seen = seen * np.exp(RESOLUTION * rng.standard_normal(seen.shape[:2]))[..., np.newaxis]
    rows = features(seen).astype(np.float32)
    attrs = {
        "title": "Synthetic two-body decays, not LHC data",
        "source": "Monte Carlo of netphase.collisions; synthetic, not LHC data",
        "licence": "CC0-1.0",
    }
    return _labelled(rows, labels, test_samples, f"datasets.{name}", attrs)


def features(momenta: np.ndarray) -> np.ndarray:
    """Features (samples, 28) of four massless particles (samples, 4, 4), (E, x, y, z) in GeV."""
    energy, x, y, z = np.moveaxis(momenta, -1, 0)
    transverse = np.hypot(x, y)
    eta = np.arcsinh(z / transverse)
    phi = np.arctan2(y, x)
    low = [np.log1p(transverse), eta, np.cos(phi), np.sin(phi), np.log1p(energy)]
    missing = np.hypot(x.sum(axis=1), y.sum(axis=1))
    total = momenta[:, :2].sum(axis=1)
    pair = np.hypot(total[:, 1], total[:, 2])
    mass = np.sqrt(np.maximum(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1), 0))
    rapidity = np.arctanh(total[:, 3] / total[:, 0])
    apart = eta[:, 0] - eta[:, 1]
    turned = np.abs((phi[:, 0] - phi[:, 1] + np.pi) % (2 * np.pi) - np.pi)
    high = [
        np.log1p(mass), np.log1p(pair), rapidity, apart, turned, np.hypot(apart, turned),
        np.log1p(transverse.sum(axis=1)),
    ]  # fmt: skip
    columns = [*np.concatenate(low, axis=1).T, np.log1p(missing), *high]
    return np.stack(columns, axis=1)


def _massless(transverse, eta, phi):
    return np.stack(
        [
            transverse * np.cosh(eta),
            transverse * np.cos(phi),
            transverse * np.sin(phi),
            transverse * np.sinh(eta),
        ],
        axis=-1,
    )


def _continuum(n, rng):
    transverse = SOFTEST * (1 - rng.random(n)) ** (-1 / (SLOPE - 1))
    phi = rng.uniform(-np.pi, np.pi, n)
    return _massless(
        np.stack([transverse] * 2, axis=1), rng.normal(0, 1.5, (n, 2)),
        np.stack([phi, phi + np.pi], axis=1),
    )  # fmt: skip


def _resonance(n, rng):
    """Momenta (n, 2, 4) of two massless particles from the decay of a moving resonance."""
    # Far wings of the resonance, which have no meaning, are cut off.
    mass = MASS + WIDTH / 2 * np.tan(np.pi * 0.45 * rng.uniform(-1, 1, n))
    cosine, phi = rng.uniform(-1, 1, n), rng.uniform(-np.pi, np.pi, n)
    sine = np.sqrt(1 - cosine**2)
    direction = np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=1)
    momentum = mass[:, np.newaxis] / 2 * direction
    transverse, rapidity = rng.exponential(60, n), rng.normal(0, 1, n)
    around = rng.uniform(-np.pi, np.pi, n)
    outer = np.hypot(mass, transverse)
    moving = np.stack(
        [
            outer * np.cosh(rapidity), transverse * np.cos(around), transverse * np.sin(around),
            outer * np.sinh(rapidity),
        ],
        axis=1,
    )  # fmt: skip
    products = (boost(mass / 2, sign * momentum, moving, mass) for sign in (1, -1))
    return np.stack(list(products), axis=1)


def boost(
    energy: np.ndarray, momentum: np.ndarray, frame: np.ndarray, mass: np.ndarray
) -> np.ndarray:
    """Four-momenta (n, 4) in the laboratory, from (energy, momentum) in a moving frame.

    Parameters
    ----------
    energy : (n,); momentum : (n, 3), in the rest frame
    frame : (n, 4), four-momentum of a body at rest there; mass : (n,) of that body
    """
    beside = (momentum * frame[:, 1:]).sum(axis=1)
    along = beside / (mass * (frame[:, 0] + mass)) + energy / mass
    return np.concatenate(
        [
            ((energy * frame[:, 0] + beside) / mass)[:, np.newaxis],
            momentum + along[:, np.newaxis] * frame[:, 1:],
        ],
        axis=1,
    )


def _labelled(rows, labels, n_test, where, attrs):
    images = rows[:, np.newaxis, :]
    return Labelled(
        Split(images[n_test:], labels[n_test:], where),
        Split(images[:n_test], labels[:n_test], where),
        CLASSES,
        attrs,
    )
