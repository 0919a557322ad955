"""Every format returns what was written, and refuses what is damaged."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from image_sets import IDX_CODES, pack_idx

from netphase.data import formats
from netphase.errors import InputError

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
