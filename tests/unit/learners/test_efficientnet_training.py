"""A resumed training ends in the same bits however often it was killed, and it learns."""

import itertools
import json
import math

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from netphase.errors import InputError
from netphase.files import netcdf
from netphase.learners.efficientnet_training import (
    IDENTITY,
    Augmentation,
    choose_device,
    cost_of,
    learning_rate,
    train,
)
from netphase.learners.efficientnets import Architecture, EfficientNet
from netphase.streams import stream

EPOCHS = 3
MODEL = {
    "width": 0.0266,
    "depth": 0.25,
    "divisor": 4,
    "stem_stride": 2,
    "dropout": 0.2,
    "drop_connect": 0.2,
    "device": "cpu",
    "precision": "float32",
    "epochs": EPOCHS,
    "warmup_epochs": 1,
    "batch_size": 8,
    "learning_rate": 0.1,
    "momentum": 0.9,
    "weight_decay": 5e-4,
    "label_smoothing": 0.1,
    "padding": 1,
}
EXACT = {"dropout": 0.0, "drop_connect": 0.0, "padding": 0, "warmup_epochs": 0}
KEY = {"dataset": "toy", "model": "tiny", "realisation": 0}
PROVENANCE = dict.fromkeys(IDENTITY, "mine")


def toy(n=24, n_test=0):
    """Images of three classes, each of which is bright in one colour."""
    rng = stream("images of this test", n=n)
    label = np.arange(n) % 3
    image = rng.integers(0, 60, (n, 8, 8, 3), dtype=np.uint8)
    image[np.arange(n), ..., label] += 120
    split = np.arange(n) >= n - n_test
    return xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), image),
            "label": ("sample", label.astype(np.int16), {"flag_values": np.arange(3)}),
            "split": ("sample", split.astype(np.int8)),
        }
    )


def run(checkpoint, dataset=None, provenance=PROVENANCE, key=KEY, **changes):
    result, _ = train(
        toy() if dataset is None else dataset,
        model=MODEL | changes,
        key=key,
        checkpoint=checkpoint,
        provenance=provenance,
    )
    return result


class Killed(BaseException):
    """Takes no notice of whoever catches errors."""


def run_until(k, monkeypatch, *args, **changes):
    """A training that is killed when it has written its k-th checkpoint."""
    count = itertools.count(1)
    write = netcdf.write

    def write_and_die(*args):
        write(*args)
        if next(count) == k:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(netcdf, "write", write_and_die)
        with pytest.raises(Killed):
            run(*args, **changes)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("undisturbed") / "checkpoint.nc")


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A training of one epoch."""
    return run(tmp_path_factory.mktemp("short") / "checkpoint.nc", epochs=1)


@pytest.fixture
def unwritten(monkeypatch):
    """Spare a test the time of checkpoints that it has no use for."""
    monkeypatch.setattr(netcdf, "write", lambda *_: None)


@pytest.mark.parametrize("k", range(1, EPOCHS + 1))
def test_taken_up_after_any_epoch_it_ends_in_the_same_bits(undisturbed, tmp_path, monkeypatch, k):
    path = tmp_path / "folder" / "checkpoint.nc"
    run_until(k, monkeypatch, path)
    torch.manual_seed(k)
    done = []
    monkeypatch.setattr(netcdf, "write", lambda state, *_: done.append(state.attrs["epochs"]))
    xr.testing.assert_identical(run(path), undisturbed)
    assert done == list(range(k + 1, EPOCHS + 1))


def test_killed_after_every_epoch_it_ends_in_the_same_bits(undisturbed, tmp_path, monkeypatch):
    path, spent = tmp_path / "checkpoint.nc", [0.0]
    for _ in range(EPOCHS):
        run_until(1, monkeypatch, path)
        with xr.open_dataset(path) as state:
            spent.append(state.attrs["cpu_seconds"])
    again, seconds = train(toy(), model=MODEL, key=KEY, checkpoint=path, provenance=PROVENANCE)
    xr.testing.assert_identical(again, undisturbed)
    assert (np.diff(spent) > 0).all() and seconds == spent[-1]


@pytest.mark.parametrize("name", IDENTITY)
def test_checkpoint_of_another_training_is_not_used(short, tmp_path, monkeypatch, name):
    path = tmp_path / "checkpoint.nc"
    other = PROVENANCE | {name: "another"}
    run_until(1, monkeypatch, path, provenance=other, width=0.05)
    monkeypatch.setattr(netcdf, "write", lambda *_: None)
    xr.testing.assert_identical(run(path, epochs=1), short)


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-100], lambda raw: raw[:999] + raw[1000:]])
def test_damaged_checkpoint_is_refused_by_name(short, tmp_path, spoil):
    path = tmp_path / "checkpoint.nc"
    netcdf.write(short, path, PROVENANCE)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(InputError, match=rf"^{path}: damaged.*$"):
        run(path)


def test_realisations_are_trainings_of_their_own(short, tmp_path, unwritten):
    other = run(tmp_path / "checkpoint.nc", key=KEY | {"realisation": 1}, epochs=1)
    assert not np.isclose(other["classifier.weight"], short["classifier.weight"], rtol=1e-3).any()


def test_separable_classes_are_learnt(tmp_path, unwritten):
    data = toy(42)
    result = run(tmp_path / "checkpoint.nc", data, **EXACT | {"epochs": 10})
    assert result.epoch.values.tolist() == list(range(1, 11))
    assert result.accuracy[-1] > 0.8 and result.loss[-1] < result.loss[0]
    pixels = data.image.values.reshape(-1, 3)
    np.testing.assert_allclose(result.attrs["mean"], pixels.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(result.attrs["deviation"], pixels.std(axis=0), rtol=1e-6)


def test_test_images_take_no_part(tmp_path, unwritten):
    data = toy(20, n_test=8)
    other = data.copy(deep=True)
    other.image[12:] = 255 - other.image[12:]
    other.label[12:] = 0
    one, two = (run(tmp_path / "checkpoint.nc", each, epochs=1) for each in (data, other))
    xr.testing.assert_identical(one, two)


def run_on(image, data, folder):
    return run(folder / "checkpoint.nc", data.drop_vars("image").assign(image=image), epochs=1)


def test_grey_images_get_three_equal_channels(tmp_path, unwritten):
    data = toy(16)
    grey = data.image.isel(channel=0)
    repeated = grey.expand_dims({"channel": 3}, axis=-1)
    one, two = (run_on(image, data, tmp_path) for image in (grey, repeated))
    xr.testing.assert_identical(one, two)


def test_a_single_channel_is_grey(tmp_path, unwritten):
    data = toy(16)
    one = run_on(data.image.isel(channel=[0]), data, tmp_path)
    xr.testing.assert_identical(one, run_on(data.image.isel(channel=0), data, tmp_path))


@pytest.mark.parametrize(
    "kind", [lambda image: image.isel(channel=[0, 1]), lambda image: image / np.float32(255)]
)
def test_images_that_are_no_bytes_of_three_colours_are_refused(tmp_path, unwritten, kind):
    data = toy(16)
    with pytest.raises(InputError, match=r"^datasets\.toy: "):
        run_on(kind(data.image), data, tmp_path)


def test_a_channel_without_contrast_does_no_harm(tmp_path, unwritten):
    data = toy(16)
    data.image[..., 1] = 7
    assert np.isfinite(run(tmp_path / "checkpoint.nc", data, epochs=1).loss).all()


def test_steps_follow_nesterov(tmp_path, unwritten):
    """Two steps on all images at once, which are symmetric since half of them are flipped."""
    data = toy(12)
    data.image[..., 4:, :] = data.image[..., 3::-1, :].values
    options = EXACT | {"batch_size": 12, "weight_decay": 0.01}
    found = run(tmp_path / "checkpoint.nc", data, epochs=2, **options)

    x = torch.from_numpy(data.image.values).permute(0, 3, 1, 2).float()
    y = F.one_hot(torch.from_numpy(data.label.values).long()).float()
    network = EfficientNet(
        Architecture(0.0266, 0.25, 4, n_classes=3, dropout=0.0, drop_connect=0.0),
        x.mean((0, 2, 3)).tolist(),
        x.std((0, 2, 3), correction=0).tolist(),
    )
    network.initialise(stream("init", **KEY))
    network.train()
    velocity = [torch.zeros_like(p) for p in network.parameters()]
    for rate, loss_found in zip((0.1, 0.05), found.loss, strict=True):
        smooth = 0.9 * y + 0.1 / 3
        loss = -(smooth * network(x).log_softmax(1)).sum(1).mean()
        assert loss.item() == pytest.approx(float(loss_found), rel=1e-4)
        gradients = torch.autograd.grad(loss, list(network.parameters()))
        with torch.no_grad():
            for p, g, v in zip(network.parameters(), gradients, velocity, strict=True):
                slope = g + 0.01 * p
                v.mul_(0.9).add_(slope)
                p -= rate * (slope + 0.9 * v)
    for name, p in network.named_parameters():
        np.testing.assert_allclose(found[name], p.detach(), atol=2e-4, err_msg=name)


def test_divergence_is_refused(tmp_path, unwritten):
    with pytest.raises(InputError, match=r"^tiny: training has diverged.*learning_rate$"):
        run(tmp_path / "checkpoint.nc", learning_rate=1e30)


def test_a_last_batch_of_one_image_is_trained_on(tmp_path, unwritten):
    result = run(tmp_path / "checkpoint.nc", toy(17), epochs=1)
    assert np.isfinite(result.loss).all()


def test_device_without_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    with pytest.raises(InputError, match="^device: there is no CUDA device here.*$"):
        choose_device("cuda")


def test_cost_is_on_the_axes_of_the_runs(undisturbed):
    cost = cost_of(undisturbed, 12.5, **KEY)
    assert cost.training_seconds.dims == ("dataset", "model", "size", "realisation")
    assert cost.training_seconds.item() == 12.5
    size = undisturbed.attrs["n_parameters"]
    assert {name: cost[name].item() for name in cost.coords} == KEY | {"size": size}
    assert json.loads(undisturbed.attrs["architecture"])["n_classes"] == 3


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 300), st.floats(1e-4, 10))
def test_learning_rate_rises_to_its_peak_and_falls_to_zero(n_warm, n_falling, highest):
    n_steps = n_warm + n_falling
    rates = [learning_rate(step, n_steps, n_warm, highest) for step in range(n_steps + 1)]
    rising = [highest * (step + 1) / n_warm for step in range(n_warm)]
    quarter = math.pi / 2 / n_falling
    falling = [highest * math.cos(quarter * step) ** 2 for step in range(n_falling + 1)]
    assert rates == pytest.approx(rising + falling, rel=1e-9, abs=1e-12 * highest)
    assert rates[n_warm] == highest >= max(rates[n_warm:])
    assert rates[-2] == pytest.approx(highest * math.sin(quarter) ** 2)


def test_learning_rate_may_rise_to_the_end():
    assert [learning_rate(step, 4, 4, 1.0) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_augmented_images_are_all_crops_of_the_framed_image_and_its_mirror(padding):
    n, height, width = 4, 3, 5
    images = stream("images").integers(1, 256, (n, height, width, 3), dtype=np.uint8)
    expected = set()
    for i, dy, dx in itertools.product(range(n), *[range(-padding, padding + 1)] * 2):
        moved = np.zeros((height, width, 3), np.uint8)
        for y, x in itertools.product(range(height), range(width)):
            if 0 <= y + dy < height and 0 <= x + dx < width:
                moved[y, x] = images[i, y + dy, x + dx]
        expected |= {(i, moved.tobytes()), (i, moved[:, ::-1].tobytes())}
    assert len(expected) == n * 2 * (2 * padding + 1) ** 2

    augmentation, found = Augmentation(images, padding), set()
    for epoch in range(600):
        order = stream("order", epoch=epoch).permutation(n)
        batches = list(augmentation.epoch(order, 3, stream("crops", epoch=epoch)))
        assert np.concatenate([rows for rows, _ in batches]).tolist() == order.tolist()
        found |= {
            (row, image.tobytes())
            for rows, batch in batches
            for row, image in zip(rows.tolist(), batch, strict=True)
        }
    assert found == expected
