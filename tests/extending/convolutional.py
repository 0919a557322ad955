"""Convolutional networks of one layer: what `test_learner.py` adds to a copy of the repository."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from netphase.learners.contract import OneByOne


class ConvolutionalNetwork:
    """3 x 3 convolution, ReLU, pooling by 2, linear; Adam on minibatches of 50.

    Parameters
    ----------
    channels : channels of the convolution
    """

    def __init__(self, n_classes, channels, epochs, learning_rate):
        self.n_classes, self.channels = n_classes, channels
        self.max_iter, self.learning_rate = epochs, learning_rate

    def fit(self, X, y, rng):
        torch.set_num_threads(1)
        _, height, width = X.shape
        self.network = nn.Sequential(
            nn.Conv2d(1, self.channels, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(self.channels * (height // 2) * (width // 2), self.n_classes),
        )
        init = rng("init", size=self.channels)
        with torch.no_grad():
            for parameter in self.network.parameters():
                bound = np.sqrt(3 / max(1, parameter[0].numel())) if parameter.ndim > 1 else 0
                parameter.copy_(torch.from_numpy(init.uniform(-bound, bound, parameter.shape)))
        optimiser = torch.optim.Adam(self.network.parameters(), lr=self.learning_rate)
        order = rng("shuffle", size=self.channels)
        images, labels = torch.from_numpy(X)[:, None], torch.from_numpy(y)
        self.loss_curve_ = []
        for _ in range(self.max_iter):
            losses = []
            for rows in torch.from_numpy(order.permutation(len(X))).split(50):
                loss = F.cross_entropy(self.network(images[rows]), labels[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                losses.append(loss.item())
            self.loss_curve_.append(float(np.mean(losses)))
        return self

    @torch.inference_mode()
    def predict(self, X):
        return self.network(torch.from_numpy(X)[:, None]).argmax(1).numpy()

    @property
    def n_parameters(self):
        return sum(parameter.numel() for parameter in self.network.parameters())


def convolutional_networks(n_classes, *, sizes, epochs, learning_rate):
    """The ladder of them; a size is a number of channels."""
    return OneByOne({c: ConvolutionalNetwork(n_classes, c, epochs, learning_rate) for c in sizes})
