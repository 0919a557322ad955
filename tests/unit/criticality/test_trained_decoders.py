"""Decoders by Adam: torch's own on one of them, and the ridge cascade on a whole network."""

import numpy as np
import pytest
import torch
from image_batches import digits

from netphase.criticality import reconstruction, trained_decoders
from netphase.criticality.trained_decoders import fit
from netphase.streams import stream

NETWORK = {"weight_variances": [0.6, 1.0, 1.8, 4.0], "bias_variance": 0.05, "side": 8}
SETTINGS = {"depth": 12, "samples": 500, "images": 50, "penalties": [1e-3]}
SETTINGS |= {"min_shift": False, "shown": [12]}
TRAINING = {"epochs": 30, "batch_size": 64, "rate": 1e-3}


def test_every_decoder_is_trained_as_by_torch_alone():
    rng = stream("data")
    source, target = (torch.from_numpy(rng.standard_normal((3, 40, 5))).tanh() for _ in range(2))
    training = {"epochs": 3, "batch_size": 16, "rate": 0.01}
    weights, offsets = fit(source, target, training, stream("fit"))
    rng = stream("fit")
    starts = [torch.from_numpy(rng.uniform(-(5**-0.5), 5**-0.5, (3, n, 5))) for n in (5, 1)]
    orders = [torch.from_numpy(rng.permutation(40)) for _ in range(3)]
    for k in range(3):
        layer = torch.nn.Linear(5, 5, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(starts[0][k].T)
            layer.bias.copy_(starts[1][k, 0])
        adam = torch.optim.Adam(layer.parameters(), lr=0.01)
        for order in orders:
            for rows in order.split(16):
                adam.zero_grad()
                loss = torch.nn.functional.mse_loss(layer(source[k, rows]).tanh(), target[k, rows])
                loss.backward()
                adam.step()
        np.testing.assert_allclose(weights[k], layer.weight.detach().T, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(offsets[k, 0], layer.bias.detach(), rtol=1e-6, atol=1e-9)


@pytest.fixture(scope="module")
def both():
    job = {"name": "digits", "realisation": 0, "setting": NETWORK, "settings": SETTINGS}
    data = digits(600, 60)
    return (
        trained_decoders.reconstruct(data, **job, training=TRAINING)[0],
        reconstruction.reconstruct(data, **job)[0],
    )


def test_both_kinds_of_decoders_prefer_the_same_network(both):
    trained, closed = (one.isel(dataset=0, decoder=0, realisation=0, layer=-1) for one in both)
    assert int(trained.error.values.argmin()) == int(closed.error.values.argmin()) == 2
    # The same images, and the same nothing that is left of them in the ordered network.
    np.testing.assert_array_equal(trained.original, closed.original)
    assert float(trained.error[0]) == pytest.approx(float(closed.error[0]), rel=0.05)


def test_same_job_same_bits(both):
    again, _ = trained_decoders.reconstruct(
        digits(600, 60), name="digits", realisation=0, setting=NETWORK, settings=SETTINGS,
        training=TRAINING,
    )  # fmt: skip
    assert again.identical(both[0])
