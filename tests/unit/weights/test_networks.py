"""Training through means and variances: exact gradients, right statistics, networks that learn."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from netphase.streams import stream
from netphase.weights import kernels
from netphase.weights.networks import Engine

DEEP = (20, 15, 15, 10)


def loss_of(theta, inputs, labels, noise, layers, penalty):
    """The loss as it is printed, for automatic differentiation; noise: (batch, units) a layer."""
    a, start = inputs, 0
    for layer, (columns, rows) in enumerate(zip(layers, layers[1:], strict=False)):
        block = theta[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
        mu = torch.tanh(block / 2)
        z = a @ mu.T + noise[layer] * torch.sqrt((a**2) @ (1 - mu**2).T + 1e-12)
        a = torch.nn.functional.leaky_relu(z, 0.1) / np.sqrt(columns)
    return torch.nn.functional.cross_entropy(z, labels) + penalty / 2 * (theta**2).sum()


@pytest.mark.parametrize("layers", [DEEP, (20, 10), (5, 33, 17, 3), (40, 4, 4, 4, 2)])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_gradients_are_those_of_automatic_differentiation(layers, dtype, tolerance):
    rng, n_batch = stream("test"), 32
    engine = Engine(layers, n_batch, dtype)
    theta = rng.normal(0, 1, engine.n_weights)
    inputs, labels = rng.normal(size=(n_batch, layers[0])), rng.integers(0, layers[-1], n_batch)
    noise = [rng.normal(size=(n_batch, n)) for n in layers[1:]]
    leaf = torch.tensor(theta, requires_grad=True)
    tensors = [torch.tensor(x) for x in (inputs, labels)]
    expected = loss_of(leaf, *tensors, [torch.tensor(x) for x in noise], layers, 0.0)
    expected.backward()

    own = np.zeros_like(engine.mask)
    own[engine.places] = theta
    kernels.spread(engine.layout, own, engine.mask, engine.mu, engine.var)
    strides, at = engine.layout[1], engine.layout[2]
    for k, values in enumerate([inputs, *noise]):
        place = engine.buffers[4 if k else 0][at[k] : at[k] + n_batch * strides[k]]
        place.reshape(n_batch, -1)[:, : layers[k]] = values
    d_mean, d_variance = engine.work[:2]
    loss = kernels.gradient(
        engine.layout, n_batch, labels, engine.mu, engine.var, engine.buffers, d_mean, d_variance
    )
    assert loss == pytest.approx(expected.item(), rel=tolerance)
    mu = np.tanh(theta / 2)
    found = (d_mean[engine.places] - mu * d_variance[engine.places]) * (1 - mu**2) / (2 * n_batch)
    np.testing.assert_allclose(found, leaf.grad.numpy(), atol=tolerance)


def test_a_unit_has_mean_and_variance_of_its_binary_weights():
    """z over many draws of the weights: mean mu a, variance (1 - mu^2) a^2, nearly Gaussian."""
    rng = stream("test")
    theta, a = rng.normal(0, 1, 20), rng.normal(0, 1, 20)
    w = np.where(rng.random((100_000, 20)) < 1 / (1 + np.exp(-theta)), 1, -1)
    z, mu = w @ a, np.tanh(theta / 2)
    deviation = np.sqrt((1 - mu**2) @ a**2)
    assert z.mean() == pytest.approx(mu @ a, abs=5 * deviation / np.sqrt(len(z)))
    assert z.std() == pytest.approx(deviation, rel=0.01)
    assert kstest((z - mu @ a) / deviation, "norm").statistic < 0.03


def test_normal_numbers():
    engine = Engine((4, 16), 4096)
    drawn = np.empty((2, 65536), np.float32)
    indices = np.zeros(65536, np.uint16)
    for k in range(2):
        kernels.draw_normals(np.uint64(k << 40), engine.table, indices, drawn[k])
        assert kstest(drawn[k], "norm").pvalue > 1e-3
    assert abs(np.corrcoef(drawn)[0, 1]) < 0.02
    assert abs(np.corrcoef(drawn[0, :-1], drawn[0, 1:])[0, 1]) < 0.02
    assert engine.table.std() == pytest.approx(1, abs=1e-6)


@pytest.fixture(scope="module")
def digits():
    images, labels = load_digits(return_X_y=True)
    inputs = PCA(20, svd_solver="full").fit_transform(images / 16)
    order = stream("split").permutation(len(labels))
    train, test = order[:1437], order[1437:]
    return inputs[train], labels[train], inputs[test], labels[test]


def plain_accuracy(weights, layers, inputs, labels):
    a, start = inputs, 0
    for columns, rows in zip(layers, layers[1:], strict=False):
        z = a @ weights[start : start + rows * columns].reshape(rows, columns).T
        start += rows * columns
        a = np.where(z > 0, z, 0.1 * z) / np.sqrt(columns)
    return np.mean(z.argmax(axis=1) == labels)


@pytest.mark.slow
@pytest.mark.parametrize(("layers", "least"), [(DEEP, 0.75), (DEEP[::3], 0.79)])
def test_digits_are_learnt(digits, layers, least):
    inputs, labels, test_inputs, test_labels = digits
    engine = Engine(layers, 64)
    rates = 0.3 * np.cos(np.linspace(0, np.pi / 2, 1500)) + 0.005
    trained = engine.train(inputs, labels, rates, [stream("net", k=k) for k in range(8)])
    assert np.all(trained.losses[:, -100:].mean(axis=1) < 0.6 * trained.losses[:, :10].mean(axis=1))
    found = [
        engine.sample(theta, test_inputs, test_labels, 20, stream("draw"))
        for theta in trained.theta
    ]
    weights, best, mean = zip(*found, strict=True)
    assert np.median(best) > least and np.all(np.array(best) >= mean)
    for w, accuracy in zip(weights, best, strict=True):
        assert set(np.unique(w)) == {-1, 1}
        assert accuracy == plain_accuracy(w, layers, test_inputs, test_labels)
    # Other seeds, other networks; the same seed, the same one, whoever was trained before it.
    assert not np.array_equal(trained.theta[0], trained.theta[1])
    again = engine.train(inputs, labels, rates, [stream("net", k=1)])
    assert np.array_equal(again.theta[0], trained.theta[1])


def test_batches_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="not a multiple of 16"):
        Engine(DEEP, 50)
