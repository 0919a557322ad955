"""Photographs of ImageNet: the right archive, the right class, and none that was trained on."""

import io
import json
import tarfile

import numpy as np
import pytest
from image_sets import check_cf, refusal
from PIL import Image

from netphase.data import datasets, download
from netphase.data.imagenet import ilsvrc_lines

# Of imagenette's home page and the table of ILSVRC 2012.
IMAGENETTE = {
    "n01440764": 0,
    "n02102040": 217,
    "n02979186": 482,
    "n03000684": 491,
    "n03028079": 497,
    "n03394916": 566,
    "n03417042": 569,
    "n03425413": 571,
    "n03445777": 574,
    "n03888257": 701,
}
SPEC = {"source": "tfds", "size": 8, "crop": 0.5, "files": "ILSVRC2012_val_*"}


def photograph(grey: int) -> bytes:
    """A grey photograph with a white rim, which the crop takes away."""
    pixels = np.full((40, 60, 3), 255, np.uint8)
    pixels[4:-4, 4:-4] = grey
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    return stream.getvalue()


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Archives of given members in the place of the published ones: name -> sha256 asked for."""
    asked = {}

    def put(name, members):
        mode = "w:gz" if name.endswith("gz") else "w"
        with tarfile.open(tmp_path / name, mode) as archive:
            for path, content in members.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))

        def find(_dataset, file, _folders, _downloads):
            asked[file.name] = file.sha256
            return tmp_path / file.name

        monkeypatch.setattr(download, "find", find)
        return asked

    return put


def test_tables_of_the_classes():
    synsets = ilsvrc_lines("labels.txt")
    assert len(set(synsets)) == 1000 and synsets == sorted(synsets)
    assert {synset: synsets.index(synset) for synset in IMAGENETTE} == IMAGENETTE
    validation = ilsvrc_lines("validation_labels.txt")
    names, counts = np.unique(validation, return_counts=True)
    assert names.tolist() == synsets and np.all(counts == 50)


def imagenette(stem):
    """Two photographs of each class from ImageNet's validation set, one that was trained on."""
    members = {f"{stem}/train/n01440764/ILSVRC2012_val_00099999.JPEG": b"not read"}
    for i, synset in enumerate(reversed(IMAGENETTE)):
        for k in (2, 1):
            name = f"{stem}/val/{synset}/ILSVRC2012_val_000{k}{9 - i}000.JPEG"
            members[name] = photograph(20 * i + k)
        members[f"{stem}/val/{synset}/{synset}_{i}.JPEG"] = photograph(250)
    return members


@pytest.mark.parametrize(
    ("builder", "file", "digest"),
    [
        ("320px-v2", "imagenette2-320", "569b4497"),
        ("full-size-v2", "imagenette2", "6cbfac23"),
        ("160px", "imagenette-160", "4bacf19a"),
    ],
)
def test_imagenette(publish, tmp_path, builder, file, digest):
    asked = publish(f"{file}.tgz", imagenette(file))
    spec = SPEC | {"builder": f"imagenette/{builder}"}
    data = datasets.read("imagenette", spec, [], tmp_path)
    check_cf(data)
    assert list(asked) == [f"{file}.tgz"] and asked[f"{file}.tgz"].startswith(digest)
    assert json.loads(data.raw_sha256) == asked
    assert dict(data.sizes) == {"sample": 20, "y": 8, "x": 8, "channel": 3}
    assert np.all(data.split == 1)
    # In the order of the names, which is by 1 and 2 first, and then by class.
    labels = list(IMAGENETTE.values())
    assert data.label.values.tolist() == 2 * labels
    grey = np.array([20 * i + k for k in (1, 2) for i in reversed(range(10))], np.uint8)
    assert np.array_equal(data.image, np.broadcast_to(grey.reshape(-1, 1, 1, 1), data.image.shape))
    assert data.label.attrs["flag_values"].tolist() == labels
    assert data.label.attrs["flag_meanings"].split() == list(IMAGENETTE)
    everything = datasets.read("imagenette", spec | {"files": "*"}, [], tmp_path)
    assert everything.sizes["sample"] == 30 and np.count_nonzero(everything.image[:, 0, 0] == 250)


def test_validation_set_of_imagenet(publish, tmp_path):
    numbers = [50_000, 7, 1]
    members = {f"ILSVRC2012_val_{n:08d}.JPEG": photograph(n % 251) for n in numbers}
    asked = publish("ILSVRC2012_img_val.tar", members)
    data = datasets.read("imagenet", SPEC | {"builder": "imagenet2012"}, [], tmp_path)
    check_cf(data)
    assert list(asked) == ["ILSVRC2012_img_val.tar"]
    assert asked["ILSVRC2012_img_val.tar"].startswith("c7e06a6c")
    synsets, validation = ilsvrc_lines("labels.txt"), ilsvrc_lines("validation_labels.txt")
    expected = [synsets.index(validation[n - 1]) for n in sorted(numbers)]
    assert data.label.values.tolist() == expected
    assert data.image[:, 0, 0, 0].values.tolist() == [n % 251 for n in sorted(numbers)]


def test_archives_without_what_is_asked_for_are_refused(publish, tmp_path):
    publish("imagenette2-320.tgz", imagenette("imagenette2-320"))
    spec = SPEC | {"builder": "imagenette/320px-v2"}
    assert "holds no photograph with a name like cat_*" in refusal(
        spec | {"files": "cat_*"}, tmp_path
    )
    broken = {"imagenette2-320/val/n01440764/ILSVRC2012_val_00000001.JPEG": b"no photograph"}
    publish("imagenette2-320.tgz", broken)
    message = refusal(spec, tmp_path)
    assert "val_00000001.JPEG does not decode" in message
