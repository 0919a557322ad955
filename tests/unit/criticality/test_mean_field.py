"""Mean-field theory of random networks: tables, limits, and networks that are wide enough."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netphase.criticality.mean_field import (
    critical_weight_variance,
    fixed_point,
    fixed_variance,
    growth_of_differences,
    next_correlation,
    next_variance,
)
from netphase.criticality.random_networks import layers
from netphase.errors import InputError
from netphase.streams import stream

weight_variances = st.floats(0.2, 6)
bias_variances = st.floats(1e-3, 2)


@pytest.mark.parametrize(
    ("bias_variance", "critical", "q"),
    [
        (2e-5, 1.049912, 0.025874),
        (1e-3, 1.189190, 0.107292),
        (0.01, 1.424205, 0.273301),
        (0.05, 1.760955, 0.570048),
        (0.5, 2.843167, 1.971031),
        (1.0, 3.443210, 3.036396),
    ],
)
def test_critical_points(bias_variance, critical, q):
    found = critical_weight_variance(bias_variance)
    assert found == pytest.approx(critical, abs=1e-6)
    assert fixed_variance(found, bias_variance) == pytest.approx(q, abs=1e-6)
    assert growth_of_differences(q, critical) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("weight_variance", "chi", "c", "depth"),
    [
        (0.5, 0.43199, 1, 1.19),
        (1.0, 0.75903, 1, 3.63),
        (1.3, 0.88016, 1, 7.83),
        (1.5, 0.93864, 1, 15.79),
        (1.6, 0.96369, 1, 27.03),
        (2.0, 1.04767, 0.74408, 25.21),
        (2.5, 1.13352, 0.44680, 11.80),
        (4.0, 1.34240, 0.16506, 6.98),
    ],
)
def test_fixed_points(weight_variance, chi, c, depth):
    found = fixed_point(weight_variance, 0.05)
    assert found.chi == pytest.approx(chi, abs=5e-6)
    assert found.c == pytest.approx(c, abs=5e-6)
    assert found.depth_of_c == pytest.approx(depth, abs=5e-3)


@settings(deadline=None, max_examples=50)
@given(weight_variances, bias_variances)
def test_fixed_points_are_fixed(w, b):
    found = fixed_point(w, b)
    assert next_variance(found.q, w, b) == pytest.approx(found.q, rel=1e-12)
    assert next_correlation(found.c, found.q, w, b) == pytest.approx(found.c, abs=1e-9)
    assert 0 <= found.c <= 1 and b <= found.q <= w + b
    assert (found.chi > 1) == (w > critical_weight_variance(b))


@settings(deadline=None, max_examples=50)
@given(weight_variances, bias_variances)
def test_depths_are_those_of_the_maps(w, b):
    """What is left of a small deviation, layer by layer, is exp(-1 / depth) of it."""
    found = fixed_point(w, b)
    step = 1e-4 * found.q
    q = [next_variance(found.q + sign * step, w, b) for sign in (1, -1)]
    slope = (q[0] - q[1]) / (2 * step)
    assert slope == pytest.approx(np.exp(-1 / found.depth_of_q), abs=1e-5)
    # At c = 1 the derivative is one-sided, and the map is not smooth enough for large q.
    if 1e-3 < found.c < 1 - 1e-3:
        c = [next_correlation(found.c + sign * 1e-4, found.q, w, b) for sign in (1, -1)]
        assert (c[0] - c[1]) / 2e-4 == pytest.approx(np.exp(-1 / found.depth_of_c), abs=1e-4)


def test_without_biases_the_critical_variance_is_one():
    assert critical_weight_variance(0) == 1
    assert critical_weight_variance(1e-9) == pytest.approx(1, abs=0.01)
    ordered, chaotic = fixed_point(0.7, 0), fixed_point(1.5, 0)
    assert (ordered.q, ordered.chi, ordered.c) == (0, pytest.approx(0.7), 1)
    assert chaotic.c == 0 and chaotic.chi > 1
    # Close above the critical point q = (w - 1) / 2 to first order.
    assert fixed_variance(1.001, 0) == pytest.approx(0.0005, rel=5e-3)


def test_wide_networks_follow_the_maps():
    """<h h> of two inputs, layer by layer, in ten networks, against what the maps foresee."""
    w, b, width, depth = 2.5, 0.05, 500, 20
    inputs = stream("two inputs").standard_normal((2, 50))
    grams = []
    for network in range(10):
        rng = stream("wide network", network=network)
        grams.append([h @ h.T / width for h in layers(inputs, w, b, width, depth, rng)])
    # Of the next pre-activations: variance of each input, and of both together.
    measured = w * np.mean(grams, axis=0) + b
    error = w * np.std(grams, axis=0, ddof=1) / np.sqrt(10) + 1 / width
    q = w * (inputs**2).mean(axis=1) + b
    for layer in range(depth):
        q = np.array([next_variance(value, w, b) for value in q])
        within = np.abs(measured[layer].diagonal() - q) <= 5 * error[layer].diagonal()
        assert within.all()
    fixed = fixed_point(w, b)
    np.testing.assert_allclose(q, fixed.q, rtol=1e-6)
    assert measured[-1, 0, 1] / fixed.q == pytest.approx(fixed.c, abs=5 * error[-1, 0, 1] / fixed.q)


@pytest.mark.parametrize(
    ("w", "b", "named"), [(0, 0.1, "weight_variance"), (np.nan, 0.1, "weight_variance"),
                          (1, -0.1, "bias_variance"), (1, np.nan, "bias_variance")]
)  # fmt: skip
def test_what_is_no_variance_is_refused(w, b, named):
    with pytest.raises(InputError, match=named):
        fixed_point(w, b)
