"""ImageNet's photographs from archives that tensorflow-datasets registers."""

import logging
import tarfile
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from netphase.data.formats import decode_photograph
from netphase.data.image_files import Labelled, Split
from netphase.errors import InputError

MESSAGES = 10
"""Times that the reading of an archive says how far it is."""

log = logging.getLogger(__name__)


def read_archive(
    name: str, spec: Mapping[str, Any], archive: Path, folder: str, synsets: Sequence[str] | None
) -> Labelled:
    """Photographs to test on, (sample, size, size, 3), in the order of their names.

    Labels are those of ILSVRC 2012: the place of a class among the 1,000 synsets in their order.

    Parameters
    ----------
    name, spec : name and entry of the data set in the config: size, crop, files
    archive : tar file, compressed or not
    folder : where the photographs lie within it
    synsets : of photograph 1, 2, ..., by the number that its name ends in; or None where each lies
        in a sub-folder named after its synset

    Raises
    ------
    InputError
        No photograph has a name like spec["files"], or one does not decode.
    """
    size, pattern = spec["size"], spec["files"]
    order = {synset: i for i, synset in enumerate(ilsvrc_lines("labels.txt"))}
    with tarfile.open(archive) as members:
        found = ((PurePosixPath(member.name), member) for member in members if member.isfile())
        chosen = [
            (path, member)
            for path, member in found
            if path.is_relative_to(folder) and fnmatch(path.name, pattern)
        ]
        if not chosen:
            raise InputError(
                f"datasets.{name}.files: {archive} holds no photograph with a name like {pattern}"
            )
        # A compressed archive is read from its beginning for every step back.
        places = np.argsort(np.argsort([path.name for path, _ in chosen]))
        images = np.empty((len(chosen), size, size, 3), np.uint8)
        labels = np.empty(len(chosen), np.int64)
        for i, (place, (path, member)) in enumerate(zip(places, chosen, strict=True), 1):
            raw = members.extractfile(member).read()
            where = f"datasets.{name}: {archive}, {path}"
            images[place] = decode_photograph(raw, size, spec["crop"], where)
            synset = path.parent.name if synsets is None else synsets[_number(path) - 1]
            labels[place] = order[synset]
            if i * MESSAGES // len(chosen) > (i - 1) * MESSAGES // len(chosen):
                log.info("%d of %d photographs", i, len(chosen))
    present = set(labels.tolist())
    names = [synset for synset, label in order.items() if label in present]
    return Labelled(None, Split(images, labels, f"datasets.{name} ({archive.name})"), names, {})


def ilsvrc_lines(file: str) -> list[str]:
    """Lines of a table of ILSVRC 2012 that tensorflow-datasets ships.

    labels.txt has the 1,000 synsets, validation_labels.txt that of each validation photograph.
    """
    import tensorflow_datasets as tfds  # a second or two, which the other sources need not spend

    return tfds.core.tfds_path(f"datasets/imagenet2012/{file}").read_text().split()


def _number(path: PurePosixPath) -> int:
    return int(path.stem.rpartition("_")[2])
