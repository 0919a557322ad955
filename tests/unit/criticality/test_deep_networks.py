"""Stacked networks: gradients, independence of one another, architectures, logistic regression."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from netphase.criticality.deep_networks import (
    KINDS,
    Architecture,
    Initialisation,
    Networks,
    Samples,
    accuracy,
    descend,
    loss,
)
from netphase.streams import stream

IMAGE, N_CLASSES = (4, 6), 3
VARIANCES = [Initialisation(w, 0.05) for w in (1.0, 1.8, 3.0)]


def made(kind, initialisations=VARIANCES, depth=4, width=5):
    architecture = Architecture(kind, depth, width)
    return Networks(architecture, IMAGE, N_CLASSES, initialisations, stream("init", kind=kind))


@pytest.fixture
def samples():
    rng = stream("samples")
    images = torch.from_numpy(rng.random((40, 24), np.float32))
    return Samples(images, torch.from_numpy(rng.integers(N_CLASSES, size=40)))


def taught(networks, samples, n_steps, **changes):
    options = {"learning_rate": 0.1, "double_softmax": False} | changes
    rows = np.arange(len(samples.labels))
    batches = itertools.islice(itertools.cycle(np.split(rows, 4)), n_steps)
    return descend(networks, samples, batches, **options)


def parameters_of(networks, row):
    return [parameter[row].detach().clone() for parameter in networks.parameters]


def periodic(image, weights, channels):
    """A convolution by its definition: (channels, y, x) and (9 channels, outputs)."""
    _, y, x = image.shape
    out = np.zeros((weights.shape[1], y, x))
    kernel = weights.reshape(channels, 3, 3, -1)
    for i, j, di, dj in itertools.product(range(y), range(x), range(3), range(3)):
        out[:, i, j] += image[:, (i + di - 1) % y, (j + dj - 1) % x] @ kernel[:, di, dj]
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_layers_by_their_definition(kind, samples):
    networks = made(kind)
    found = networks.logits(samples.images)[1].detach().numpy()
    weights, biases = ([part[1].detach().double().numpy() for part in parts]
                       for parts in (networks.weights, networks.biases))  # fmt: skip
    for sample, image in enumerate(samples.images[:3].double().numpy()):
        signal = image if kind == "perceptron" else image.reshape(1, *IMAGE)
        for layer, (weight, bias) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
            if kind == "perceptron":
                signal = np.tanh(signal @ weight + bias[0])
                continue
            drive = periodic(signal, weight, len(signal)) + bias[0, :, np.newaxis, np.newaxis]
            signal = np.tanh(drive + (signal if kind == "residual" and layer else 0))
        np.testing.assert_allclose(signal.ravel() @ weights[-1] + biases[-1][0], found[sample],
                                   atol=1e-5)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_alone_is_that_of_the_batch(kind, samples):
    together, alone = made(kind), made(kind, VARIANCES[1:2])
    scores = taught(together, samples, 12)
    assert taught(alone, samples, 12)[0] == scores[1]
    for first, second in zip(parameters_of(together, 1), parameters_of(alone, 0), strict=True):
        torch.testing.assert_close(first, second, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_draws_give_the_same_bits(kind, samples):
    first, second = made(kind), made(kind)
    np.testing.assert_array_equal(taught(first, samples, 8), taught(second, samples, 8))
    for one, other in zip(first.parameters, second.parameters, strict=True):
        assert torch.equal(one, other)


def test_steps_are_those_of_a_torch_network(samples):
    networks = made("perceptron")
    sizes = [24, 5, 5, 5, 5, N_CLASSES]
    layers = [torch.nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
    for layer, weights, biases in zip(layers, networks.weights, networks.biases, strict=True):
        layer.weight.data, layer.bias.data = weights[2].T.clone().data, biases[2, 0].clone().data
    steps = itertools.chain.from_iterable((layer, torch.nn.Tanh()) for layer in layers)
    model = torch.nn.Sequential(*list(steps)[:-1])
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for rows in np.split(np.arange(40), 4):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(
            model(samples.images[rows]), samples.labels[rows]
        ).backward()
        optimiser.step()
    taught(networks, samples, 4)
    for layer, weights in zip(layers, networks.weights, strict=True):
        torch.testing.assert_close(layer.weight.T, weights[2], atol=1e-6, rtol=0)


@pytest.mark.parametrize("double_softmax", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_finite_differences(kind, double_softmax, samples):
    networks = made(kind)
    networks.weights, networks.biases = (
        [part.detach().double().requires_grad_() for part in parts]
        for parts in (networks.weights, networks.biases)
    )
    images = samples.images.double()

    def total():
        return loss(networks.logits(images), samples.labels, double_softmax=double_softmax).sum()

    gradients = torch.autograd.grad(total(), networks.parameters)
    for parameter, gradient in zip(networks.parameters, gradients, strict=True):
        place = (1, *(size // 2 for size in parameter.shape[1:]))
        values = []
        for shift in (1e-5, -1e-5):
            with torch.no_grad():
                parameter[place] += shift
                values.append(total().item())
                parameter[place] -= shift
        assert (values[0] - values[1]) / 2e-5 == pytest.approx(gradient[place].item(), rel=1e-4,
                                                               abs=1e-9)  # fmt: skip


def test_losses_of_a_sure_and_wrong_network():
    logits, label = torch.tensor([[[30.0, 0.0, 0.0]]]), torch.tensor([1])
    assert loss(logits, label, double_softmax=False).item() == pytest.approx(30)
    expected = np.log(np.e + 2)
    assert loss(logits, label, double_softmax=True).item() == pytest.approx(expected)


def test_variances_of_what_is_drawn():
    initialisations = [
        Initialisation(1.7, 0.3), Initialisation(1.0, 0.0, uniform=True, average=True),
    ]  # fmt: skip
    networks = Networks(
        Architecture("perceptron", 2, 300), (20, 20), 10, initialisations, stream("draws")
    )
    for weights, shape in zip(networks.weights, [(400, 300), (300, 300), (300, 10)], strict=True):
        normal, uniform = weights.detach().numpy()
        assert normal.shape == shape
        assert normal.var() * shape[0] == pytest.approx(1.7, rel=0.1)
        limit = np.sqrt(6 / sum(shape))
        assert np.abs(uniform).max() <= limit
        assert uniform.var() == pytest.approx(limit**2 / 3, rel=0.1)
    assert torch.equal(networks.biases[0][1], torch.zeros(1, 300))
    assert networks.biases[0][0].var().item() == pytest.approx(0.3, rel=0.3)


@pytest.mark.slow
def test_networks_of_different_variances_are_multiples(samples):
    networks = made("perceptron")
    for weights in networks.weights:
        torch.testing.assert_close(weights[0] * np.sqrt(3.0).astype(np.float32), weights[2])


def test_logistic_regression_is_an_optimum_of_nearly_linear_units():
    data, labels = load_digits(return_X_y=True)
    images, n = data / 16, len(labels)
    model = LogisticRegression(C=1.0, tol=1e-8, max_iter=5000).fit(images, labels)
    networks = Networks(
        Architecture("perceptron", 1, 64), (8, 8), 10, [Initialisation(1, 0)], stream("linear")
    )
    small, readout = 1e-3, model.coef_.T
    networks.weights = [
        torch.from_numpy(part[np.newaxis]).requires_grad_()
        for part in (small * np.eye(64), readout / small)
    ]
    networks.biases = [
        torch.from_numpy(part[np.newaxis, np.newaxis]).requires_grad_()
        for part in (np.zeros(64), model.intercept_)
    ]
    samples = Samples(torch.from_numpy(images), torch.from_numpy(labels))
    mean = loss(networks.logits(samples.images), samples.labels, double_softmax=False)
    weights, biases = torch.autograd.grad(mean, [networks.weights[1], networks.biases[1]])
    # The regression minimises the sum of the losses and half of its squared weights.
    np.testing.assert_allclose(n * weights[0] / small, -readout, atol=1e-3)
    np.testing.assert_allclose(n * biases[0, 0], 0, atol=1e-3)
    assert accuracy(networks, samples)[0] == model.score(images, labels)
