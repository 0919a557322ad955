"""Four methods from moments or samples to a model, compared with models that are known."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from spin_models import dense, enumerated

from netphase.errors import InputError
from netphase.inverse_ising.belief_propagation import Cavity
from netphase.inverse_ising.heat_bath import Chains, energies
from netphase.inverse_ising.methods import (
    closed_form,
    curvatures,
    learn_by_propagation,
    persistent_chains,
    pseudolikelihood,
    quality,
    rms,
    rms_pairs,
)
from netphase.streams import stream
from netphase.weights.symmetry import average, orbits


def planted(n=40, share=0.1, n_samples=20_000):
    """A sparse model, and independent samples of it."""
    rng = stream("planted")
    bonds = np.triu(rng.random((n, n)) < share, 1)
    couplings = np.where(bonds, rng.choice([-0.4, 0.4], (n, n)), 0)
    couplings = couplings + couplings.T
    fields = rng.normal(0, 0.1, n)
    chains = Chains(rng.choice([-1, 1], (n_samples, n)), rng)
    chains.sweep(fields, couplings, 60)
    return fields, couplings, chains.spins.astype(np.int8)


@pytest.fixture(scope="module")
def known():
    return planted()


def relative_error(found, couplings):
    return np.linalg.norm(found - couplings) / np.linalg.norm(couplings)


def test_two_spins_exactly():
    fields, couplings = np.array([0.3, -0.7]), np.array([[0, 1.1], [1.1, 0]])
    exact = enumerated(fields, couplings)
    found = closed_form(exact.magnetisation, exact.moments)
    np.testing.assert_allclose(found.fields, fields, atol=1e-12)
    np.testing.assert_allclose(found.couplings, couplings, atol=1e-12)
    assert not found.flags


@pytest.mark.parametrize(("n", "deviation"), [(8, 0.15), (30, 0.03)])
def test_closed_form_is_where_propagation_gives_the_moments_back(n, deviation):
    fields, couplings = dense(stream("test"), n, deviation, 0.4)
    if n < 20:
        exact = enumerated(fields, couplings)
    else:
        cavity = Cavity(couplings)
        exact = cavity.bethe(fields, cavity.propagate(fields, tolerance=1e-13))
    m, c = exact.magnetisation, exact.moments
    model = closed_form(m, c)
    start = np.broadcast_to(m[:, np.newaxis], c.shape)
    cavity = Cavity(model.couplings)
    found = cavity.bethe(model.fields, cavity.propagate(model.fields, start, tolerance=1e-13))
    np.testing.assert_allclose(found.magnetisation, m, atol=1e-9)
    np.testing.assert_allclose(found.moments, c, atol=1e-9)
    if n > 20:
        np.testing.assert_allclose(model.couplings, couplings, atol=1e-9)
        np.testing.assert_allclose(model.fields, fields, atol=1e-9)


def test_learning_by_propagation_ends_in_the_closed_form():
    fields, couplings = dense(stream("test"), 12, 0.1, 0.3)
    exact = enumerated(fields, couplings)
    m, c = exact.magnetisation, exact.moments
    expected = closed_form(m, c)
    found = learn_by_propagation(m, c, stream("learn"), rate_couplings=0.3, penalty=0, steps=1500)
    np.testing.assert_allclose(found.couplings, expected.couplings, atol=2e-3)
    np.testing.assert_allclose(found.fields, expected.fields, atol=2e-3)
    assert not found.flags


def test_pseudolikelihood_of_a_few_spins_is_that_of_a_general_optimiser():
    rng = stream("test")
    fields, couplings = dense(rng, 5, 0.5, 0.5)
    chains = Chains(rng.choice([-1, 1], (3000, 5)), rng)
    chains.sweep(fields, couplings, 50)
    s = chains.spins.astype(float)
    found = pseudolikelihood(s, 0.0, tolerance=1e-6)
    rows = np.empty((5, 5))
    for r in range(5):
        others = np.delete(s, r, axis=1)

        def loss(w, others=others, own=s[:, r]):
            return np.mean(np.logaddexp(0, -2 * own * (w[0] + others @ w[1:])))

        w = minimize(loss, np.zeros(5), tol=1e-10).x
        assert found.fields[r] == pytest.approx(w[0], abs=2e-3)
        rows[r] = np.insert(w[1:], r, 0)
    np.testing.assert_allclose(found.couplings, (rows + rows.T) / 2, atol=2e-3)


@pytest.mark.parametrize("penalty", [0.01, 0.05])
def test_penalised_pseudolikelihood_is_that_of_logistic_regression(known, penalty):
    s = known[2][:2000, :12].astype(float)
    found = pseudolikelihood(s, penalty, tolerance=1e-6, max_iterations=2000)
    rows = np.zeros((12, 12))
    for r in range(12):
        others = np.delete(s, r, axis=1)
        # sum of losses + |2 J|_1 / C there, mean of losses + penalty |J|_1 here.
        machine = LogisticRegression(
            l1_ratio=1, C=2 / (penalty * len(s)), solver="saga", tol=1e-7, max_iter=5000
        ).fit(others, s[:, r])
        rows[r] = np.insert(machine.coef_[0] / 2, r, 0)
        assert found.fields[r] == pytest.approx(machine.intercept_[0] / 2, abs=1e-3)
    np.testing.assert_allclose(found.couplings, (rows + rows.T) / 2, atol=1e-3)
    assert np.array_equal(found.couplings == 0, np.abs(rows + rows.T) == 0)


def test_planted_couplings_by_pseudolikelihood(known):
    _, couplings, samples = known
    errors = [relative_error(pseudolikelihood(samples, p).couplings, couplings) for p in (0.01, 0)]
    assert errors == pytest.approx([0.092, 0.103], rel=0.35)


def test_planted_couplings_by_persistent_chains(known):
    fields, couplings, samples = known
    s = samples.astype(float)
    m, c = s.mean(axis=0), s.T @ s / len(s)
    rng = stream("chains")
    model = persistent_chains(m, c, rng, n_chains=1000, updates=800, rate_couplings=0.1)
    # The error of the samples themselves, as maximum likelihood has it, is about 1 / sqrt(M).
    assert relative_error(model.couplings, couplings) < 0.12
    np.testing.assert_allclose(model.fields, fields, atol=0.06)
    judged = quality(model, m, c, rng, n_chains=1000)
    assert judged.sampled < 0.01
    independent = closed_form(m, np.outer(m, m))
    assert quality(independent, m, c, rng).sampled > 5 * judged.sampled


@pytest.mark.slow
@pytest.mark.parametrize(("deviation", "fields"), [(0.1, 0.3), (0.1, 1.0), (0.2, 2.0), (0.3, 1.0)])
def test_curvatures_are_those_of_the_fisher_information(deviation, fields):
    h, couplings = dense(stream("test"), 8, deviation, fields)
    spins = np.array(list(itertools.product((-1.0, 1.0), repeat=8)))
    weight = np.exp(-energies(h, couplings, spins))
    weight /= weight.sum()
    pairs = spins[:, np.triu_indices(8, 1)[0]] * spins[:, np.triu_indices(8, 1)[1]]
    exact = [
        np.linalg.eigvalsh(np.cov(moments, rowvar=False, aweights=weight, ddof=0))[-1]
        for moments in (spins, pairs)
    ]
    model = enumerated(h, couplings)
    of_fields, of_couplings = curvatures(model.magnetisation, model.moments)
    assert of_fields == pytest.approx(exact[0], rel=1e-9)
    assert exact[1] < of_couplings < 1.7 * exact[1]


def test_polarised_spins_that_move_together_are_learned():
    rng = stream("test")
    field, common = rng.normal(0, 6, 200), rng.choice([-1, 1], (5000, 1))
    up = 1 / (1 + np.exp(-2 * (field + common * rng.normal(0, 1, 200))))
    s = np.where(rng.random((5000, 200)) < up, 1.0, -1.0)
    m, c = s.mean(axis=0), s.T @ s / len(s)
    deviation = quality(persistent_chains(m, c, rng), m, c, rng).sampled
    assert deviation < 0.5 * rms_pairs(np.outer(m, m), c)


def test_spins_of_one_orbit_share_what_is_inferred():
    layers = (2, 3, 2)
    same, rng = orbits(layers), stream("test")
    n = len(same.single)
    fields = rng.normal(0, 0.3, same.single.max() + 1)[same.single]
    values = rng.normal(0, 0.1, same.pair.max() + 1)
    couplings = np.where(same.pair >= 0, values[same.pair], 0)
    exact = enumerated(fields, couplings)
    m, c = exact.magnetisation, exact.moments
    np.testing.assert_allclose(average(m, c, same)[1], c, atol=1e-12)
    model = persistent_chains(
        m, c, rng, known=same, n_chains=2000, updates=600, rate_fields=0.5, rate_couplings=0.3
    )
    np.testing.assert_allclose(model.couplings, couplings, atol=0.03)
    np.testing.assert_allclose(model.fields, fields, atol=0.05)
    assert len(np.unique(model.fields.round(12))) == same.single.max() + 1 < n


def test_what_cannot_be_inferred_is_flagged():
    rng = stream("test")
    s = rng.choice([-1, 1], (200, 30))
    s[:, 0] = 1
    m, c = s.mean(axis=0), s.T @ s / len(s)
    for model in (closed_form(m, c), persistent_chains(m, c, rng, n_chains=50, updates=20)):
        assert "1 spins never turn" in model.flags["saturated"]
        assert np.isfinite(model.fields).all() and np.isfinite(model.couplings).all()
    assert "200 samples for 435 couplings" in pseudolikelihood(s, 0.1).flags["few_samples"]
    assert "not_converged" in pseudolikelihood(s, 0, max_iterations=3).flags
    for bad_m, bad_c in ((m * np.nan, c), (3 * m, c), (m[1:], c), (m, np.triu(c))):
        with pytest.raises(InputError):
            closed_form(bad_m, bad_c)


def test_deviation_counts_means_and_pairs():
    m, c = np.zeros(3), np.eye(3)
    shifted = c + 0.2 * (1 - np.eye(3))
    assert rms(m + 0.1, shifted, m, c) == pytest.approx(np.sqrt(0.01 + 0.04))
