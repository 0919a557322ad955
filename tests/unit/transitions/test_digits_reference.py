"""The digits study of the statistics: trained networks against the measured reference.

Acceptance check T10 for networks; its limits without training are in test_information_limit.py.
"""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from netphase.information.posteriors import template_scores
from netphase.learners.perceptrons import MLPLadder
from netphase.noise.schedule import levels
from netphase.streams import stream
from netphase.transitions.curves import FAMILIES
from netphase.transitions.fits import FITTED, fit_curves
from netphase.transitions.normalisation import normalise
from netphase.transitions.widths import LEVELS, level_widths, seed_fit

pytestmark = pytest.mark.slow

HIDDEN = [2**i for i in range(1, 10)]
SEEDS = range(5)
# The reference has two noise fields per step, which leave a standard deviation of up to .11 on a
# width of level sets: too much for its tolerance of .15.
N_FIELDS = 8
STEPS = [*range(0, 376, 25), *range(400, 2751, 50)]
SATURATED = 100  # kappa beyond which only the floor is left


class Study:
    """Correct answers to the noised test images, for every network and for the oracle.

    Attributes
    ----------
    kappa : (levels,), those of STEPS
    n : noised images of one level, or of the clean one
    correct : (sizes, seeds, levels); clean : (sizes, seeds), without noise
    oracle : (levels,)
    differ : (sizes, seeds, levels), how often network and oracle are not right or wrong together
    """

    def __init__(self):
        x, y = load_digits(return_X_y=True)
        x = ((x - x.mean()) / x.std()).astype(np.float32)
        x, x_test, y, y_test = train_test_split(x, y, test_size=0.4, stratify=y, random_state=0)
        networks = [
            [trained(np.ascontiguousarray(x), y, h, seed) for seed in SEEDS] for h in HIDDEN
        ]
        images, truth = np.tile(x_test, (N_FIELDS, 1)), np.tile(y_test, N_FIELDS)
        templates = [x_test[y_test == c] for c in range(10)]

        self.n = len(truth)
        self.clean = N_FIELDS * right(networks, x_test, y_test).sum(axis=-1)
        schedule = levels(STEPS, beta_first=1e-4, beta_last=0.0201, n_steps=5000)
        self.kappa = np.array([level.kappa for level in schedule])
        answers = []
        for level in schedule:
            rng = stream("noise of the digits study", step=level.step)
            z = images + np.float32(level.kappa) * rng.standard_normal(images.shape, np.float32)
            oracle = template_scores(z, level.kappa, templates).argmax(axis=1) == truth
            network = right(networks, z, truth)
            answers.append((network.sum(-1), oracle.sum(), (network != oracle).sum(-1)))
        self.correct, self.oracle, self.differ = (
            np.stack(counts, axis=-1) for counts in zip(*answers, strict=True)
        )


def trained(x, y, h, seed):
    """MLPClassifier((h,), max_iter=60, learning_rate_init=3e-3, random_state=seed), its draws."""
    rng = np.random.RandomState(seed)
    return MLPLadder([h], max_iter=60, learning_rate=3e-3).fit(x, y, init=[rng], order=rng)


def right(networks, x, y):
    """Whether each network recognises each image; (sizes, seeds, images)."""
    return np.array([[network.predict(x)[0] == y for network in row] for row in networks])


@pytest.fixture(scope="module")
def study():
    return Study()


def mean_level_widths(kappa, correct, clean, n):
    """Distance of the level sets .9 and .1 in ln(kappa), floor and clean plateau normalised."""
    y = correct / n
    floor = y[..., kappa > SATURATED].mean(axis=-1)
    y = normalise(y, "chance_plateau", plateau=clean / n, floor=floor)
    return level_widths(np.log(kappa), y, LEVELS["A"][:1])[0][..., 0]


@pytest.mark.parametrize("h", [4, 32, 512])
def test_order_of_the_families(study, h):
    # The families of the reference, in which the logistic function of the step is not listed.
    controls = {"ln_kappa": np.log(study.kappa), "kappa": study.kappa}
    families = [name for name, family in FAMILIES.items() if family.coordinate in controls]
    k, n = study.correct[HIDDEN.index(h)].sum(axis=0)[:, np.newaxis], study.n * len(SEEDS)
    aic = {}
    for family in families:
        u = controls[FAMILIES[family].coordinate]
        fit = fit_curves(family, u, k, n, likelihood="binomial")
        assert fit["status"] == FITTED
        n_parameters = 4 if FAMILIES[family].slope is None else 3
        aic[family] = fit["deviance"] + 2 * n_parameters
    order = sorted(aic, key=aic.get)
    assert order[:2] == ["inv_weibull", "hill"]
    assert set(order[2:4]) == {"probit", "erf"}
    assert order[4:] == ["gompertz", "logistic_kappa"]


def test_widths_of_the_level_sets(study):
    measured = [2.79, 2.44, 2.34, 2.26, 2.21, 2.19, 2.18, 2.17, 2.23]
    correct, clean = study.correct.mean(axis=1), study.clean.mean(axis=1)
    found = mean_level_widths(study.kappa, correct, clean, study.n)
    np.testing.assert_allclose(found, measured, rtol=0, atol=0.15)


def test_widths_saturate_above_the_information_limit(study):
    oracle = mean_level_widths(study.kappa, study.oracle, study.n, study.n)
    correct, clean = study.correct.mean(axis=1), study.clean.mean(axis=1)
    fits = fit_curves("inv_weibull", np.log(study.kappa), study.correct[..., np.newaxis], study.n)
    quoted = seed_fit(fits, "inv_weibull")
    assert (quoted.n == len(SEEDS)).all()
    for width in (
        mean_level_widths(study.kappa, correct, clean, study.n),
        np.exp(quoted.mean),
    ):
        assert (width > oracle).all()
        # Five doublings from h = 16 change less than the first one.
        assert np.ptp(width[3:]) < min(0.15, width[0] - width[1])


def test_accuracy_of_the_best_networks(study):
    measured = {400: 0.897, 600: 0.744, 900: 0.434, 1200: 0.247, 1600: 0.132}
    kappa = [0.66, 1.09, 2.13, 4.39, 14]
    at = [STEPS.index(step) for step in measured]
    np.testing.assert_allclose(study.kappa[at], kappa, rtol=0.01)
    best = (study.correct.mean(axis=1) / study.n).max(axis=0)[at]
    np.testing.assert_allclose(best, list(measured.values()), rtol=0, atol=0.04)


def test_no_network_beats_the_oracle(study):
    # Beyond, at the floor, nothing is left to tell them apart.
    there = study.kappa < 15
    gain = ((study.oracle - study.correct) / study.n)[..., there]
    error = np.sqrt((study.differ[..., there] / study.n - gain**2) / study.n)
    assert (gain >= -2 * error).all()
    assert gain.mean() > 0.05
