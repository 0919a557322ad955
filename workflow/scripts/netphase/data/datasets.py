"""Read labelled images from the sources that the config names, and refuse unsound data sets."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from netphase.data import collisions
from netphase.data.image_files import (
    Labelled,
    OwnFiles,
    read_cifar,
    read_folder,
    read_idx,
    read_photographs,
)
from netphase.data.published import read_digits, read_tfds
from netphase.errors import InputError
from netphase.streams import stream

SPLITS = ("train", "test")
UNSTATED = "not stated"


def read(
    name: str, spec: Mapping[str, Any], folders: Sequence[Path], downloads: Path
) -> xr.Dataset:
    """Read, check and describe one data set.

    Parameters
    ----------
    name : str
        Its name in the config, quoted in every refusal.
    spec : mapping
        Its config entry; ``source`` is one of digits, tfds, synthetic_hep, idx, cifar, folder,
        photographs.
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
            data = read_digits(files)
        case "tfds":
            data = read_tfds(files, downloads)
        case "synthetic_hep":
            rng = stream("synthetic collisions", seed=spec["seed"])
            data = collisions.synthetic(name, spec["samples"], spec["test_samples"], rng)
        case "idx":
            data = read_idx(files)
        case "cifar":
            data = read_cifar(files)
        case "folder":
            data = read_folder(files)
        case "photographs":
            data = read_photographs(files)
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
    limit = len(classes) if classes and train else np.iinfo(np.int16).max + 1
    for images, labels, where in filter(None, (train, test)):
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
    if train is not None:
        _check_training(train, test, classes)
    if classes is not None and len(set(map(_flag, classes))) < len(classes):
        raise InputError(
            f"datasets.{name}: class names repeat (blanks and punctuation count as _); rename them"
        )


def _check_training(train, test, classes):
    kinds = [f"{split.images.shape[1:]} {split.images.dtype}" for split in (train, test)]
    if kinds[0] != kinds[1]:
        raise InputError(f"{test.where}: images are {kinds[1]}, but those for training {kinds[0]}")
    present = np.unique(train.labels)
    if len(present) == 1:
        raise InputError(f"{train.where}: a single class, {present[0]}: nothing to tell apart")
    limit = len(classes or range(1 + int(max(train.labels.max(), test.labels.max()))))
    absent = np.setdiff1d(np.arange(limit), present)
    if absent.size:
        raise InputError(
            f"{train.where}: class {absent[0]} of 0 to {limit - 1} has no training image"
        )
    if train.images.min() == train.images.max():
        raise InputError(f"{train.where}: zero variance, all pixels are {train.images.flat[0]}")


def _describe(files: OwnFiles, data: Labelled) -> xr.Dataset:
    train, test, classes, attrs = data
    parts = [part for part in (train, test) if part is not None]
    images = test.images if train is None else np.concatenate([train.images, test.images])
    labels = np.concatenate([part.labels for part in parts]).astype(np.int16)
    names = map(_flag, classes) if classes is not None else map(str, np.unique(labels))
    spec, codes = files.spec, np.array([0, 1], np.int8)
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
                np.repeat(codes[-len(parts) :], [len(part.labels) for part in parts]),
                {
                    "long_name": "part of the data set",
                    "flag_values": codes,
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
