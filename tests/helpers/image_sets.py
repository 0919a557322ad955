"""Labelled images for the tests: packed as IDX, made at random, stored, refused."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from netphase.data import datasets
from netphase.errors import InputError

IDX_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def pack_idx(values: np.ndarray) -> bytes:
    """The IDX format from its definition, one value at a time."""
    letters = {"u1": "B", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "f8": "d"}
    code = values.dtype.str[1:]
    return (
        struct.pack(">HBB", 0, IDX_CODES[code], values.ndim)
        + struct.pack(f">{values.ndim}I", *values.shape)
        + struct.pack(f">{values.size}{letters[code]}", *values.ravel().tolist())
    )


def small(rng: np.random.Generator, n: int, n_classes: int = 3, shape=(4, 5)) -> tuple:
    return rng.integers(0, 256, (n, *shape), dtype=np.uint8), np.arange(
        n, dtype=np.uint8
    ) % n_classes


def refusal(spec: dict, folder: Path) -> str:
    """The one line with which a data set named `mine` is refused."""
    with pytest.raises(InputError) as caught:
        datasets.read("mine", spec, [folder], folder / "downloads")
    assert str(caught.value).splitlines() == [str(caught.value)]
    return str(caught.value)


def check_cf(data: xr.Dataset) -> None:
    """What CF asks of flags: values of the variable's own type, one word for each; our layout."""
    for variable in (data.label, data.split):
        values, words = variable.attrs["flag_values"], variable.attrs["flag_meanings"].split(" ")
        assert values.dtype == variable.dtype and np.isin(variable, values).all()
        assert len(values) == len(set(words)) and all(re.fullmatch(r"[\w.+@-]+", w) for w in words)
    assert data.image.attrs["units"] == "1" and data.image.attrs["long_name"]
    assert data.label.dims == data.split.dims == ("sample",)
    assert (data.label.dtype, data.split.dtype) == (np.int16, np.int8)
    assert (np.diff(data.split) >= 0).all()
    assert {"title", "source", "version", "licence", "citation", "raw_sha256"} == set(data.attrs)
