"""Decoders of all layers and networks, trained side by side by Adam (Thurn et al. 2024).

A decoder is an affine map and tanh (`netphase.criticality.reconstruction` has the cascades).
Decoders are independent, so that each training step of all is a batched product.
"""

import logging
import time
from collections.abc import Mapping

import numpy as np
import torch
import xarray as xr

from netphase.criticality.reconstruction import as_dataset, cascade, images_of, network
from netphase.jobs import costs
from netphase.jobs.progress import Progress
from netphase.streams import stream

# Of Kingma & Ba (2015)
MOMENTS, SMALLEST = (0.9, 0.999), 1e-8

log = logging.getLogger(__name__)


def fit(
    source: torch.Tensor, target: torch.Tensor, training: Mapping, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (decoders, units, features) and offsets (decoders, 1, features) of tanh decoders.

    Each minimises the mean square of its errors. Initial parameters are uniform within
    1 / sqrt(units); all meet the samples in the same order.

    Parameters
    ----------
    source : (decoders, samples, units)
    target : (decoders, samples, features)
    training : epochs, batch_size, rate
    """
    n_decoders, n_samples, n_units = source.shape
    shapes = (n_units, target.shape[-1]), (1, target.shape[-1])
    bound = n_units**-0.5
    parameters = [
        torch.from_numpy(rng.uniform(-bound, bound, (n_decoders, *shape))).to(source.dtype)
        for shape in shapes
    ]
    weights, offsets = parameters
    first, second = ([torch.zeros_like(part) for part in parameters] for _ in range(2))
    step, progress = 0, Progress(log)
    for epoch in range(training["epochs"]):
        order = torch.from_numpy(rng.permutation(n_samples))
        for rows in order.split(training["batch_size"]):
            step += 1
            x, y = source[:, rows], target[:, rows]
            output = torch.baddbmm(offsets, x, weights).tanh_()
            error = (output - y) * (1 - output**2) * (2 / y[0].numel())
            gradients = x.mT @ error, error.sum(dim=1, keepdim=True)
            for part, gradient, mean, square in zip(
                parameters, gradients, first, second, strict=True
            ):
                mean.lerp_(gradient, 1 - MOMENTS[0])
                square.mul_(MOMENTS[1]).addcmul_(gradient, gradient, value=1 - MOMENTS[1])
                scale = (square / (1 - MOMENTS[1] ** step)).sqrt_().add_(SMALLEST)
                rate = training["rate"] / (1 - MOMENTS[0] ** step)
                part.addcdiv_(mean, scale, value=-rate)
        progress.info("epoch %d of %d", epoch + 1, training["epochs"])
    return weights, offsets


def reconstruct(
    dataset: xr.Dataset,
    *,
    name: str,
    realisation: int,
    setting: Mapping,
    settings: Mapping,
    training: Mapping,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Cascades of decoders by Adam through the networks of `reconstruction.reconstruct`.

    Parameters
    ----------
    dataset, name, realisation, setting, settings : as there; penalties are not used
    training : epochs, batch_size, rate

    Returns
    -------
    cascades, cost : as there, with the decoder "adam"
    """
    began = time.process_time()
    torch.set_num_threads(1)
    images = images_of(dataset, name, setting["side"], settings)
    n, n_networks = len(images.train), len(setting["weight_variances"])
    course = list(network(images, setting, settings["depth"], name, realisation))
    before = np.broadcast_to(images.train, (n_networks, *images.train.shape))
    known = np.stack([before, *(signal[:, :n] for signal in course)]).astype(np.float32)
    source, target = (torch.from_numpy(part).flatten(0, 1) for part in (known[1:], known[:-1]))
    rng = stream("decoders", dataset=name, realisation=realisation)
    weights, offsets = (
        part.double().unflatten(0, (len(course), n_networks)).numpy()
        for part in fit(source, target, training, rng)
    )
    decoders = list(zip(weights, offsets, strict=True))
    found = {"adam": cascade([signal[:, n:] for signal in course], decoders, np.tanh)}
    job = {"dataset": name, "realisation": realisation}
    return as_dataset(found, images, setting, settings, job), costs.spent(began, job)
