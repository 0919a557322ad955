"""Writing: whole or not at all, the same bytes for the same data."""

import numpy as np
import pytest
import xarray as xr

from netphase import netcdf


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


def test_permissions_follow_the_umask(data, tmp_path):
    netcdf.write(data, tmp_path / "out.nc", {})
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "out.nc").stat().st_mode == plain.stat().st_mode


def test_a_missing_folder_is_named(data, tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        netcdf.write(data, tmp_path / "absent" / "out.nc", {})
