"""Maximum entropy: its limits, the condition of its minimum, and recovered densities."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from netphase.errors import InputError
from netphase.spectral import green_functions, maximum_entropy
from netphase.streams import stream

BETA, SIGMA = 10.0, 1e-3
OMEGA = green_functions.frequencies(8.0, 201)
STEP = OMEGA[1] - OMEGA[0]
TIMES = green_functions.imaginary_times(65, BETA)
KERNEL = green_functions.kernel(TIMES, OMEGA, BETA)


@pytest.fixture(scope="module")
def problem():
    truth = green_functions.gaussians(6, OMEGA, stream("entropy"))
    green = green_functions.green_function(truth, TIMES, OMEGA, BETA)
    return truth, green_functions.noised(green, SIGMA, stream("entropy noise"))


def densities(green, alphas, sigma=SIGMA):
    return maximum_entropy.densities(green, sigma, TIMES, OMEGA, BETA, np.array(alphas))


def test_strong_entropy_gives_the_default_model(problem):
    found, _ = densities(problem[1], [1e16])
    default = maximum_entropy.default_model(OMEGA)
    assert found[:, 0] == pytest.approx(np.tile(default, (6, 1)), abs=1e-8)


def test_weak_entropy_fits_the_data(problem):
    """The density behind the data fits them no better than the best of all densities."""
    truth, green = problem
    _, chi2 = densities(green, maximum_entropy.ALPHAS)
    assert np.all(np.diff(chi2, axis=1) > 0)
    residual = green_functions.green_function(truth, TIMES, OMEGA, BETA) - green
    assert np.all(chi2[:, 0] < (residual**2).sum(axis=1) / SIGMA**2)


def test_density_is_stationary(problem):
    """ln(A / D) + K^T (K A - G) / (alpha sigma^2) is one constant where A is the minimum."""
    alpha = 100.0
    found, chi2 = densities(problem[1], [alpha])
    density = found[:, 0]
    residual = density @ KERNEL.T * STEP - problem[1]
    condition = np.log(density / maximum_entropy.default_model(OMEGA))
    condition += residual @ KERNEL / (alpha * SIGMA**2)
    assert np.ptp(condition, axis=1) == pytest.approx(np.zeros(6), abs=1e-4)
    assert (residual**2).sum(axis=1) / SIGMA**2 == pytest.approx(chi2[:, 0], rel=1e-6)


def test_density_is_the_least_of_its_neighbours(problem):
    """The functional itself, which the solver never computes, is larger all around."""
    alpha, green = 100.0, problem[1][:1]
    (((density,),), _), rng = densities(green, [alpha]), stream("neighbours")

    def functional(a):
        chi2 = ((KERNEL @ a * STEP - green[0]) ** 2).sum() / SIGMA**2
        kullback = (a * np.log(a / maximum_entropy.default_model(OMEGA))).sum() * STEP
        return chi2 / 2 + alpha * kullback

    least = functional(density)
    for _ in range(50):
        other = density * np.exp(0.01 * rng.standard_normal(OMEGA.size))
        assert functional(other / (other.sum() * STEP)) > least


def test_solutions_do_not_depend_on_their_company(problem):
    together, _ = densities(problem[1], [10.0])
    alone, _ = densities(problem[1][2:3], [10.0])
    assert alone[0] == pytest.approx(together[2], abs=1e-6)


def test_densities_are_positive_and_normalised(problem):
    for found in maximum_entropy.invert(problem[1], SIGMA, TIMES, OMEGA, BETA).values():
        assert found.density.min() >= 0
        assert found.density.sum(axis=1) * STEP == pytest.approx(np.ones(6))
        assert found.found.all()


@pytest.mark.slow
def test_probability_of_alpha_is_that_of_normal_densities_near_the_default_model():
    """There A - D is normal with covariance (diag D - D D^T) / alpha, and G as well."""
    weights = maximum_entropy.default_model(OMEGA) * STEP
    mean, alphas = KERNEL @ weights, np.logspace(4, 8, 9)
    green = green_functions.noised(mean[np.newaxis], SIGMA, stream("near the default"))
    found, chi2 = densities(green, alphas)
    arguments = (found, chi2, SIGMA, TIMES, OMEGA, BETA, alphas)
    (log_p,) = maximum_entropy.log_probability(*arguments)
    spread = (KERNEL * weights) @ KERNEL.T - np.outer(mean, mean)
    noise = SIGMA**2 * np.eye(TIMES.size)
    expected = [multivariate_normal(mean, noise + spread / a).logpdf(green[0]) for a in alphas]
    assert log_p - log_p[-1] == pytest.approx(np.array(expected) - expected[-1], abs=0.1)


def test_less_noise_recovers_more(problem):
    truth = problem[0]
    green = green_functions.green_function(truth, TIMES, OMEGA, BETA)
    distances = []
    for sigma in (1e-5, 1e-3, 1e-1):
        noisy = green_functions.noised(green, sigma, stream("less noise"))
        found = maximum_entropy.invert(noisy, sigma, TIMES, OMEGA, BETA)["kink"]
        distances.append(green_functions.errors(found.density, truth, OMEGA)["wasserstein"].mean())
    assert np.all(np.diff(distances) > 0)
    assert distances[0] < 0.1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sigma": 0.0}, "sigma"),
        ({"alphas": [0.0]}, "alphas"),
        ({"green": np.ones((1, 3))}, "green"),
    ],
)
def test_impossible_input_is_refused(problem, change, word):
    arguments = {"green": problem[1], "alphas": [1.0], "sigma": SIGMA} | change
    with pytest.raises(InputError, match=word):
        densities(**arguments)
