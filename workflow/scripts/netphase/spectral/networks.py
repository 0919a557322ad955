"""A network that maps a noisy Green's function to its spectral density.

G (times,) -> 256 -> 256 -> 256 -> omega with SiLU between, and a softmax at the end, which makes
every density positive with int A = 1. It learns from random Gaussian peaks by the loss
MSE + MAE / 10, after Assaad et al. (arXiv 2602.18561), whose own network is convolutional. The
equation between G and A enters through the term `consistency` of the loss only.
"""

import numpy as np
import torch
from torch import nn

from netphase.spectral.green_functions import check_green_function

WIDTH, BATCH, RATE, SHARE_OF_MAE = 256, 256, 2e-3, 0.1
PREDICTED = 1000


class SpectralNetwork:
    """Regression G -> A by a perceptron, with scikit-learn's `fit` and `predict`.

    Parameters
    ----------
    kernel : (times, omega), of `netphase.spectral.green_functions.kernel`
    step : of the grid of omega
    sigma : standard deviation of the noise of G
    consistency : weight of chi^2 / times between the density found and the noisy G, in the loss
    """

    def __init__(
        self, kernel: np.ndarray, step: float, sigma: float, *, epochs: int, consistency: float
    ):
        self.kernel = torch.from_numpy(kernel.astype(np.float32)) * step
        self.step, self.sigma = step, sigma
        self.epochs, self.consistency = epochs, consistency

    def fit(self, densities: np.ndarray, rng: np.random.Generator) -> "SpectralNetwork":
        """Train on densities (spectra, omega), with new noise in every epoch.

        Order, noise and initial weights are drawn from rng alone.
        """
        truth = torch.from_numpy(densities.astype(np.float32))
        clean = truth @ self.kernel.T
        self.mean, self.scale = clean.mean(dim=0), torch.hypot(clean.std(dim=0), self._sigma())
        torch.manual_seed(int(rng.integers(2**62)))
        n_times, n_omega = self.kernel.shape
        sizes = [n_times, WIDTH, WIDTH, WIDTH, n_omega]
        layers = [
            layer
            for first, last in zip(sizes[:-1], sizes[1:], strict=True)
            for layer in (nn.Linear(first, last), nn.SiLU())
        ]
        self.network = nn.Sequential(*layers[:-1])
        steps = self.epochs * (len(truth) // BATCH)
        adam = torch.optim.Adam(self.network.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=steps)
        for _ in range(self.epochs):
            order = torch.from_numpy(rng.permutation(len(truth)))
            for batch in order[: len(truth) // BATCH * BATCH].split(BATCH):
                noise = torch.from_numpy(rng.standard_normal((BATCH, n_times), np.float32))
                green = clean[batch] + self.sigma * noise
                adam.zero_grad()
                self._loss(green, truth[batch]).backward()
                adam.step()
                schedule.step()
        return self

    def _sigma(self):
        return torch.tensor(self.sigma, dtype=torch.float32)

    def _forward(self, green):
        return torch.softmax(self.network((green - self.mean) / self.scale), dim=1) / self.step

    def _loss(self, green, truth):
        found = self._forward(green)
        difference = found - truth
        loss = difference.square().mean() + SHARE_OF_MAE * difference.abs().mean()
        if self.consistency:
            residual = (found @ self.kernel.T - green) / self.sigma
            # The logarithm, because chi^2 spans many decades while the network learns.
            loss = loss + self.consistency * torch.log1p(residual.square().mean(dim=1)).mean()
        return loss

    def predict(self, green: np.ndarray) -> np.ndarray:
        """Predict densities (cases, omega) from Green's functions (cases, times).

        Raises
        ------
        InputError
            For Green's functions of another length than those learned from, or with NaN.
        """
        check_green_function(green, len(self.kernel), "green")
        with torch.no_grad():
            parts = torch.from_numpy(green.astype(np.float32)).split(PREDICTED)
            return torch.cat([self._forward(part) for part in parts]).double().numpy()
