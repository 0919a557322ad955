"""The information limit: the highest expected accuracy of any classifier of noisy images.

Throughout, z = x_0 + kappa epsilon is an image with noise of one of
`netphase.noise.families.FAMILIES`; the inputs of the networks, x_t = signal z, carry the same
information. Posteriors over templates know the distribution of epsilon; discriminants know its
first two moments, those of white noise.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import xarray as xr
from scipy.linalg import cho_factor, cho_solve, eigh
from scipy.stats import binomtest

from netphase.information.probes import n_probes
from netphase.noise.cubes import noised, standardisation
from netphase.noise.families import FAMILIES, stream_name
from netphase.noise.fields import mixture
from netphase.noise.fields import moments as image_moments
from netphase.noise.schedule import Level
from netphase.streams import stream

REFERENCES = {
    "oracle": "posterior class over the clean test images: no classifier does better on average",
    "kde": "posterior class over the clean training images: reached without training",
    "qda": "Gaussian classes: mean, covariance + kappa^2 of the clean training images",
    "lda": "Gaussian classes with common covariance + kappa^2 of the clean training images",
    "ncm": "nearest class mean of the clean training images",
}
# Weaker noise is taken to be this strong: the posterior over finitely many images is then that of
# the nearest one, and a covariance that leaves pixels without variance stays invertible.
SMALLEST_KAPPA = 0.02
SMALLEST_KAPPA_QDA = 0.15
BLOCK_BYTES = 8 << 20

log = logging.getLogger(__name__)


def template_scores(
    z: np.ndarray, kappa: float, classes: Iterable[np.ndarray], family: str = "gaussian"
) -> np.ndarray:
    """Logarithmic class posterior of noisy images over a finite set of clean ones.

    s_c = ln sum_{j: y_j = c} p(z | x_j), up to a term common to all classes; the largest exponent
    of each class is subtracted before exponentiating. With kappa = 0 the nearest image decides.

    Parameters
    ----------
    z : (n, d) noisy images, whose precision is that of the matrix products
    classes : the clean images x_j of class 0, 1, ..., each (n_c, d); read once, one at a time
    family : key of `netphase.noise.families.FAMILIES`

    Returns
    -------
    (n, classes), float64; -inf for a class without images, or of whose images none can become z.
    Beside z and one class, it takes BLOCK_BYTES of memory, or one row of exponents where that is
    more, and what log_likelihood takes.
    """
    kappa = max(kappa, SMALLEST_KAPPA)
    log_likelihood = FAMILIES[family].log_likelihood
    scores = []
    for x in classes:
        scores.append(np.full(len(z), -np.inf))
        if len(x) == 0:
            continue
        n_rows = max(BLOCK_BYTES // (z.itemsize * len(x)), 1)
        for start in range(0, len(z), n_rows):
            rows = slice(start, start + n_rows)
            exponent = log_likelihood(z[rows], x, kappa)
            largest = exponent.max(axis=1, keepdims=True)
            largest[np.isneginf(largest)] = 0
            exponent -= largest
            np.exp(exponent, out=exponent)
            with np.errstate(divide="ignore"):
                total = np.log(exponent.sum(axis=1), dtype=np.float64)
            scores[-1][rows] = total + largest[:, 0]
    return np.stack(scores, axis=1)


def moments(classes: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Class means (classes, d) and pooled covariance within the classes (d, d), in float64.

    Sigma = (1/N) sum_c sum_{j: y_j = c} (x_j - mu_c) (x_j - mu_c)^T.
    """
    means, scatter, n = [], 0.0, 0
    for x in classes:
        means.append(x.mean(axis=0, dtype=np.float64))
        deviation = x - means[-1]
        scatter = scatter + deviation.T @ deviation
        n += len(x)
    return np.stack(means), scatter / n


def principal_axes(classes: Iterable[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Variances (d,) and principal axes (d, d), in columns, of every class: eigh of its covariance.

    The axes come in the precision of the images. The work is done once for all noise levels, since
    Sigma_c + kappa^2 I has the same axes.
    """
    axes = []
    for x in classes:
        _, covariance = moments([x])
        variance, vectors = eigh(covariance, driver="evd", overwrite_a=True, check_finite=False)
        axes.append((np.maximum(variance, 0), vectors.astype(x.dtype)))
    return axes


def ncm_scores(z: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Nearest class mean: z . mu_c - |mu_c|^2 / 2; shapes (n, d), (classes, d) -> (n, classes)."""
    return _linear_scores(z, means, means)


def lda_scores(
    z: np.ndarray, kappa: float, means: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """Linear discriminant with known noise: z . P mu_c - mu_c . P mu_c / 2.

    P = (Sigma + kappa^2 I)^-1, Sigma (d, d) pooled within the classes; shapes as of `ncm_scores`.
    """
    variance = max(kappa, SMALLEST_KAPPA) ** 2
    noised_covariance = covariance + variance * np.eye(len(covariance))
    weights = cho_solve(cho_factor(noised_covariance, overwrite_a=True), means.T).T
    return _linear_scores(z, means, weights)


def _linear_scores(z, means, weights):
    offset = np.einsum("ij,ij->i", means, weights) / 2
    return z @ weights.T.astype(z.dtype) - offset


def qda_scores(
    z: np.ndarray,
    kappa: float,
    means: np.ndarray,
    axes: Sequence[tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:
    """Quadratic discriminant with known noise, axes from `principal_axes`.

    s_c = -(z - mu_c)^T (Sigma_c + kappa^2 I)^-1 (z - mu_c) / 2 - ln det(Sigma_c + kappa^2 I) / 2;
    shapes as of `ncm_scores`.
    """
    scores = []
    for mean, (variance, vectors) in zip(means, axes, strict=True):
        total = variance + max(kappa, SMALLEST_KAPPA_QDA) ** 2
        whitened = (z - mean.astype(z.dtype)) @ (vectors / np.sqrt(total).astype(vectors.dtype))
        distance = np.einsum("ij,ij->i", whitened, whitened)
        scores.append(-(distance + np.log(total).sum()) / 2)
    return np.stack(scores, axis=1)


def _classes(
    pixels: np.ndarray, label: np.ndarray, n_classes: int, scaling: tuple[np.ndarray, np.ndarray]
) -> Iterator[np.ndarray]:
    mean, deviation = (np.ravel(s) for s in scaling)
    for c in range(n_classes):
        yield ((pixels[label == c] - mean) / deviation).astype(np.float32)


def bound(
    dataset: xr.Dataset,
    name: str,
    levels: Sequence[Level],
    realisations: Sequence[int],
    *,
    references: Sequence[str] = tuple(REFERENCES),
    family: str = "gaussian",
    standardise: str = "global",
    fit_on: str = "train",
    share_levels: bool = False,
) -> xr.Dataset:
    """Test accuracy of the reference classifiers at some noise levels, with Wilson intervals.

    The images are those that the networks of the same realisations see, noise included, before
    packing; references differ on the same noise. Each interval is over the noise, the test
    images being given: noisy images of unequal difficulty scatter less than the binomial law.

    In one piece, since all references are scored on the same draw of the noise.

    Parameters
    ----------
    dataset : image(sample, y, x[, channel]), label(sample), split(sample), train rows first
    name : key of the noise streams, the data set's name in the configuration
    references : some of REFERENCES; "oracle" is the upper bound, in expectation over the noise
    family, standardise, fit_on, share_levels : as of `netphase.noise.cubes.build`

    Returns
    -------
    accuracy, accuracy_low, accuracy_high, n_correct (dataset, reference, step), and the
    coordinates kappa, alpha_bar (step), n_samples, n_classes (dataset)
    """
    image, split = dataset["image"].values, dataset["split"].values
    label, n_train = dataset["label"].values, int(np.count_nonzero(split == 0))
    n_classes = int(label.max()) + 1
    scaling = standardisation(image, split, standardise, fit_on)
    pixels = image.reshape(len(image), -1)
    truth = label[n_train:]

    def train():
        return _classes(pixels[:n_train], label[:n_train], n_classes, scaling)

    def test():
        return _classes(pixels[n_train:], truth, n_classes, scaling)

    means, covariance = moments(train())
    axes = principal_axes(train()) if "qda" in references else None
    scores = {
        "oracle": lambda z, kappa: template_scores(z, kappa, test(), family),
        "kde": lambda z, kappa: template_scores(z, kappa, train(), family),
        "qda": lambda z, kappa: qda_scores(z, kappa, means, axes),
        "lda": lambda z, kappa: lda_scores(z, kappa, means, covariance),
        "ncm": lambda z, kappa: ncm_scores(z, means),
    }
    correct = np.zeros((len(references), len(levels)), np.int64)
    for s, level in enumerate(levels):
        for realisation in realisations:
            x_t = noised(
                image, name, level, realisation, scaling, family=family, share_levels=share_levels,
                rows=slice(n_train, None), dtype=np.dtype(np.float32), step=np.float32(1),
            )  # fmt: skip
            z = x_t.reshape(len(truth), -1) / np.float32(level.signal)
            for r, reference in enumerate(references):
                predicted = scores[reference](z, level.kappa).argmax(axis=1)
                correct[r, s] += np.count_nonzero(predicted == truth)
        log.info(
            "kappa %.5g: %s",
            level.kappa,
            dict(zip(references, correct[:, s].tolist(), strict=True)),
        )

    n = len(truth) * len(realisations)
    found = _described(name, levels, references, correct, n, n_classes)
    return found.assign_attrs(n_realisations=len(realisations))


def bound_images(
    dataset: xr.Dataset, name: str, levels: Sequence[Level], *, noise: Mapping
) -> xr.Dataset:
    """Test accuracy of the posteriors over clean images, for networks trained on clean ones.

    `n_probes` of the test images get noise; the posterior is over all clean images. Sets without
    training images have no "kde".

    Parameters
    ----------
    dataset, name, levels : as of `bound`
    noise : family, x0_scale and renormalise of the study

    Returns
    -------
    xarray.Dataset
        As of `bound`; kappa is that of the study, n_samples the number of noisy images.
    """
    split, label = dataset["split"].values, dataset["label"].values
    n_train = int(np.count_nonzero(split == 0))
    classes = np.unique(label)
    truth, pixels = np.searchsorted(classes, label), dataset["image"].values
    scale = image_moments(pixels[n_train:])
    family, shape = noise["family"], pixels.shape[1:]
    pixels = pixels.reshape(len(pixels), -1)
    n = n_probes(len(pixels) - n_train, pixels.shape[1])
    probes = np.linspace(n_train, len(pixels) - 1, n).astype(int)
    clean = next(_classes(pixels[probes], np.zeros(n), 1, scale))
    parts = {"oracle": slice(n_train, None)} | ({"kde": slice(n_train)} if n_train else {})
    mixed = [mixture(level, scale, noise) for level in levels]
    correct = np.zeros((len(parts), len(levels)), np.int64)
    for s, (level, mix) in enumerate(zip(levels, mixed, strict=True)):
        rng = stream("limit noise", dataset=name, step=level.step, **stream_name(family))
        kappa, x_0 = mix.kappa_effective, clean.reshape(-1, *shape)
        z = FAMILIES[family].draw(x_0, kappa, rng).reshape(clean.shape)
        z *= np.float32(kappa)
        z += clean
        for r, rows in enumerate(parts.values()):
            templates = _classes(pixels[rows], truth[rows], classes.size, scale)
            predicted = template_scores(z, kappa, templates, family).argmax(axis=1)
            correct[r, s] = np.count_nonzero(predicted == truth[probes])
        log.info("kappa %.5g: %s of %d", level.kappa, correct[:, s].tolist(), n)
    return _described(name, levels, list(parts), correct, n, classes.size)


def _described(name, levels, references, correct, n, n_classes):
    wilson = [[binomtest(int(k), n).proportion_ci(method="wilson") for k in row] for row in correct]
    low, high = np.moveaxis(np.array(wilson), -1, 0)
    dims = ("dataset", "reference", "step")
    described = {
        "accuracy": (correct / n, "accuracy on noisy test images"),
        "accuracy_low": (low, "lower end of the 95 % Wilson interval of accuracy"),
        "accuracy_high": (high, "upper end of the 95 % Wilson interval of accuracy"),
        "n_correct": (correct, "number of noisy test images classified correctly"),
    }
    return xr.Dataset(
        {
            key: (dims, values[np.newaxis], {"long_name": text, "units": "1"})
            for key, (values, text) in described.items()
        },
        coords={
            "dataset": [name],
            "reference": (
                "reference",
                list(references),
                {"long_name": "reference classifier"}
                | {key: REFERENCES[key] for key in references},
            ),
            "step": (
                "step",
                np.array([level.step for level in levels], np.int32),
                {"long_name": "diffusion step", "units": "1"},
            ),
            "kappa": (
                "step",
                [level.kappa for level in levels],
                {"long_name": "noise-to-signal ratio", "units": "1"},
            ),
            "alpha_bar": (
                "step",
                [level.alpha_bar for level in levels],
                {"long_name": "signal power kept", "units": "1"},
            ),
            "n_samples": (
                "dataset",
                [n],
                {"long_name": "number of noisy test images, images x realisations", "units": "1"},
            ),
            "n_classes": (
                "dataset",
                [n_classes],
                {"long_name": "number of classes", "units": "1"},
            ),
        },
        attrs={
            "title": f"Information limit of {name}",
            "smallest_kappa": SMALLEST_KAPPA,
            "smallest_kappa_qda": SMALLEST_KAPPA_QDA,
            "references": "posterior over a finite set of images: Bayes' theorem; "
            "discriminants: Hastie, Tibshirani & Friedman (2009), section 4.3",
        },
    )
