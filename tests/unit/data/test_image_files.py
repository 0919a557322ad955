"""The user's own files are read as they were written, or refused by key and name."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from image_sets import check_cf, pack_idx, refusal, small
from mirror import mirror_with
from PIL import Image

from netphase.data import datasets
from netphase.errors import InputError


@pytest.mark.parametrize("transpose", [False, True])
def test_own_idx_files(tmp_path, own, transpose):
    parts, spec = own
    (tmp_path / "names").write_text("a cat\n\ndog\nT-shirt/top\n")
    digest = hashlib.sha256((tmp_path / "train-images").read_bytes()).hexdigest()
    stated = {"title": "T", "licence": "L", "citation": "C", "url": "U"}
    spec |= {"transpose": transpose, "classes": "names", "sha256": {"train-images": digest.upper()}}
    data = datasets.read("mine", spec | stated, [tmp_path / "no such", tmp_path], tmp_path)
    check_cf(data)
    stored = np.concatenate([parts["train"][0], parts["test"][0]])
    upright = np.einsum("nij->nji", stored) if transpose else stored
    np.testing.assert_array_equal(data.image, upright)
    np.testing.assert_array_equal(data.label, np.concatenate([parts["train"][1], parts["test"][1]]))
    assert data.label.attrs["flag_meanings"] == "a_cat dog T-shirt_top"
    assert (data.title, data.licence, data.citation, data.source) == ("T", "L", "C", "U")
    digests = json.loads(data.raw_sha256)
    assert digests["train-images"] == digest and len(digests) == 5


def test_emnist_mapping_names_characters(tmp_path, own):
    (tmp_path / "mapping").write_text("0 48\n1 65\n2 98\n")
    data = datasets.read("mine", own[1] | {"classes": "mapping"}, [tmp_path], tmp_path)
    assert data.label.attrs["flag_meanings"] == "0 A b"


def test_paths_may_be_absolute_or_begin_with_the_home_folder(tmp_path, own, monkeypatch):
    spec = own[1]
    monkeypatch.setenv("HOME", str(tmp_path))
    spec["train"]["images"] = str(tmp_path / "train-images")
    spec["test"]["images"] = "~/test-images"
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(InputError, match=r"datasets.mine.train.labels: train-labels.gz is missing"):
        datasets.read("mine", spec, [tmp_path / "elsewhere"], tmp_path)
    datasets.read("mine", spec, [tmp_path / "elsewhere", Path("~")], tmp_path)


@pytest.mark.parametrize("code", ["f4", "f8"])
def test_floating_point_pixels_are_kept_as_float32(tmp_path, own, code):
    parts, spec = own
    for split, (images, _) in parts.items():
        (tmp_path / f"{split}-images").write_bytes(pack_idx((images / 256).astype(code)))
    data = datasets.read("mine", spec, [tmp_path], tmp_path)
    assert data.image.dtype == np.float32
    np.testing.assert_array_equal(data.image[:12] * 256, parts["train"][0])


def test_missing_file_is_refused_with_the_places_looked_at(tmp_path, own):
    (tmp_path / "test-labels.gz").unlink()
    message = refusal(own[1], tmp_path)
    assert message.startswith("datasets.mine.test.labels: test-labels.gz is missing")
    assert str(tmp_path / "test-labels.gz") in message


def test_damaged_file_is_refused_by_key_and_name(tmp_path, own):
    path = tmp_path / "test-labels.gz"
    path.write_bytes(path.read_bytes()[:-9])
    message = refusal(own[1], tmp_path)
    assert message.startswith("datasets.mine.test.labels: test-labels.gz is a damaged gzip file")


def write_cifar(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    planes = np.moveaxis(images, -1, 1).reshape(len(images), -1)
    path.write_bytes(np.concatenate([labels[:, None], planes], axis=1).tobytes())


def test_own_cifar_files(tmp_path):
    rng = np.random.default_rng(2)
    parts = [small(rng, 6, shape=(32, 32, 3)) for _ in range(3)]
    for name, part in zip("abt", parts, strict=True):
        write_cifar(tmp_path / name, *part)
    spec = {"source": "cifar", "train": ["a", "b"], "test": ["t"], "labels": 1}
    data = datasets.read("mine", spec, [tmp_path], tmp_path)
    check_cf(data)
    assert data.image.dims == ("sample", "y", "x", "channel")
    np.testing.assert_array_equal(data.image, np.concatenate([images for images, _ in parts]))
    np.testing.assert_array_equal(data.label, np.concatenate([labels for _, labels in parts]))
    assert data.split.values.tolist() == [0] * 12 + [1] * 6

    message = refusal(spec | {"labels": 2}, tmp_path)
    assert re.match("datasets.mine.train: a: 18438 bytes .* records of 3074 bytes", message)


def write_folder(root: Path, images: np.ndarray, labels: np.ndarray, suffix: str) -> None:
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        folder = root / f"class {label}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{i:03d}{suffix}")
    (root / "LICENCE").write_text("beside the classes")
    (root / "class 0" / ".hidden").write_text("no image")


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff"])
def test_own_image_folder(tmp_path, shape, suffix):
    rng = np.random.default_rng(3)
    parts = {split: small(rng, n, shape=shape) for split, n in (("train", 12), ("test", 6))}
    for split, part in parts.items():
        write_folder(tmp_path / split, *part, suffix)
    spec = {"source": "folder", "train": "train", "test": "test"}
    data = datasets.read("mine", spec, [tmp_path], tmp_path)
    check_cf(data)
    assert data.label.attrs["flag_meanings"] == "class_0 class_1 class_2"
    for split, (images, labels) in enumerate(parts.values()):
        order = np.argsort(labels, kind="stable")
        part = data.isel(sample=data.split == split)
        np.testing.assert_array_equal(part.image, images[order])
        np.testing.assert_array_equal(part.label, labels[order])

    before = data.raw_sha256
    Image.fromarray(parts["test"][0][0] ^ 1).save(tmp_path / "test" / "class 0" / f"000{suffix}")
    after = datasets.read("mine", spec, [tmp_path], tmp_path).raw_sha256
    assert [k for k, v in json.loads(after).items() if v != json.loads(before)[k]] == ["test"]


def test_image_folder_without_test_folder_is_split_by_class(tmp_path):
    images, labels = small(np.random.default_rng(4), 30)
    write_folder(tmp_path / "all", images, labels, ".png")
    spec = {"source": "folder", "train": "all", "test_fraction": 0.2}
    data = datasets.read("mine", spec, [tmp_path], tmp_path)
    assert np.bincount(data.label[data.split == 0]).tolist() == [8, 8, 8]
    assert np.bincount(data.label[data.split == 1]).tolist() == [2, 2, 2]
    assert sorted(data.image.values.reshape(30, -1).tolist()) == sorted(
        images.reshape(30, -1).tolist()
    )
    assert datasets.read("mine", spec, [tmp_path], tmp_path).identical(data)
    message = refusal(spec | {"test_fraction": 0.01}, tmp_path)
    assert message.startswith("datasets.mine.test_fraction: ")
    assert refusal({"source": "folder", "train": "all"}, tmp_path).startswith("datasets.mine.test ")


def break_folder(root: Path, case: str) -> str:
    """Spoil an image folder; the part of the refusal that says where."""
    bad = root / "class 1" / "zzz.png"
    if case == "size":
        Image.new("L", (7, 7)).save(bad)
    elif case == "colour":
        Image.new("RGB", (5, 4)).save(bad)
    elif case == "mode":
        Image.new("RGBA", (5, 4)).save(bad)
    elif case == "no image":
        bad.write_text("text")
    elif case == "truncated":
        whole = (root / "class 1" / "001.png").read_bytes()
        bad.write_bytes(whole[: len(whole) // 2])
    elif case == "nested":
        bad.mkdir()
    elif case == "no images":
        for path in root.glob("*/*"):
            path.unlink()
        return f"datasets.mine.train: {root} has no images"
    return f"datasets.mine.train: {bad} "


@pytest.mark.parametrize(
    "case", ["size", "colour", "mode", "no image", "truncated", "nested", "no images"]
)
def test_unsound_image_folder_is_refused(tmp_path, case):
    write_folder(tmp_path / "all", *small(np.random.default_rng(5), 12), ".png")
    start = break_folder(tmp_path / "all", case)
    spec = {"source": "folder", "train": "all", "test_fraction": 0.25}
    assert refusal(spec, tmp_path).startswith(start)


def test_test_folder_of_a_class_unknown_in_training_is_refused(tmp_path):
    rng = np.random.default_rng(6)
    write_folder(tmp_path / "train", *small(rng, 12), ".png")
    write_folder(tmp_path / "test", *small(rng, 12, n_classes=4), ".png")
    message = refusal({"source": "folder", "train": "train", "test": "test"}, tmp_path)
    assert message.startswith(f"datasets.mine.test: {tmp_path / 'test' / 'class 3' / '003.png'} ")


def needs_mirror(path: str):
    return pytest.mark.skipif(mirror_with(path) is None, reason=f"NETPHASE_MIRROR holds no {path}")


@needs_mirror("emnist")
def test_real_emnist_characters(tmp_path):
    spec = {"source": "idx", "classes": "emnist/emnist47-mapping.txt", "transpose": True} | {
        split: {
            "images": f"emnist/emnist47-{split}-images-idx3-ubyte.gz",
            "labels": f"emnist/emnist47-{split}-labels-idx1-ubyte.gz",
        }
        for split in ("train", "test")
    }
    data = datasets.read("emnist47", spec, [mirror_with("emnist")], tmp_path)
    check_cf(data)
    assert np.bincount(data.split).tolist() == [104_224, 7_050]
    assert (np.bincount(data.label[data.split == 1]) == 150).all()
    names = data.label.attrs["flag_meanings"].split()
    assert len(names) == 47 and names[17] == "H"
    # Upright, the ink of a 7 lies at the top and at the right.
    seven = data.image[data.label == 7].values.mean(axis=0)
    assert seven[:14].sum() > 1.5 * seven[14:].sum()
    assert seven[:, 14:].sum() > 1.2 * seven[:, :14].sum()


@needs_mirror("cifar-100-binary")
def test_real_cifar_100(tmp_path):
    folder = "cifar-100-binary"
    spec = {
        "source": "cifar",
        "train": [f"{folder}/train.bin"],
        "test": [f"{folder}/test.bin"],
        "labels": 2,
        "classes": f"{folder}/fine_label_names.txt",
    }
    data = datasets.read("cifar100", spec, [mirror_with(folder)], tmp_path)
    assert dict(data.sizes) == {"sample": 60_000, "y": 32, "x": 32, "channel": 3}
    for split, per_class in ((0, 500), (1, 100)):
        assert (np.bincount(data.label[data.split == split]) == per_class).all()
    # Neighbouring pixels of photographs are alike, in a wrong layout they are not.
    sample = data.image[:2000].values.astype(float)
    assert abs(np.diff(sample, axis=1)).mean() < 0.5 * abs(sample - sample[::-1]).mean()
    assert abs(np.diff(sample, axis=2)).mean() < 0.5 * abs(sample - sample[::-1]).mean()
    # Known of the published files.
    train, test = (data.image[data.split == split].values for split in (0, 1))
    counts = [np.bincount(train[..., channel].ravel(), minlength=256) for channel in range(3)]
    mean = np.array([np.average(np.arange(256), weights=count) for count in counts]) / 255
    power = np.array([np.average(np.arange(256) ** 2, weights=count) for count in counts]) / 255**2
    np.testing.assert_allclose(mean, [0.5071, 0.4865, 0.4409], atol=5e-4)
    np.testing.assert_allclose(np.sqrt(power - mean**2), [0.2673, 0.2564, 0.2762], atol=5e-4)
    train, test = ({image.tobytes() for image in part} for part in (train, test))
    assert (len(train), len(test), len(train & test)) == (49_986, 9_998, 10)
