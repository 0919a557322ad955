"""Published sets match their publishers' descriptions, and leave no other files."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from image_sets import check_cf, refusal
from sklearn.datasets import load_digits

from netphase.data import datasets
from netphase.errors import InputError

DEBIAN = Path("/usr/share/datasets")

needs_debian = pytest.mark.skipif(
    not DEBIAN.joinpath("fashion-mnist").is_dir(), reason="no dataset-fashion-mnist"
)


def test_digits_are_split_by_class_and_keep_every_image(tmp_path):
    spec = {"source": "digits", "test_samples": 360}
    data = datasets.read("digits", spec, [tmp_path], tmp_path)
    check_cf(data)
    assert data.image.dtype == np.uint8 and data.image.dims == ("sample", "y", "x")
    assert (int(data.image.min()), int(data.image.max())) == (0, 16)
    assert np.bincount(data.split).tolist() == [1437, 360]
    share = np.bincount(data.label[data.split == 1]) / np.bincount(data.label)
    np.testing.assert_allclose(share, 360 / 1797, atol=1 / 174)
    rows = sorted(zip(data.image.values.reshape(-1, 64).tolist(), data.label.values, strict=True))
    digits = load_digits()
    assert rows == sorted(zip(digits.data.tolist(), digits.target, strict=True))

    data.to_netcdf(tmp_path / "digits.nc")
    with xr.open_dataset(tmp_path / "digits.nc") as stored:
        xr.testing.assert_equal(stored, data)
        assert stored.image.dtype == np.uint8 and stored.attrs == data.attrs
        check_cf(stored)
    assert datasets.read("digits", spec, [tmp_path], tmp_path).identical(data)


def test_impossible_split_is_refused(tmp_path):
    message = refusal({"source": "digits", "test_samples": 9}, tmp_path)
    assert message.startswith("datasets.mine.test_samples: ")


def test_unknown_builder_is_refused(tmp_path):
    message = refusal({"source": "tfds", "builder": "kmnist"}, tmp_path)
    assert message.startswith("datasets.mine.builder: kmnist is not one of mnist, ")


@needs_debian
def test_real_fashion_mnist_of_debian(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spec = {"source": "tfds", "builder": "fashion_mnist"}
    data = datasets.read("fashion_mnist", spec, [DEBIAN], tmp_path)
    check_cf(data)
    assert dict(data.sizes) == {"sample": 70_000, "y": 28, "x": 28}
    for split, per_class in ((0, 6000), (1, 1000)):
        assert np.bincount(data.label[data.split == split]).tolist() == [per_class] * 10
    assert data.label.attrs["flag_meanings"].startswith("T-shirt_top Trouser Pullover ")
    mean = data.image[data.split == 0].values.mean() / 255
    assert mean == pytest.approx(0.2860, abs=5e-5)
    digests = json.loads(data.raw_sha256)
    assert digests["train-labels-idx1-ubyte.gz"].startswith("a04f17134ac03560a47e3764e11b92fc")
    assert len(digests) == 4 and (data.version, data.licence) == ("3.0.1", "MIT")
    assert "1708.07747" in data.citation
    assert not list(tmp_path.iterdir())


@needs_debian
def test_fashion_mnist_never_passes_for_mnist(tmp_path):
    spec = {"source": "tfds", "builder": "mnist"}
    with pytest.raises(InputError, match=r"^datasets.mnist: .*ubyte.gz has sha256"):
        datasets.read("mnist", spec, [DEBIAN / "fashion-mnist"], tmp_path)
