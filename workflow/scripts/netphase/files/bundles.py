"""Bundles: zip files of a folder that are the same bytes for the same content, checked to the last.

Members are stored, sorted and without clock, and listed with their sha256 in a manifest. Nothing
depends on the version of zlib, so that packing the content again finds damage between the members.
"""

import filecmp
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from netphase.errors import InputError
from netphase.files.netcdf import whole_or_nothing

MANIFEST = "manifest-sha256.txt"
OLDEST = (1980, 1, 1, 0, 0, 0)  # no zip file knows an earlier time


def names(folder: Path) -> list[str]:
    """Every file below a folder, relative to it, sorted."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, path: Path) -> None:
    """Bundle a folder, to which the manifest is added; its sha256 goes into a file beside it."""
    lines = [f"{sha256(folder / name)}  {name}\n" for name in names(folder)]
    (folder / MANIFEST).write_text("".join(lines))
    with whole_or_nothing(path) as temporary:
        _pack(folder, temporary)
    _sidecar(path).write_text(f"{sha256(path)}  {path.name}\n")


@contextmanager
def unpacked(path: Path, parent: Path | None = None) -> Iterator[Path]:
    """A temporary folder, in `parent` if given, with the content of a bundle that is sound.

    Raises
    ------
    InputError : naming each member that is damaged, missing or not in the manifest; or else
        damage between them, or a bundle that is not the one of the .sha256 file beside it
    """
    with (
        tempfile.TemporaryDirectory(prefix=".bundle-", dir=parent) as temporary,
        tempfile.NamedTemporaryFile(prefix=".bundle-", dir=parent) as again,
    ):
        folder = Path(temporary)
        problems = _differences(folder, _unpack(path, folder))
        if not problems:
            _pack(folder, Path(again.name))
            if not filecmp.cmp(path, again.name, shallow=False):
                problems = ["bytes between its files are damaged"]
            elif _sidecar(path).exists() and _sidecar(path).read_text()[:64] != sha256(path):
                problems = [f"{_sidecar(path).name} is that of another file"]
        if problems:
            raise InputError(f"{path}: {'; '.join(problems)}; fetch it again")
        yield folder


def _sidecar(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _pack(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as target:
        for name in names(folder):
            member = zipfile.ZipInfo(name, OLDEST)
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            member.file_size = os.path.getsize(folder / name)
            with open(folder / name, "rb") as source, target.open(member, "w") as sink:
                shutil.copyfileobj(source, sink)


def _unpack(path: Path, folder: Path) -> list[str]:
    """Unpack what can be read of a zip file; the names of what cannot."""
    damaged = []
    with open(path, "rb") as stream:
        try:
            source = zipfile.ZipFile(stream)
        except Exception as error:  # damage makes zipfile raise almost anything
            raise InputError(f"{path}: truncated or no zip file; fetch it again") from error
        for member in source.infolist():
            try:
                _check_place(member)
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with source.open(member) as packed, open(target, "xb") as sink:
                    shutil.copyfileobj(packed, sink)
            except Exception:
                damaged.append(ascii(member.filename)[1:-1])
    return damaged


def _check_place(member: zipfile.ZipInfo) -> None:
    """Refuse a member that would leave the folder, or grow when it is unpacked."""
    name = PurePosixPath(member.filename)
    if name.is_absolute() or ".." in name.parts or member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(member.filename)


def _differences(folder: Path, damaged: list[str]) -> list[str]:
    """Differences of an unpacked bundle from its manifest, a line for each member."""
    if MANIFEST in damaged or not (folder / MANIFEST).exists():
        return [f"{MANIFEST} is damaged or missing"]
    found = {name: sha256(folder / name) for name in names(folder) if name != MANIFEST}
    listed = {}
    for line in (folder / MANIFEST).read_text().splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    return [
        *(f"{name} is damaged" for name in damaged),
        *(f"{name} is missing" for name in listed.keys() - found.keys() - set(damaged)),
        *(f"{name} is not in its manifest" for name in found.keys() - listed.keys() - set(damaged)),
        *(
            f"{name} is damaged"
            for name in (listed.keys() & found.keys()) - set(damaged)
            if listed[name] != found[name]
        ),
    ]
