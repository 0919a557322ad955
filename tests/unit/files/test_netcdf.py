"""Files: whole or not at all, the same bytes for the same data, refused when damaged."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from netphase.errors import InputError
from netphase.files import netcdf


@pytest.fixture
def data():
    return xr.Dataset({"a": ("x", np.arange(5.0), {"units": "1"})}, attrs={"title": "toy"})


def test_same_data_same_bytes(data, tmp_path):
    for name in ("one.nc", "two.nc"):
        netcdf.write(data, tmp_path / name, {"netphase_version": "0"})
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()
    with xr.open_dataset(tmp_path / "one.nc") as read:
        assert read.attrs == {"title": "toy", "Conventions": "CF-1.11", "netphase_version": "0"}


def test_a_failure_leaves_the_old_file_and_no_other(data, tmp_path):
    path = tmp_path / "out.nc"
    netcdf.write(data, path, {})
    before = path.read_bytes()
    with pytest.raises(TypeError):
        netcdf.write(data.assign_attrs(bad=object()), path, {})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_goes_with_the_next_one(data, tmp_path):
    target = tmp_path / "a[1].nc"
    killed = f"""
import os, signal
from netphase.files import netcdf
with netcdf.whole_or_nothing({str(target)!r}) as temporary:
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", killed], cwd=Path(netcdf.__file__).parents[2])
        assert done.returncode == -signal.SIGKILL
        assert len(list(tmp_path.glob(".*.part"))) == 1
    (tmp_path / ".b.nc.k1.part").touch()
    netcdf.write(data, target, {})
    netcdf.check(target)
    assert {path.name for path in tmp_path.iterdir()} == {"a[1].nc", ".b.nc.k1.part"}


def test_permissions_follow_the_umask(data, tmp_path):
    netcdf.write(data, tmp_path / "out.nc", {})
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "out.nc").stat().st_mode == plain.stat().st_mode


def test_a_missing_folder_is_named(data, tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        netcdf.write(data, tmp_path / "absent" / "out.nc", {})


def test_any_flipped_bit_and_any_lost_end_is_refused_by_name(data, tmp_path):
    path = tmp_path / "out.nc"
    netcdf.write(data, path, {})
    whole = path.read_bytes()
    netcdf.check(path)
    flips = [(i, 1 << i % 8) for i in range(0, len(whole), 7)]
    damaged = [whole[:i] + bytes([whole[i] ^ bit]) + whole[i + 1 :] for i, bit in flips]
    damaged += [whole[:length] for length in range(0, len(whole), 97)]
    damaged += [whole[:-1], whole + b"\n"]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"out\.nc: damaged"):
            netcdf.check(path)
