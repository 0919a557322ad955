"""Labelled images from files: IDX and CIFAR binary files, class folders, tables of photographs."""

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from sklearn.model_selection import train_test_split

from netphase.data.formats import decode_cifar, decode_idx, decode_image, decode_photograph
from netphase.errors import InputError


class Split(NamedTuple):
    """Images (sample, y, x[, channel]) and labels (sample,) of one part, and their origin."""

    images: np.ndarray
    labels: np.ndarray
    where: str


class Labelled(NamedTuple):
    """Both parts, the class names (None: the labels serve), and the source's own description.

    A set without a part to train on serves networks that were trained elsewhere: its labels are
    theirs, and classes are the names of those that occur, in ascending order of the labels.
    """

    train: Split | None
    test: Split
    classes: Sequence[str] | None
    attrs: Mapping[str, str]


class Files(Protocol):
    """Files of a data set by name, and the config entry that describes them."""

    name: str
    spec: Mapping[str, Any]

    def read(self, key: str, path: str, /) -> bytes:
        """Content of the file that config key `key` names."""


class OwnFiles:
    """The user's files: searched for in the folders, and compared with the config's checksums."""

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


def read_idx(files: Files) -> Labelled:
    """Two IDX files, images and labels, of each part; images (sample, y, x[, channel]), upright.

    Raises
    ------
    InputError
        A file is missing, not the expected one or not IDX, or the class names cannot be read.
    """

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


def read_cifar(files: Files) -> Labelled:
    """The CIFAR binary files of each part, joined; images (sample, 32, 32, 3).

    Raises
    ------
    InputError
        A file is missing, not the expected one or no whole number of records, or the class names
        cannot be read.
    """

    def part(split: str) -> Split:
        key, paths = f"datasets.{files.name}.{split}", files.spec[split]
        n_labels = files.spec.get("labels", 1)
        parts = [
            decode_cifar(files.read(split, path), n_labels, f"{key}: {path}") for path in paths
        ]
        images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Split(images, labels, f"{key} ({', '.join(paths)})")

    return Labelled(part("train"), part("test"), _read_classes(files), {})


def _read_classes(files: Files) -> list[str] | None:
    """Class names, a line each; or EMNIST's lines "label codepoint", each naming a character."""
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


def read_folder(files: OwnFiles) -> Labelled:
    """Folders with a sub-folder of images for each class; images (sample, y, x[, 3]).

    Raises
    ------
    InputError
        A folder is missing or not laid out like that, an image does not decode or has another
        shape than the rest, or there is nothing to test on.
    """
    key, spec = f"datasets.{files.name}", files.spec
    root = files.find("train", spec["train"])
    classes = sorted(path.name for path in root.glob("[!.]*") if path.is_dir())
    train = _read_class_folders(files, "train", classes)
    if "test" in spec:
        test = _read_class_folders(files, "test", classes)
    elif "test_fraction" in spec:
        train, test = stratify(train, spec["test_fraction"], f"{key}.test_fraction")
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


def read_photographs(files: OwnFiles) -> Labelled:
    """A folder of photographs with a table of labels; images (sample, size, size, 3), test only.

    The table separates its columns by tabs; they are headed file, label and, if it names the
    classes, class. Files may lie in any sub-folder.

    Raises
    ------
    InputError
        Folder or table is missing or not laid out like that, a photograph is missing, does not
        decode or shares its name with another, or a class has two names.
    """
    key, spec = f"datasets.{files.name}", files.spec
    root = files.find("folder", spec["folder"])
    where = f"{key}.labels: {spec['labels']}"
    try:
        lines = files.read("labels", spec["labels"]).decode().splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text") from error
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    table = [(reader.line_num, row) for row in reader]
    if not table or not {"file", "label"} <= set(reader.fieldnames):
        raise InputError(f"{where} has no rows below a line that names the columns file and label")
    places = {}
    for place in sorted(root.rglob("*")):
        if place.is_file():
            places.setdefault(place.name, []).append(place)
    images, labels, names, listing = [], [], {}, hashlib.sha256()
    for number, row in table:
        if not re.fullmatch(r"\d{1,5}", row["label"] or ""):
            raise InputError(f"{where}, line {number}: the label {row['label']} is no class number")
        path = Path(row["file"] or "")
        found = [root / path] if (root / path).is_file() else places.get(path.name, [])
        if len(found) != 1:
            what = "is the name of several files" if found else "is missing"
            raise InputError(f"{where}, line {number}: {row['file']} {what} below {root}")
        (place,) = found
        raw = place.read_bytes()
        images.append(decode_photograph(raw, spec["size"], spec["crop"], f"{key}: {place}"))
        labels.append(int(row["label"]))
        name = row.get("class") or row["label"]
        if names.setdefault(labels[-1], name) != name:
            raise InputError(f"{where}, line {number}: class {labels[-1]} was {names[labels[-1]]}")
        listing.update(f"{hashlib.sha256(raw).hexdigest()}  {place.name}\n".encode())
    files.sha256[spec["folder"]] = listing.hexdigest()
    test = Split(np.stack(images), np.array(labels), f"{key} ({spec['folder']})")
    return Labelled(None, test, [names[label] for label in sorted(names)], {})


def stratify(both: Split, test_size: float, key: str) -> tuple[Split, Split]:
    """Split all classes in the same ratio; a fixed shuffle: the split belongs to the data set.

    Parameters
    ----------
    test_size : float or int
        Share of the test images, or their number.
    key : str
        Config key that gives it, for the refusal.

    Raises
    ------
    InputError
        Some class cannot be split like that.
    """
    try:
        images, test_images, labels, test_labels = train_test_split(
            both.images, both.labels, test_size=test_size, stratify=both.labels, random_state=0
        )
    except ValueError as error:
        raise InputError(f"{key}: {error}") from error
    return Split(images, labels, both.where), Split(test_images, test_labels, both.where)
