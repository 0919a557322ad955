"""Validation of data sets: nothing unsound is stored or read."""

import hashlib
import re

import numpy as np
import pytest
from image_sets import pack_idx, refusal

from netphase.data import formats

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
