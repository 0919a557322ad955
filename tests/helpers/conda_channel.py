"""A conda channel of two packages, python and pip, made from the running interpreter."""

import asyncio
import json
import platform
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

from rattler import Subdir
from rattler.index import index_fs

# What no job needs is a good half of the standard library.
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "config-*", "test", "idlelib", "tkinter", "ensurepip"
)


def build(channel: Path, scratch: Path) -> None:
    """Write the channel into a new folder."""
    here = channel / str(Subdir.current())
    here.mkdir(parents=True)
    (channel / "noarch").mkdir()
    pack(here, "python", platform.python_version(), stage_python(scratch / "python"), [])
    pip = stage_pip(scratch / "pip")
    pack(here, "pip", version_of("pip", pip), pip, ["python"])
    asyncio.run(index_fs(channel))


def stage_python(tree: Path) -> Path:
    """Interpreter and standard library; its shared library stays where the linker recorded it."""
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, tree / "lib" / library.name, ignore=LEFT_OUT)
    (tree / "bin").mkdir()
    for name in ("python", "python3", library.name):
        shutil.copy2(Path(sys.executable).resolve(), tree / "bin" / name)
    return tree


def stage_pip(tree: Path) -> Path:
    """The newest pip, as conda would take it."""
    site = tree / "lib" / Path(sysconfig.get_path("stdlib")).name / "site-packages"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet"]
    subprocess.run([*uv, "--target", site, "pip"], check=True)
    return tree


def version_of(name: str, tree: Path) -> str:
    """Version of the distribution that is staged in a tree."""
    (metadata,) = tree.rglob(f"{name}-*.dist-info")
    return metadata.name.removeprefix(f"{name}-").removesuffix(".dist-info")


def pack(folder: Path, name: str, version: str, tree: Path, depends: list[str]) -> None:
    """Put a package of all files of a tree into the folder of a platform."""
    files = [str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()]
    index = {"name": name, "version": version, "build": "0", "build_number": 0}
    index |= {"depends": depends, "subdir": folder.name}
    (tree / "info").mkdir()
    (tree / "info" / "files").write_text("\n".join(files))
    (tree / "info" / "index.json").write_text(json.dumps(index))
    with tarfile.open(folder / f"{name}-{version}-0.tar.bz2", "w:bz2", compresslevel=1) as package:
        for part in tree.iterdir():
            package.add(part, part.name)
