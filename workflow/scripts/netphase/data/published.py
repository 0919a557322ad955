"""Published sets: scikit-learn's digits, and the files that tensorflow-datasets registers."""

import hashlib
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.datasets import load_digits

from netphase.data import collisions, download, imagenet
from netphase.data.image_files import Labelled, OwnFiles, Split, read_cifar, read_idx, stratify
from netphase.errors import InputError

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
    "higgs": {
        "source": "collisions",
        "title": "HIGGS, simulated collisions at the LHC",
        "licence": "CC-BY-4.0",
    },
    "imagenet2012": {
        "source": "archive",
        "file": "ILSVRC2012_img_val.tar",
        "folder": "",
        "synsets": "validation_labels.txt",
        "title": "ImageNet, ILSVRC 2012, validation set",
    },
} | {
    f"imagenette/{size}{version}": {
        "source": "archive",
        "file": f"{stem}{pixels}.tgz",
        "folder": f"{stem}{pixels}/val",
        "title": "Imagenette, ten classes of ImageNet, validation set",
    }
    for stem, version in (("imagenette", ""), ("imagenette2", "-v2"))
    for size, pixels in (("full-size", ""), ("320px", "-320"), ("160px", "-160"))
}
"""What the files that tensorflow-datasets registers hold, as a user would tell it in the config."""


class PublishedFiles:
    """Files that a publisher registered, or the members of a registered archive."""

    def __init__(self, name: str, spec: Mapping[str, Any], paths: Mapping[str, Path]) -> None:
        self.name = name
        self.spec = spec
        self.paths = paths

    def read(self, _key: str, path: str) -> bytes:
        """Content of a published file, or of a member of the published archive."""
        if path in self.paths:
            return self.paths[path].read_bytes()
        (archive,) = self.paths.values()
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as members:
                return members.read(path)
        with tarfile.open(archive) as members:
            return members.extractfile(path).read()


def read_digits(files: OwnFiles) -> Labelled:
    """Scikit-learn's digits, images (sample, 8, 8), stratified into two parts.

    Raises
    ------
    InputError
        The number of test images does not allow it.
    """
    digits = load_digits()
    raw = package_files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()
    files.sha256["digits.csv.gz"] = hashlib.sha256(raw).hexdigest()
    key = f"datasets.{files.name}"
    both = Split(digits.images.astype(np.uint8), digits.target, key)
    train, test = stratify(both, files.spec["test_samples"], f"{key}.test_samples")
    attrs = {
        "title": "Optical recognition of handwritten digits, test set, 8 x 8 pixels",
        "source": "UCI Machine Learning Repository, as shipped with scikit-learn",
        "version": f"scikit-learn {sklearn.__version__}",
        "licence": "CC BY 4.0",
        "citation": "E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, "
        "UCI Machine Learning Repository",
    }
    return Labelled(train, test, [str(name) for name in digits.target_names], attrs)


def read_tfds(files: OwnFiles, downloads: Path) -> Labelled:
    """A set of which tensorflow-datasets registers files; images (sample, y, x[, channel]).

    Of ImageNet and its parts only the validation photographs are read, none to train on.

    Only addresses, checksums and descriptions are taken from there: to build takes TensorFlow.

    Raises
    ------
    InputError
        The builder is none of PUBLISHED, or a file is not the registered one or not to be had.
    """
    name, wanted = files.name, files.spec["builder"]
    if wanted not in PUBLISHED:
        raise InputError(f"datasets.{name}.builder: {wanted} is not one of {', '.join(PUBLISHED)}")
    import tensorflow_datasets as tfds  # a second or two, which the other sources need not spend

    stem, _, config = wanted.partition("/")
    with _temporary_folder():
        builder = tfds.builder_cls(stem)(config=config or None, data_dir=downloads)
    told = PUBLISHED[wanted]
    paths = {}
    for url, info in builder.url_infos.items():
        file = download.Published(info.filename or url.rpartition("/")[2], url, info.checksum)
        if told.get("file", file.name) == file.name:
            paths[file.name] = download.find(name, file, files.folders, downloads)
            files.sha256[file.name] = file.sha256
    match told["source"]:
        case "idx":
            data = read_idx(PublishedFiles(name, told, paths))
        case "cifar":
            data = read_cifar(PublishedFiles(name, told, paths))
        case "collisions":
            sizes = (files.spec[key] for key in ("samples", "test_samples"))
            data = collisions.read_higgs(name, paths["HIGGS.csv.gz"], *sizes)
        case "archive":
            synsets = imagenet.ilsvrc_lines(told["synsets"]) if "synsets" in told else None
            data = imagenet.read_archive(
                name, files.spec, paths[told["file"]], told["folder"], synsets
            )
    stated = {key: told[key] for key in ("title", "licence") if key in told}
    attrs = stated | {
        "source": f"{builder.info.homepage} (files as registered by tensorflow-datasets: {wanted})",
        "version": str(builder.version),
        "citation": builder.info.citation,
    }
    return data._replace(classes=data.classes or builder.info.features["label"].names, attrs=attrs)


@contextmanager
def _temporary_folder() -> Iterator[None]:
    # Every builder of tensorflow-datasets makes a temporary folder and forgets it.
    usual = tempfile.tempdir
    with tempfile.TemporaryDirectory() as tempfile.tempdir:
        try:
            yield
        finally:
            tempfile.tempdir = usual
