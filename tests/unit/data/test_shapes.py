"""Shapes of data sets before they are stored."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from netphase.data import datasets, shapes
from netphase.errors import InputError
from netphase.files import netcdf
from netphase.jobs.estimates import Shape


def idx(values):
    values = np.asarray(values, np.uint8)
    sizes = struct.pack(f">{values.ndim}I", *values.shape)
    return gzip.compress(bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes())


@pytest.fixture
def idx_set(tmp_path):
    rng = np.random.default_rng(0)
    for part, n in (("train", 30), ("test", 12)):
        (tmp_path / f"{part}.gz").write_bytes(idx(rng.integers(256, size=(n, 5, 4))))
        (tmp_path / f"{part}_labels.gz").write_bytes(idx(np.arange(n) % 3))
    parts = ("train", "test")
    entry = {part: {"images": f"{part}.gz", "labels": f"{part}_labels.gz"} for part in parts}
    return {"source": "idx"} | entry


@pytest.fixture
def cifar_set(tmp_path):
    rng = np.random.default_rng(0)
    for part, n in (("train", 20), ("test", 7)):
        rows = rng.integers(256, size=(n, 3073), dtype=np.uint8)
        rows[:, 0] = np.arange(n) % 10
        (tmp_path / f"{part}.bin").write_bytes(rows.tobytes())
    return {"source": "cifar", "train": ["train.bin"], "test": ["test.bin"]}


@pytest.fixture
def folder_set(tmp_path):
    for number in range(8):
        folder = tmp_path / "images" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("L", (6, 5), number).save(folder / f"{number}.png")
    return {"source": "folder", "train": "images", "test_fraction": 0.25}


@pytest.fixture
def photograph_set(tmp_path):
    (tmp_path / "photographs").mkdir()
    lines = ["file\tlabel"]
    for number in range(4):
        Image.new("RGB", (9, 8), (number, 0, 0)).save(tmp_path / f"photographs/{number}.png")
        lines.append(f"{number}.png\t{number % 2}")
    (tmp_path / "labels.tsv").write_text("\n".join(lines))
    entry = {"folder": "photographs", "labels": "labels.tsv", "size": 8, "crop": 1}
    return {"source": "photographs"} | entry


@pytest.mark.parametrize("kind", ["idx_set", "folder_set", "photograph_set"])
def test_files_are_sized_as_they_are_stored(kind, request, tmp_path):
    entry = request.getfixturevalue(kind)
    stored = tmp_path / "stored.nc"
    netcdf.write(datasets.read("own", entry, [tmp_path], tmp_path), str(stored), {})
    assert shapes.shape_before("own", entry, [tmp_path]) == shapes.stored_shape(stored)


def test_digits_are_sized_as_they_are_stored(tmp_path):
    entry, stored = {"source": "digits", "test_samples": 450}, tmp_path / "stored.nc"
    netcdf.write(datasets.read("digits", entry, [], tmp_path), str(stored), {})
    assert shapes.shape_before("digits", entry, []) == shapes.stored_shape(stored)


def test_cifar_is_sized_by_its_records(cifar_set, tmp_path):
    assert shapes.shape_before("own", cifar_set, [tmp_path]) == Shape(20, 27, 3072, 10)


def test_tables_are_as_long_as_the_entry_says():
    rows = {"samples": 100, "test_samples": 20}
    for source in ({"source": "synthetic_hep"}, {"source": "tfds", "builder": "higgs"}):
        assert shapes.shape_before("own", source | rows, []) == Shape(100, 120, 28, 2)


def test_photographs_are_as_large_as_the_entry_says():
    entry = {"source": "tfds", "builder": "imagenette/full-size-v2", "size": 10}
    assert shapes.shape_before("own", entry, []) == Shape(0, 3925, 300, 10)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"source": "tfds", "builder": "cifar10"}, "own.builder: the shape of cifar10 is not kno"),
        ({"source": "cifar", "train": ["x.bin"], "test": []}, "own.train: x.bin is missing"),
    ],
)
def test_what_is_not_known_is_refused_by_its_key(entry, said, tmp_path):
    with pytest.raises(InputError, match=said):
        shapes.shape_before("own", entry, [tmp_path])


def test_what_is_not_idx_is_refused(idx_set, tmp_path):
    (tmp_path / "train.gz").write_bytes(gzip.compress(b"no"))
    with pytest.raises(InputError, match="own.train.images: .* is not IDX"):
        shapes.shape_before("own", idx_set, [tmp_path])
