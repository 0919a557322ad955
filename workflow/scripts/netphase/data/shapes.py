"""Shapes of data sets: of what is stored, published, or lies in the user's folders."""

import csv
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from PIL import Image

from netphase.data.collisions import CLASSES, N_FEATURES
from netphase.data.formats import CIFAR_PLANES, decode_idx
from netphase.data.image_files import OwnFiles
from netphase.errors import InputError
from netphase.jobs.estimates import Shape

DIGITS = Shape(1797, 1797, 64, 10)
PUBLISHED = {
    "mnist": Shape(60_000, 70_000, 784, 10),
    "fashion_mnist": Shape(60_000, 70_000, 784, 10),
    "emnist/balanced": Shape(112_800, 131_600, 784, 47),
    "cifar100": Shape(50_000, 60_000, 3072, 100),
}
PHOTOGRAPHS = {"imagenet2012": (50_000, 1000), "imagenette": (500, 10), "imagenette-v2": (3925, 10)}
"""Photographs of the validation sets, and their classes."""


def stored_shape(path: Path) -> Shape:
    """Shape of a data set as `netphase.data.datasets.read` has it, in a NetCDF file."""
    with netCDF4.Dataset(path) as data:
        train = int(np.count_nonzero(data["split"][:] == 0))
        total, *image = data["image"].shape
        return Shape(train, total, int(np.prod(image)), np.size(data["label"].flag_values))


def shape_before(name: str, spec: Mapping[str, Any], folders: Sequence[Path]) -> Shape:
    """Shape of a data set that is not stored yet; of own files, headers and sizes are read.

    Parameters
    ----------
    name, spec, folders : as of `netphase.data.datasets.read`

    Raises
    ------
    InputError : files are missing or are not what the entry says
    """
    files = OwnFiles(name, spec, folders)
    match spec["source"]:
        case "digits":
            return _split(DIGITS, spec["test_samples"])
        case "synthetic_hep":
            return _table(spec)
        case "tfds":
            return _published(name, spec)
        case "idx":
            return _idx(files)
        case "cifar":
            return _cifar(files)
        case "folder":
            return _folder(files)
        case "photographs":
            return _photographs(files)
    raise InputError(f"datasets.{name}.source: {spec['source']} is no source")


def _split(whole: Shape, test: float) -> Shape:
    """Without the test images, given by their number or their share."""
    n_test = test if isinstance(test, int) else round(test * whole.total)
    return whole._replace(train=whole.total - n_test)


def _table(spec):
    total = spec["samples"] + spec["test_samples"]
    return Shape(spec["samples"], total, N_FEATURES, len(CLASSES))


def _published(name, spec):
    builder = spec["builder"]
    if builder == "higgs":
        return _table(spec)
    stem, _, variant = builder.partition("/")
    photographs = PHOTOGRAPHS.get(stem + "-v2" * variant.endswith("-v2"))
    if photographs:
        total, n_classes = photographs
        return Shape(0, total, 3 * spec["size"] ** 2, n_classes)
    if builder not in PUBLISHED:
        raise InputError(f"datasets.{name}.builder: the shape of {builder} is not known")
    return PUBLISHED[builder]


def _idx(files):
    sizes = {}
    for part in ("train", "test"):
        path = files.find(f"{part}.images", files.spec[part]["images"])
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as stream:
            header = stream.read(4)
            if len(header) < 4 or header[:2] != b"\0\0":
                raise InputError(f"datasets.{files.name}.{part}.images: {path} is not IDX")
            sizes[part] = np.frombuffer(stream.read(4 * header[3]), ">u4").astype(int).tolist()
    labels = files.spec["train"]["labels"]
    known = decode_idx(files.find("train.labels", labels).read_bytes(), labels)
    (train, *image), (test, *_) = sizes["train"], sizes["test"]
    return Shape(train, train + test, int(np.prod(image)), 1 + int(known.max()))


def _cifar(files):
    n_labels, n_values = files.spec.get("labels", 1), int(np.prod(CIFAR_PLANES))
    numbers = [
        sum(files.find(part, path).stat().st_size for path in files.spec[part])
        // (n_labels + n_values)
        for part in ("train", "test")
    ]
    return Shape(numbers[0], sum(numbers), n_values, 10 if n_labels == 1 else 100)


def _folder(files):
    paths = {
        part: list(files.find(part, files.spec[part]).glob("[!.]*/[!.]*"))
        for part in ("train", "test")
        if part in files.spec
    }
    if not paths["train"]:
        raise InputError(f"datasets.{files.name}.train: {files.spec['train']} has no images")
    with Image.open(paths["train"][0]) as image:
        n_values = image.width * image.height * len(image.getbands())
    n_classes = len({path.parent.name for path in paths["train"]})
    n_train, n_test = len(paths["train"]), len(paths.get("test", []))
    whole = Shape(n_train, n_train + n_test, n_values, n_classes)
    return whole if n_test else _split(whole, files.spec.get("test_fraction", 0.0))


def _photographs(files):
    path = files.find("labels", files.spec["labels"])
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    n_classes = len({row["label"] for row in rows})
    return Shape(0, len(rows), 3 * files.spec["size"] ** 2, n_classes)
