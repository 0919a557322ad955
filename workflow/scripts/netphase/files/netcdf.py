"""NetCDF files: whole or not at all, the same bytes for the same data, never read when damaged."""

import glob
import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

import xarray as xr

from netphase.errors import InputError

CONVENTIONS = "CF-1.11"
# HDF5 guards parts of a file only, but reads on where bytes follow its end.
SEAL = "crc32 of the bytes above: {:08x}\n"
SEAL_LENGTH = len(SEAL.format(0))
BLOCK = 1 << 20


@contextmanager
def whole_or_nothing(path: str | os.PathLike):
    """A temporary name beside `path` that becomes `path` on success and is removed on failure.

    What a writer of the same file left behind when it was killed is removed first.
    """
    path = Path(path)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        left.unlink(missing_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        yield Path(temporary)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write(
    dataset: xr.Dataset,
    path: str | os.PathLike,
    provenance: Mapping[str, str],
    encoding: Mapping[str, Mapping] | None = None,
) -> None:
    """Write a data set as NetCDF-4, atomically, with the provenance among its attributes.

    A line with a checksum of all bytes follows the end of the NetCDF file, where no reader looks.
    Floating-point variables get no _FillValue unless the data set names one: NaN speaks for itself.

    Raises
    ------
    InputError : the library could not write, most often since the disk is full
    """
    described = dataset.assign_attrs({"Conventions": CONVENTIONS} | dict(provenance))
    for variable in described.variables.values():
        if "_FillValue" not in variable.attrs:
            variable.encoding.setdefault("_FillValue", None)
    with whole_or_nothing(path) as temporary:
        try:
            described.to_netcdf(temporary, format="NETCDF4", engine="netcdf4", encoding=encoding)
        except RuntimeError as error:
            # netCDF4 reports a full disk as "HDF error", without errno or file name.
            free = shutil.disk_usage(temporary.parent).free // 2**20
            raise InputError(
                f"{path}: cannot be written, {free} MiB are free there ({error})"
            ) from error
        with open(temporary, "ab") as stream:
            stream.write(_seal(temporary, temporary.stat().st_size))


def check(path: str | os.PathLike) -> None:
    """Refuse a file that is not, to the last bit, what `write` wrote.

    Raises
    ------
    InputError : a damaged or truncated file, or one of another origin
    """
    length = os.path.getsize(path) - SEAL_LENGTH
    with open(path, "rb") as stream:
        stream.seek(max(length, 0))
        found = stream.read()
    if length < 0 or found != _seal(path, length):
        raise InputError(
            f"{path}: damaged, its bytes do not match their checksum; delete it and run again"
        )


def _seal(path, length: int) -> bytes:
    checksum = 0
    with open(path, "rb") as stream:
        while length:
            block = stream.read(min(BLOCK, length))
            checksum = zlib.crc32(block, checksum)
            length -= len(block)
    return SEAL.format(checksum).encode()
