"""Every source gives back what was written, and nothing unsound crosses the border."""

import gzip
import hashlib
import json
import os
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from sklearn.datasets import load_digits

from netphase import datasets, formats
from netphase.errors import InputError

IDX_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
DEBIAN = Path("/usr/share/datasets")
MIRROR = os.environ.get("NETPHASE_MIRROR", "")


def pack_idx(values: np.ndarray) -> bytes:
    """The IDX format from its definition, one value at a time."""
    letters = {"u1": "B", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "f8": "d"}
    code = values.dtype.str[1:]
    return (
        struct.pack(">HBB", 0, IDX_CODES[code], values.ndim)
        + struct.pack(f">{values.ndim}I", *values.shape)
        + struct.pack(f">{values.size}{letters[code]}", *values.ravel().tolist())
    )


idx_arrays = st.sampled_from(sorted(IDX_CODES)).flatmap(
    lambda code: arrays.arrays(
        code, arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
    )
)


@given(idx_arrays, st.booleans())
def test_idx_gives_back_what_was_written(values, zipped):
    raw = pack_idx(values)
    decoded = formats.decode_idx(gzip.compress(raw) if zipped else raw, "x")
    assert decoded.dtype == values.dtype
    np.testing.assert_array_equal(decoded, values)


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_cut_anywhere_or_too_long_is_refused(zipped):
    raw = pack_idx(np.arange(12, dtype="i2").reshape(3, 2, 2))
    raw = gzip.compress(raw) if zipped else raw
    for damaged in [raw[:end] for end in range(len(raw))] + [raw + b"x"]:
        with pytest.raises(InputError, match="^pixels.idx [^\n]*$"):
            formats.decode_idx(damaged, "pixels.idx")


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_idx_with_a_wrong_magic_number_is_refused(position):
    raw = bytearray(pack_idx(np.zeros((2, 2), "u1")))
    raw[position] = {0: 1, 1: 1, 2: 0x0A, 3: 0}[position]
    with pytest.raises(InputError, match=r"^pixels.idx is not IDX: it begins with [\da-f ]{11}$"):
        formats.decode_idx(bytes(raw), "pixels.idx")


@given(arrays.arrays("u1", (3, 32, 32, 3)), st.lists(st.integers(0, 255), min_size=3, max_size=3))
def test_cifar_gives_back_what_was_written(images, labels):
    for n_labels in (1, 2):
        raw = b"".join(
            bytes([7] * (n_labels - 1) + [label])
            + b"".join(image[..., c].tobytes() for c in range(3))
            for image, label in zip(images, labels, strict=True)
        )
        decoded, found = formats.decode_cifar(raw, n_labels, "x")
        np.testing.assert_array_equal(decoded, images)
        assert found.tolist() == labels


def small(rng: np.random.Generator, n: int, n_classes: int = 3, shape=(4, 5)) -> tuple:
    return rng.integers(0, 256, (n, *shape), dtype=np.uint8), np.arange(
        n, dtype=np.uint8
    ) % n_classes


@pytest.fixture
def own(tmp_path) -> tuple[dict, dict]:
    """A sound data set of the user's own: its arrays, and its config entry of files in tmp_path."""
    rng = np.random.default_rng(1)
    parts = {"train": small(rng, 12), "test": small(rng, 6)}
    for split, (images, labels) in parts.items():
        (tmp_path / f"{split}-images").write_bytes(pack_idx(images))
        (tmp_path / f"{split}-labels.gz").write_bytes(gzip.compress(pack_idx(labels)))
    spec = {"source": "idx"} | {
        split: {"images": f"{split}-images", "labels": f"{split}-labels.gz"} for split in parts
    }
    return parts, spec


def refusal(spec: dict, folder: Path) -> str:
    """The one line with which a data set named `mine` is refused."""
    with pytest.raises(InputError) as caught:
        datasets.read("mine", spec, [folder], folder / "downloads")
    assert str(caught.value).splitlines() == [str(caught.value)]
    return str(caught.value)


def check_cf(data: xr.Dataset) -> None:
    """What CF asks of flags: values of the variable's own type, one word for each; our layout."""
    for variable in (data.label, data.split):
        values, words = variable.attrs["flag_values"], variable.attrs["flag_meanings"].split(" ")
        assert values.dtype == variable.dtype and np.isin(variable, values).all()
        assert len(values) == len(set(words)) and all(re.fullmatch(r"[\w.+@-]+", w) for w in words)
    assert data.image.attrs["units"] == "1" and data.image.attrs["long_name"]
    assert data.label.dims == data.split.dims == ("sample",)
    assert (data.label.dtype, data.split.dtype) == (np.int16, np.int8)
    assert (np.diff(data.split) >= 0).all()
    assert {"title", "source", "version", "licence", "citation", "raw_sha256"} == set(data.attrs)


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


# How a sound data set is spoilt and what the refusal names: file, function of its array, pattern.
SPOILT = {
    "not images": ("train-images", lambda a: a[0], "train .*2-dimensional uint8"),
    "16-bit pixels": ("train-images", lambda a: a.astype("i2"), "train .*3-dimensional int16"),
    "fractional labels": ("test-labels.gz", lambda a: a / 2, "test .*1-dimensional float64"),
    "fewer labels": ("train-labels.gz", lambda a: a[1:], "train .*12 images but 11 labels"),
    "fewer images": ("test-images", lambda a: a[1:], "test .*5 images but 6 labels"),
    "no pixels": ("test-images", lambda a: a[:, :0], "test .*no images"),
    "NaN": (
        "train-images",
        lambda a: np.where(np.arange(12)[:, None, None] == 7, np.nan, a),
        "train .*NaN or infinite pixels, first in image 7",
    ),
    "infinite": ("test-images", lambda a: a * np.inf, "test .*NaN or infinite"),
    "too large for float32": ("test-images", lambda a: a * 1e300, "test .*NaN or infinite"),
    "negative label": (
        "test-labels.gz",
        lambda a: np.where(a == 2, -1, a).astype("i1"),
        "test .*label -1 is out of the range",
    ),
    "label beyond any class": (
        "train-labels.gz",
        lambda a: a.astype("i4") + 2**15,
        "train .*label 32768 is out of the range 0 to 32767",
    ),
    "class without training images": (
        "train-labels.gz",
        lambda a: a * 2,
        "train .*class 1 of 0 to 4 has no training image",
    ),
    "class only in test": ("test-labels.gz", lambda a: a + 1, "train .*class 3 .*no training"),
    "single class": ("train-labels.gz", lambda a: a * 0, "train .*single class, 0"),
    "zero variance": ("train-images", lambda a: a * 0 + 9, "train .*zero variance.* 9"),
    "other shape": ("test-images", lambda a: a[:, 1:], r"test .*\(3, 5\) uint8.*\(4, 5\) uint8"),
    "other type": ("test-images", lambda a: a.astype("f4"), "test .*float32.*uint8"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_unsound_data_are_refused(tmp_path, own, case):
    file, spoil, pattern = SPOILT[case]
    path = tmp_path / file
    with np.errstate(invalid="ignore"):
        spoilt = spoil(formats.decode_idx(path.read_bytes(), file))
    path.write_bytes(pack_idx(spoilt))
    message = refusal(own[1], tmp_path)
    assert re.match(f"datasets.mine.{pattern}", message), message
    assert file in message or "no training image" in message


def test_empty_split_is_refused(tmp_path, own):
    (tmp_path / "test-images").write_bytes(pack_idx(np.zeros((0, 4, 5), "u1")))
    (tmp_path / "test-labels.gz").write_bytes(pack_idx(np.zeros(0, "u1")))
    assert re.match("datasets.mine.test .*no images", refusal(own[1], tmp_path))


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


def test_wrong_and_useless_checksums_are_refused(tmp_path, own):
    spec = own[1]
    message = refusal(spec | {"sha256": {"test-images": "0" * 64}}, tmp_path)
    found = hashlib.sha256((tmp_path / "test-images").read_bytes()).hexdigest()
    assert message.startswith(f"datasets.mine.sha256: test-images has sha256 {found}, not 000")
    message = refusal(spec | {"sha256": {"test-imags": found}}, tmp_path)
    assert message.startswith("datasets.mine.sha256: test-imags is no file of this data set")


@pytest.mark.parametrize(
    ("content", "pattern"),
    [
        (b"a\nb\n", "mine.train .*label 2 is out of the range 0 to 1"),
        (b"a\nb\nc\nd\n", "mine.train .*class 3 of 0 to 3"),
        (b"a b\na_b\nc\n", "mine: class names repeat"),
        (b"0 48\n1 65\n3 66\n", "mine.classes: names: its lines must be"),
        (b"0 48\n1 65\n2 99999999\n", "mine.classes: names: its lines must be"),
        (b"\n", "mine.classes: names names no class"),
        (b"\xff\n", "mine.classes: names is not UTF-8"),
    ],
)
def test_class_names_that_do_not_fit_are_refused(tmp_path, own, content, pattern):
    (tmp_path / "names").write_bytes(content)
    message = refusal(own[1] | {"classes": "names"}, tmp_path)
    assert re.match(f"datasets.({pattern})", message), message


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


def test_unknown_builder_is_refused(tmp_path):
    message = refusal({"source": "tfds", "builder": "kmnist"}, tmp_path)
    assert message.startswith("datasets.mine.builder: kmnist is not one of mnist, ")


@pytest.mark.skipif(
    not DEBIAN.joinpath("fashion-mnist").is_dir(), reason="no dataset-fashion-mnist"
)
def test_real_fashion_mnist_of_debian(tmp_path):
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


@pytest.mark.skipif(
    not DEBIAN.joinpath("fashion-mnist").is_dir(), reason="no dataset-fashion-mnist"
)
def test_fashion_mnist_never_passes_for_mnist(tmp_path):
    spec = {"source": "tfds", "builder": "mnist"}
    with pytest.raises(InputError, match=r"^datasets.mnist: .*ubyte.gz has sha256"):
        datasets.read("mnist", spec, [DEBIAN / "fashion-mnist"], tmp_path)


def needs_mirror(path: str):
    return pytest.mark.skipif(
        not (MIRROR and Path(MIRROR, path).exists()), reason=f"NETPHASE_MIRROR holds no {path}"
    )


@needs_mirror("emnist")
def test_real_emnist_characters(tmp_path):
    spec = {"source": "idx", "classes": "emnist/emnist47-mapping.txt", "transpose": True} | {
        split: {
            "images": f"emnist/emnist47-{split}-images-idx3-ubyte.gz",
            "labels": f"emnist/emnist47-{split}-labels-idx1-ubyte.gz",
        }
        for split in ("train", "test")
    }
    data = datasets.read("emnist47", spec, [Path(MIRROR)], tmp_path)
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
    data = datasets.read("cifar100", spec, [Path(MIRROR)], tmp_path)
    assert dict(data.sizes) == {"sample": 60_000, "y": 32, "x": 32, "channel": 3}
    for split, per_class in ((0, 500), (1, 100)):
        assert (np.bincount(data.label[data.split == split]) == per_class).all()
    # Neighbouring pixels of photographs are alike, in a wrong layout they are not.
    sample = data.image[:2000].values.astype(float)
    assert abs(np.diff(sample, axis=1)).mean() < 0.5 * abs(sample - sample[::-1]).mean()
    assert abs(np.diff(sample, axis=2)).mean() < 0.5 * abs(sample - sample[::-1]).mean()
