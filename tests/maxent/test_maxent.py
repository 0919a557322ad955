"""The maximum-entropy densities agree with those of another program, ana_cont.

Needs ana-cont, which only the optional environment of this folder has.
"""

import numpy as np
import pytest

from netphase.spectral import maximum_entropy
from netphase.spectral.green_functions import (
    CLASSES,
    errors,
    frequencies,
    green_function,
    imaginary_times,
    noised,
)
from netphase.streams import stream

pytest.importorskip("ana_cont")
from ana_cont.continuation import AnalyticContinuationProblem

BETA, SIGMA, CASES = 10.0, 1e-3, 6
# Wide: ana_cont halves the weight of both ends.
OMEGA = frequencies(12.0, 301)
TIMES = imaginary_times(65, BETA)
# Of ana-cont with its numpy.
pytestmark = pytest.mark.filterwarnings("ignore:`trapz` is deprecated:DeprecationWarning")


# ana_cont leaves int A free: G(0) + G(beta) = 1 with hardly an error holds it.
ENDS = np.isin(TIMES, [0, BETA]) / np.sqrt(2)
COVARIANCE = SIGMA**2 * (np.eye(TIMES.size) - (1 - 1e-4) * np.outer(ENDS, ENDS))


@pytest.fixture(params=CLASSES)
def problem(request):
    """Densities of a class, and their Green's functions with noise."""
    truth = CLASSES[request.param](CASES, OMEGA, stream("densities", name=request.param))
    green = green_function(truth, TIMES, OMEGA, BETA)
    green = noised(green, SIGMA, stream("noise", name=request.param))
    return truth, green - np.outer(green @ ENDS - np.sqrt(0.5), ENDS)


def by_ana_cont(green, **alphas):
    """Its choice of alpha, and its results at all alphas, as pairs (alpha, density)."""
    problem = AnalyticContinuationProblem(
        im_axis=TIMES, re_axis=OMEGA, im_data=green, kernel_mode="time_fermionic", beta=BETA
    )
    chosen, tried = problem.solve(
        method="maxent_svd",
        alpha_determination="chi2kink",
        cov=COVARIANCE,
        # A density of w beta, the axis of its solver.
        model=maximum_entropy.default_model(OMEGA) / BETA,
        verbose=False,
        **alphas,
    )
    return (chosen.alpha, chosen.A_opt), [(one.alpha, one.A_opt * BETA) for one in tried]


def test_densities_agree_at_the_same_alpha(problem):
    alphas = np.logspace(6, 1, 6)
    ours, _ = maximum_entropy.densities(problem[1], SIGMA, TIMES, OMEGA, BETA, alphas)
    for green, expected in zip(problem[1], ours, strict=True):
        _, tried = by_ana_cont(green, alpha_start=1e6, alpha_end=9.0)
        found, theirs = map(np.array, zip(*tried, strict=True))
        assert found == pytest.approx(alphas)
        # Its own steps end at 1e-4 of their variables.
        assert theirs == pytest.approx(expected, abs=1e-4)


def test_chosen_densities_agree(problem):
    """From curves of chi^2 at other alphas; its smallest of all fail, and take a minute to."""
    truth, green = problem
    ours = maximum_entropy.invert(green, SIGMA, TIMES, OMEGA, BETA)["kink"]
    chosen = [by_ana_cont(one, alpha_end=0.09)[0] for one in green]
    alphas, theirs = map(np.array, zip(*chosen, strict=True))
    assert np.log10(alphas) == pytest.approx(np.log10(ours.alpha), abs=0.3)
    apart = errors(theirs, ours.density, OMEGA)["wasserstein"]
    missed = errors(ours.density, truth, OMEGA)["wasserstein"]
    assert apart.mean() < missed.mean() / 6
