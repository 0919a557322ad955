"""Read labelled images from whatever the config names, and refuse what is not a sound data set."""

import hashlib
import json
import re
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sklearn
import xarray as xr
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from netphase import download
from netphase.errors import InputError
from netphase.formats import decode_cifar, decode_idx, decode_image

SPLITS = ("train", "test")
UNSTATED = "not stated"

PUBLISHED: dict[str, dict[str, Any]] = {
    "mnist": {
        "source": "idx",
        "train": {"images": "train-images-idx3-ubyte.gz", "labels": "train-labels-idx1-ubyte.gz"},
        "test": {"images": "t10k-images-idx3-ubyte.gz", "labels": "t10k-labels-idx1-ubyte.gz"},
        "title": "MNIST handwritten digits",
    },
    "fashion_mnist": {
        "source": "idx",
        "train": {"images": "train-images-idx3-ubyte.gz", "labels": "train-labels-idx1-ubyte.gz"},
        "test": {"images": "t10k-images-idx3-ubyte.gz", "labels": "t10k-labels-idx1-ubyte.gz"},
        "title": "Fashion-MNIST",
        "licence": "MIT",
    },
    "emnist/balanced": {
        "source": "idx",
        "train": {
            "images": "gzip/emnist-balanced-train-images-idx3-ubyte.gz",
            "labels": "gzip/emnist-balanced-train-labels-idx1-ubyte.gz",
        },
        "test": {
            "images": "gzip/emnist-balanced-test-images-idx3-ubyte.gz",
            "labels": "gzip/emnist-balanced-test-labels-idx1-ubyte.gz",
        },
        "classes": "gzip/emnist-balanced-mapping.txt",
        "transpose": True,
        "title": "EMNIST, balanced split",
    },
    "cifar100": {
        "source": "cifar",
        "train": ["cifar-100-binary/train.bin"],
        "test": ["cifar-100-binary/test.bin"],
        "labels": 2,
        "classes": "cifar-100-binary/fine_label_names.txt",
        "title": "CIFAR-100, fine labels",
    },
}
"""What the files that tensorflow-datasets registers hold, as a user would tell it in the config."""


class Split(NamedTuple):
    """Images (sample, y, x[, channel]) and labels (sample,) of one part, and their origin."""

    images: np.ndarray
    labels: np.ndarray
    where: str


class Labelled(NamedTuple):
    """Both parts, the class names (None: the labels serve), and what the source says of itself."""

    train: Split
    test: Split
    classes: Sequence[str] | None
    attrs: Mapping[str, str]


class OwnFiles:
    """The user's files: found in the folders and held to the config's checksums."""

    def __init__(self, name: str, spec: Mapping[str, Any], folders: Sequence[Path]) -> None:
        self.name = name
        self.spec = spec
        self.folders = folders
        self.sha256: dict[str, str] = {}

    def find(self, key: str, path: str) -> Path:
        """First existing place of the path that config key `key` names; absolute paths stay."""
        places = [folder.expanduser() / Path(path).expanduser() for folder in self.folders]
        for place in places:
            if place.exists():
                return place
        raise InputError(
            f"datasets.{self.name}.{key}: {path} is missing; put it at one of "
            f"{', '.join(map(str, dict.fromkeys(places)))} or correct the key"
        )

    def read(self, key: str, path: str) -> bytes:
        """Content of the file that config key `key` names."""
        raw = self.find(key, path).read_bytes()
        found = self.sha256[path] = hashlib.sha256(raw).hexdigest()
        expected = self.spec.get("sha256", {}).get(path, found)
        if expected.lower() != found:
            raise InputError(
                f"datasets.{self.name}.sha256: {path} has sha256 {found}, not {expected}; "
                "replace the file or correct the key"
            )
        return raw


class PublishedFiles:
    """Files that a publisher registered, and the members of an archive if that is what they are."""

    def __init__(self, name: str, spec: Mapping[str, Any], paths: Mapping[str, Path]) -> None:
        self.name = name
        self.spec = spec
        self.paths = paths

    def read(self, _key: str, path: str) -> bytes:
        """Content of a published file or of a member of the one published archive."""
        if path in self.paths:
            return self.paths[path].read_bytes()
        (archive,) = self.paths.values()
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as members:
                return members.read(path)
        with tarfile.open(archive) as members:
            return members.extractfile(path).read()


def read(
    name: str, spec: Mapping[str, Any], folders: Sequence[Path], downloads: Path
) -> xr.Dataset:
    """Read, check and describe one data set.

    Parameters
    ----------
    name : str
        Its name in the config, quoted in every refusal.
    spec : mapping
        Its config entry; ``source`` is one of digits, tfds, idx, cifar, folder.
    folders : sequence of Path
        Where relative paths and published files are looked for, in this order.
    downloads : Path
        Where published files that no folder holds are downloaded to.

    Returns
    -------
    xarray.Dataset
        ``image(sample, y, x[, channel])`` uint8 or float32 as stored, upright; ``label(sample)``
        and ``split(sample)`` (0 train, 1 test; train rows first) as CF flags; attributes title,
        source, version, licence, citation and raw_sha256 (JSON object: file -> sha256; a folder
        counts as the list of its images' sha256 and paths).

    Raises
    ------
    InputError
        A file is missing, damaged or not the expected one, or nothing can be learnt from the data.
    """
    files = OwnFiles(name, spec, folders)
    match spec["source"]:
        case "digits":
            data = _read_digits(files)
        case "tfds":
            data = _read_tfds(files, downloads)
        case "idx":
            data = _read_idx(files)
        case "cifar":
            data = _read_cifar(files)
        case "folder":
            data = _read_folder(files)
    unread = spec.get("sha256", {}).keys() - files.sha256.keys()
    if unread:
        raise InputError(
            f"datasets.{name}.sha256: {min(unread)} is no file of this data set, which reads "
            f"{', '.join(files.sha256)}"
        )
    check(name, data)
    return _describe(files, data)


def check(name: str, data: Labelled) -> None:
    """Refuse data from which nothing sound can be learnt.

    Raises
    ------
    InputError
        Not images or not labels; images and labels of different number; no image; NaN or
        infinite pixels; a label out of range; train and test images of different kind; a single
        class; a class without training images; training pixels that are all equal; class names
        that repeat.
    """
    train, test, classes, _ = data
    limit = np.iinfo(np.int16).max + 1 if classes is None else len(classes)
    for images, labels, where in (train, test):
        if images.ndim not in (3, 4) or images.dtype not in (np.uint8, np.float32):
            raise InputError(
                f"{where}: {images.ndim}-dimensional {images.dtype} values are no images; "
                "those are (sample, y, x[, channel]) of uint8 or floating point"
            )
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise InputError(
                f"{where}: {labels.ndim}-dimensional {labels.dtype} values are no labels; "
                "those are one whole number for each image"
            )
        if len(images) != len(labels):
            raise InputError(f"{where}: {len(images)} images but {len(labels)} labels")
        if images.size == 0:
            raise InputError(f"{where}: no images, or images without pixels")
        if images.dtype == np.float32 and not np.isfinite(images).all():
            first = np.argwhere(~np.isfinite(images))[0, 0]
            raise InputError(f"{where}: NaN or infinite pixels, first in image {first} (from 0)")
        outside = labels[(labels < 0) | (labels >= limit)]
        if outside.size:
            raise InputError(f"{where}: label {outside[0]} is out of the range 0 to {limit - 1}")
    kinds = [f"{split.images.shape[1:]} {split.images.dtype}" for split in (train, test)]
    if kinds[0] != kinds[1]:
        raise InputError(f"{test.where}: images are {kinds[1]}, but those for training {kinds[0]}")
    present = np.unique(train.labels)
    if len(present) == 1:
        raise InputError(f"{train.where}: a single class, {present[0]}: nothing to tell apart")
    if classes is None:
        limit = 1 + int(max(train.labels.max(), test.labels.max()))
    absent = np.setdiff1d(np.arange(limit), present)
    if absent.size:
        raise InputError(
            f"{train.where}: class {absent[0]} of 0 to {limit - 1} has no training image"
        )
    if train.images.min() == train.images.max():
        raise InputError(f"{train.where}: zero variance, all pixels are {train.images.flat[0]}")
    if classes is not None and len(set(map(_flag, classes))) < len(classes):
        raise InputError(
            f"datasets.{name}: class names repeat (blanks and punctuation count as _); rename them"
        )


def _read_idx(files: OwnFiles | PublishedFiles) -> Labelled:
    def array(split: str, kind: str) -> np.ndarray:
        key, path = f"{split}.{kind}", files.spec[split][kind]
        return decode_idx(files.read(key, path), f"datasets.{files.name}.{key}: {path}")

    def part(split: str) -> Split:
        images, labels = array(split, "images"), array(split, "labels")
        if images.dtype == np.float64:
            with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
                images = images.astype(np.float32)
        if files.spec.get("transpose", False) and images.ndim > 2:
            images = images.swapaxes(1, 2)
        paths = [files.spec[split][kind] for kind in ("images", "labels")]
        return Split(images, labels, f"datasets.{files.name}.{split} ({', '.join(paths)})")

    return Labelled(part("train"), part("test"), _read_classes(files), {})


def _read_cifar(files: OwnFiles | PublishedFiles) -> Labelled:
    def part(split: str) -> Split:
        key, paths = f"datasets.{files.name}.{split}", files.spec[split]
        n_labels = files.spec.get("labels", 1)
        parts = [
            decode_cifar(files.read(split, path), n_labels, f"{key}: {path}") for path in paths
        ]
        images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Split(images, labels, f"{key} ({', '.join(paths)})")

    return Labelled(part("train"), part("test"), _read_classes(files), {})


def _read_classes(files: OwnFiles | PublishedFiles) -> list[str] | None:
    """Names, one a line; or EMNIST's lines "label codepoint", each of which names a character."""
    if "classes" not in files.spec:
        return None
    path = files.spec["classes"]
    raw, where = files.read("classes", path), f"datasets.{files.name}.classes: {path}"
    try:
        lines = [line.strip() for line in raw.decode().splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text") from error
    if not lines:
        raise InputError(f"{where} names no class")
    if not all(re.fullmatch(r"\d+\s+\d+", line) for line in lines):
        return lines
    try:
        codepoints = dict(map(int, line.split()) for line in lines)
        return [chr(codepoints[label]) for label in range(len(lines))]
    except (KeyError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: its lines must be 0 CODEPOINT, 1 CODEPOINT, ...") from error


def _read_folder(files: OwnFiles) -> Labelled:
    key, spec = f"datasets.{files.name}", files.spec
    root = files.find("train", spec["train"])
    classes = sorted(path.name for path in root.glob("[!.]*") if path.is_dir())
    train = _read_class_folders(files, "train", classes)
    if "test" in spec:
        test = _read_class_folders(files, "test", classes)
    elif "test_fraction" in spec:
        train, test = _stratify(train, spec["test_fraction"], f"{key}.test_fraction")
    else:
        raise InputError(
            f"{key}.test is missing: name a folder of test images, or give test_fraction"
        )
    return Labelled(train, test, classes, {})


def _read_class_folders(files: OwnFiles, split: str, classes: Sequence[str]) -> Split:
    key, folder = f"datasets.{files.name}.{split}", files.spec[split]
    root = files.find(split, folder)
    images, labels, listing = [], [], hashlib.sha256()
    for place in sorted(root.glob("[!.]*/[!.]*")):
        where = f"{key}: {place}"
        if place.is_dir():
            raise InputError(
                f"{where} is a folder; images lie directly in the folder of their class"
            )
        if place.parent.name not in classes:
            raise InputError(f"{where} is of no class that the training folder has")
        raw = place.read_bytes()
        image = decode_image(raw, where)
        if images and image.shape != images[0].shape:
            raise InputError(
                f"{where} is {image.shape}, but the images before it {images[0].shape}"
            )
        images.append(image)
        labels.append(classes.index(place.parent.name))
        digest = hashlib.sha256(raw).hexdigest()
        listing.update(f"{digest}  {place.relative_to(root).as_posix()}\n".encode())
    if not images:
        raise InputError(
            f"{key}: {root} has no images; each lies in a sub-folder named after its class"
        )
    files.sha256[folder] = listing.hexdigest()
    return Split(np.stack(images), np.array(labels), f"{key} ({folder})")


def _read_digits(files: OwnFiles) -> Labelled:
    digits = load_digits()
    raw = package_files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()
    files.sha256["digits.csv.gz"] = hashlib.sha256(raw).hexdigest()
    key = f"datasets.{files.name}"
    both = Split(digits.images.astype(np.uint8), digits.target, key)
    train, test = _stratify(both, files.spec["test_samples"], f"{key}.test_samples")
    attrs = {
        "title": "Optical recognition of handwritten digits, test set, 8 x 8 pixels",
        "source": "UCI Machine Learning Repository, as shipped with scikit-learn",
        "version": f"scikit-learn {sklearn.__version__}",
        "licence": "CC BY 4.0",
        "citation": "E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, "
        "UCI Machine Learning Repository",
    }
    return Labelled(train, test, [str(name) for name in digits.target_names], attrs)


def _read_tfds(files: OwnFiles, downloads: Path) -> Labelled:
    name, wanted = files.name, files.spec["builder"]
    if wanted not in PUBLISHED:
        raise InputError(f"datasets.{name}.builder: {wanted} is not one of {', '.join(PUBLISHED)}")
    import tensorflow_datasets as tfds  # a second or two, which the other sources need not spend

    stem, _, config = wanted.partition("/")
    builder = tfds.builder_cls(stem)(config=config or None, data_dir=downloads)
    paths = {}
    for url, info in builder.url_infos.items():
        file = download.Published(info.filename, url, info.checksum)
        paths[file.name] = download.find(name, file, files.folders, downloads)
        files.sha256[file.name] = file.sha256
    published = PublishedFiles(name, PUBLISHED[wanted], paths)
    data = _read_idx(published) if published.spec["source"] == "idx" else _read_cifar(published)
    attrs = {
        "title": published.spec["title"],
        "source": f"{builder.info.homepage} (files as registered by tensorflow-datasets: {wanted})",
        "version": str(builder.version),
        "licence": published.spec.get("licence", UNSTATED),
        "citation": builder.info.citation,
    }
    return data._replace(classes=data.classes or builder.info.features["label"].names, attrs=attrs)


def _stratify(both: Split, test_size: float, key: str) -> tuple[Split, Split]:
    """Split all classes in the same ratio; a fixed shuffle: the split belongs to the data set."""
    try:
        images, test_images, labels, test_labels = train_test_split(
            both.images, both.labels, test_size=test_size, stratify=both.labels, random_state=0
        )
    except ValueError as error:
        raise InputError(f"{key}: {error}") from error
    return Split(images, labels, both.where), Split(test_images, test_labels, both.where)


def _describe(files: OwnFiles, data: Labelled) -> xr.Dataset:
    train, test, classes, attrs = data
    images = np.concatenate([train.images, test.images])
    labels = np.concatenate([train.labels, test.labels]).astype(np.int16)
    names = map(_flag, classes) if classes is not None else map(str, np.unique(labels))
    spec = files.spec
    return xr.Dataset(
        {
            "image": (
                ("sample", "y", "x", "channel")[: images.ndim],
                images,
                {"long_name": "pixel intensity as stored", "units": "1"},
            ),
            "label": (
                "sample",
                labels,
                {
                    "long_name": "class",
                    "flag_values": np.unique(labels),
                    "flag_meanings": " ".join(names),
                },
            ),
            "split": (
                "sample",
                np.repeat(np.array([0, 1], np.int8), [len(train.labels), len(test.labels)]),
                {
                    "long_name": "part of the data set",
                    "flag_values": np.array([0, 1], np.int8),
                    "flag_meanings": " ".join(SPLITS),
                },
            ),
        },
        attrs={
            "title": spec.get("title", attrs.get("title", files.name)),
            "source": spec.get("url", attrs.get("source", f"{spec['source']} files")),
            "version": attrs.get("version", UNSTATED),
            "licence": spec.get("licence", attrs.get("licence", UNSTATED)),
            "citation": spec.get("citation", attrs.get("citation", UNSTATED)),
            "raw_sha256": json.dumps(files.sha256),
        },
    )


def _flag(name: str) -> str:
    """A class name as CF allows it among flag_meanings, which blanks separate."""
    return re.sub(r"[^\w.+@-]", "_", name)
