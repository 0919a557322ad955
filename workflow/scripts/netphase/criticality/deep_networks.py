"""Deep tanh networks of one architecture, trained side by side on the same samples.

The networks of a batch differ in their initial weights and biases; their tensors are stacked, so
that a layer of all of them is one batched product. A layer is h' = tanh(W h + b). Convolutions
take the 3 x 3 pixels around each, the image being periodic; residual networks are
h' = tanh(W h + b + h) with such convolutions, but for their first layer, whose input has one
channel. A readout of all units of the last layer gives the logits.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

KINDS = ("perceptron", "convolutional", "residual")
SIDE = 3
"""Pixels along a side of a convolution's kernel."""


class Initialisation(NamedTuple):
    """Distribution of the initial weights and biases, independent and with mean zero.

    weight_variance : of a weight, times its fan
    bias_variance : of a bias; biases are normal
    uniform : whether weights are uniform, not normal
    average : whether the fan is half of the sum of inputs and outputs of a layer (Glorot and Bengio
        2010), not the inputs of a unit
    """

    weight_variance: float
    bias_variance: float
    uniform: bool = False
    average: bool = False

    def scale(self, n_inputs: int, n_outputs: int) -> float:
        """Standard deviation of a weight."""
        fan = (n_inputs + n_outputs) / 2 if self.average else n_inputs
        return math.sqrt(self.weight_variance / fan)


class Architecture(NamedTuple):
    """One of KINDS, its number of hidden layers, and the units (channels) of each."""

    kind: str
    depth: int
    width: int

    def shapes(self, image: tuple[int, int], n_classes: int) -> list[tuple[int, int]]:
        """Inputs of a unit and number of units (channels) of each layer, the readout last."""
        pixels = math.prod(image)
        if self.kind == "perceptron":
            first, fan_in, last = pixels, self.width, self.width
        else:
            first, fan_in, last = SIDE**2, SIDE**2 * self.width, pixels * self.width
        inner = [(fan_in, self.width)] * (self.depth - 1)
        return [(first, self.width), *inner, (last, n_classes)]


class Networks:
    """Networks of one architecture, one for each initialisation.

    All initial weights come from the same random numbers: where two initialisations differ in a
    variance alone, the weights of the networks differ by a factor.

    Parameters
    ----------
    image : pixels along y and x
    rng : of the weights and biases

    Attributes
    ----------
    weights : for each layer (networks, inputs, outputs)
    biases : for each layer (networks, 1, outputs)
    """

    def __init__(
        self,
        architecture: Architecture,
        image: tuple[int, int],
        n_classes: int,
        initialisations: Sequence[Initialisation],
        rng: np.random.Generator,
    ) -> None:
        self.kind, self.image = architecture.kind, image
        self.weights, self.biases = [], []
        for shape in architecture.shapes(image, n_classes):
            normal = rng.standard_normal(shape)
            uniform = rng.uniform(-math.sqrt(3), math.sqrt(3), shape)
            biases = rng.standard_normal((1, shape[1]))
            self.weights.append(
                _stack(
                    one.scale(*shape) * (uniform if one.uniform else normal)
                    for one in initialisations
                )
            )
            self.biases.append(
                _stack(math.sqrt(one.bias_variance) * biases for one in initialisations)
            )

    @property
    def parameters(self) -> list[torch.Tensor]:
        """All weights and biases."""
        return self.weights + self.biases

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (networks, samples, classes) of images (samples, pixels)."""
        hidden = self._dense if self.kind == "perceptron" else self._convolutions
        return torch.baddbmm(self.biases[-1], hidden(images), self.weights[-1])

    def _dense(self, images):
        signal = images.expand(len(self.weights[0]), -1, -1)
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            signal = torch.tanh(torch.baddbmm(biases, signal, weights))
        return signal

    def _convolutions(self, images):
        n_networks, n_samples = len(self.weights[0]), len(images)
        signal = images.unflatten(1, (1, *self.image)).expand(-1, n_networks, -1, -1)
        for layer, (weights, biases) in enumerate(
            zip(self.weights[:-1], self.biases[:-1], strict=True)
        ):
            # One grouped convolution: two to three times faster than products of neighbourhoods.
            kernels = weights.transpose(1, 2).reshape(-1, weights.shape[1] // SIDE**2, SIDE, SIDE)
            framed = F.pad(signal, (1, 1, 1, 1), mode="circular")
            before, signal = signal, F.conv2d(framed, kernels, biases.flatten(), groups=n_networks)
            if layer and self.kind == "residual":
                signal = signal + before
            signal = torch.tanh(signal)
        return signal.view(n_samples, n_networks, -1).transpose(0, 1)


def _stack(parts):
    tensor = torch.from_numpy(np.stack(list(parts)).astype(np.float32))
    return tensor.requires_grad_()


class Samples(NamedTuple):
    """Images (samples, pixels), float32, and labels (samples,), int64."""

    images: torch.Tensor
    labels: torch.Tensor


def loss(logits: torch.Tensor, labels: torch.Tensor, *, double_softmax: bool) -> torch.Tensor:
    """Cross-entropy (networks,) of logits (networks, samples, classes), the mean over the samples.

    double_softmax : use the probabilities as logits, as the code of Thurn et al. (2024) does; the
        loss is then bounded, and its gradients vanish where a network is confident and wrong
    """
    outputs = logits.softmax(-1) if double_softmax else logits
    log_p = outputs.log_softmax(-1)
    return -log_p[:, torch.arange(len(labels)), labels].mean(-1)


def descend(
    networks: Networks,
    samples: Samples,
    batches: Iterable[np.ndarray],
    *,
    learning_rate: float,
    double_softmax: bool,
) -> np.ndarray:
    """Train by plain stochastic gradient descent; return the mean training accuracy (networks,).

    The accuracy is that on each batch before its update. The networks are independent: each ends
    with the weights that it would have if trained alone.

    Parameters
    ----------
    batches : rows of the samples, a training step each
    """
    correct, seen = torch.zeros(len(networks.weights[0]), dtype=torch.int64), 0
    for rows in map(torch.from_numpy, batches):
        labels = samples.labels[rows]
        logits = networks.logits(samples.images[rows])
        total = loss(logits, labels, double_softmax=double_softmax).sum()
        gradients = torch.autograd.grad(total, networks.parameters)
        with torch.no_grad():
            torch._foreach_add_(networks.parameters, gradients, alpha=-learning_rate)
            correct += (logits.argmax(-1) == labels).sum(-1)
        seen += len(rows)
    return correct.numpy() / seen


@torch.no_grad()
def accuracy(networks: Networks, samples: Samples) -> np.ndarray:
    """Share (networks,) of the samples that each network classifies correctly."""
    right = (networks.logits(samples.images).argmax(-1) == samples.labels).sum(-1)
    return right.numpy() / len(samples.labels)
