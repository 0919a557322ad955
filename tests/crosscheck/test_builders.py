"""Our decoders and the builders of tensorflow-datasets give the same rows.

Needs TensorFlow, which only the optional environment of this folder has. The builders shuffle, so
rows are compared in a canonical order.
"""

import gzip
import hashlib
import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netphase.data import datasets
from netphase.data.published import PUBLISHED

pytest.importorskip("tensorflow")
import tensorflow_datasets as tfds

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def canonical(images: np.ndarray, labels: np.ndarray) -> list[bytes]:
    """Digest of every row, image and label, sorted."""
    rows = zip(np.ascontiguousarray(images), labels.astype(np.uint8), strict=True)
    return sorted(
        hashlib.sha256(image.tobytes() + label.tobytes()).digest() for image, label in rows
    )


def builder_rows(wanted: str, mirror: Path, scratch: Path) -> dict[str, list[bytes]]:
    """Rows of both splits as the full builder prepares them from the files in `mirror`."""
    builder = tfds.builder(wanted, data_dir=scratch / "prepared")
    builder.download_and_prepare(
        download_dir=scratch / "downloads",
        download_config=tfds.download.DownloadConfig(
            manual_dir=mirror,
            extract_dir=scratch / "extracted",
            try_download_gcs=False,
            force_checksums_validation=True,
        ),
    )
    rows = {}
    for split in datasets.SPLITS:
        batches = list(tfds.as_numpy(builder.as_dataset(split=split, batch_size=1000)))
        images = np.concatenate([batch["image"] for batch in batches])
        rows[split] = canonical(images, np.concatenate([batch["label"] for batch in batches]))
    return rows


def own_rows(wanted: str, mirror: Path, scratch: Path) -> dict[str, list[bytes]]:
    """Rows of both splits as netphase reads the same files, images as they are stored in them."""
    data = datasets.read("crosscheck", {"source": "tfds", "builder": wanted}, [mirror], scratch)
    images = data.image.values
    if PUBLISHED[wanted].get("transpose", False):
        images = images.swapaxes(1, 2)
    return {
        split: canonical(images[data.split == i], data.label.values[data.split == i])
        for i, split in enumerate(datasets.SPLITS)
    }


def compare(wanted: str, mirror: Path, scratch: Path) -> None:
    own, theirs = own_rows(wanted, mirror, scratch), builder_rows(wanted, mirror, scratch)
    for split in datasets.SPLITS:
        assert len(own[split]) == len(theirs[split]) > 0
        assert own[split] == theirs[split]


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path, monkeypatch):
    """Builders of tensorflow-datasets forget their temporary folders: pytest will remove them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Put fabricated files into a mirror and let their digests pass for the registered ones."""

    def put(builder: str, contents: dict[str, bytes]) -> Path:
        mirror = tmp_path / "mirror"
        mirror.mkdir()
        cls = tfds.builder_cls(builder)
        registered = {}
        for url, info in cls.url_infos.items():
            raw = contents[info.filename]
            (mirror / info.filename).write_bytes(raw)
            registered[url] = tfds.core.download.checksums.UrlInfo(
                size=tfds.core.utils.Size(len(raw)),
                checksum=hashlib.sha256(raw).hexdigest(),
                filename=info.filename,
            )
        monkeypatch.setattr(cls, "url_infos", registered)
        return mirror

    return put


def fabricate(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images that repeat a few random ones, so that they pack well, and labels of every class."""
    rng = np.random.default_rng(seed)
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 3:9, 5:25] = rng.integers(0, 256, (64, 6, 20), dtype=np.uint8)[np.arange(n) % 64]
    return images, (np.arange(n) // 3 % n_classes).astype(np.uint8)


def pack_idx(values: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    return gzip.compress(header + values.tobytes(), compresslevel=1)


@pytest.mark.skipif(
    not DEBIAN.is_dir(), reason="the package dataset-fashion-mnist is not installed"
)
def test_fashion_mnist_of_debian(tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    times = {"train": 1504176606, "t10k": 1504176627}
    for path in DEBIAN.glob("*.gz"):
        raw = path.read_bytes()
        time = times[path.name.split("-")[0]].to_bytes(4, "little")
        header = raw[:3] + b"\x08" + time + raw[8:10] + path.stem.encode() + b"\0"
        (mirror / path.name).write_bytes(header + raw[10:])
    compare("fashion_mnist", mirror, tmp_path)


def test_fabricated_mnist(tmp_path, register):
    contents = {}
    for prefix, n in (("train", 60_000), ("t10k", 10_000)):
        images, labels = fabricate(n, 10, seed=n)
        contents[f"{prefix}-images-idx3-ubyte.gz"] = pack_idx(images)
        contents[f"{prefix}-labels-idx1-ubyte.gz"] = pack_idx(labels)
    compare("mnist", register("mnist", contents), tmp_path)


def test_fabricated_emnist(tmp_path, register):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        for split, n in (("train", 112_800), ("test", 18_800)):
            images, labels = fabricate(n, 47, seed=n)
            stem = f"gzip/emnist-balanced-{split}"
            members.writestr(f"{stem}-images-idx3-ubyte.gz", pack_idx(images))
            members.writestr(f"{stem}-labels-idx1-ubyte.gz", pack_idx(labels))
        mapping = "".join(f"{label} {256 + label}\n" for label in range(47))
        members.writestr("gzip/emnist-balanced-mapping.txt", mapping)
    contents = {"gzip.zip": archive.getvalue()}
    compare("emnist/balanced", register("emnist", contents), tmp_path)


def test_fabricated_cifar100(tmp_path, register):
    rng = np.random.default_rng(7)
    members = {"coarse_label_names.txt": "\n".join(f"group{i}" for i in range(20)).encode()}
    members["fine_label_names.txt"] = "\n".join(f"class{i}" for i in range(100)).encode()
    for split, n in (("train", 300), ("test", 100)):
        records = rng.integers(0, 256, (n, 2 + 3 * 32 * 32), dtype=np.uint8)
        records[:, 0], records[:, 1] = np.arange(n) % 20, np.arange(n) % 100
        members[f"{split}.bin"] = records.tobytes()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        for name, raw in members.items():
            info = tarfile.TarInfo(f"cifar-100-binary/{name}")
            info.size = len(raw)
            packed.addfile(info, io.BytesIO(raw))
    contents = {"cifar-100-binary.tar.gz": archive.getvalue()}
    compare("cifar100", register("cifar100", contents), tmp_path)
