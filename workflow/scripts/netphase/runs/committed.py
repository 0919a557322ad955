"""Run cubes committed beside the page of their study: small, sealed, of a study that is named.

From them all findings of a study follow again, without training.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping

import xarray as xr

from netphase.errors import InputError
from netphase.files import netcdf

LIMIT = 2_000_000
"""Bytes of all committed cubes of one study."""
ENTRY = "study_parameters"
"""Attribute with the entry of the study, as JSON, that the runs were made by."""
PACKED = {"zlib": True, "complevel": 9, "shuffle": True}
LEAST = 16_000
"""Bytes from which a variable is compressed; below, its index of chunks takes what that saves."""


def pack(
    source: str | os.PathLike,
    target: str | os.PathLike,
    parts: Mapping[str, Mapping],
    study: Mapping,
    provenance: Mapping[str, str],
) -> None:
    """Write a run cube anew, compressed without loss, its provenance kept.

    The same cube gives the same bytes, whatever the commit that packs it.

    Parameters
    ----------
    parts : variable of floating-point numbers -> dimension -> the one coordinate at which it is
        kept; elsewhere it is missing
    study : parameters of the runs, see `take`
    provenance : of the packing (see `netphase.jobs.job`), whose history is continued

    Raises
    ------
    KeyError
        A part outside the coordinates.
    """
    cube = xr.load_dataset(source)
    for name, at in parts.items():
        kept = xr.zeros_like(cube[name], bool)
        kept.loc[dict(at)] = True
        cube[name] = cube[name].where(kept)
    for variable in cube.variables.values():
        # Words have no fixed length, and are not compressed.
        packed = variable.dtype.kind in "iufb" and variable.nbytes >= LEAST
        variable.encoding = dict(PACKED) if packed else {}
    history = f"{cube.attrs['history']}; {provenance['history']}"
    own = {"history": history, ENTRY: json.dumps(study, sort_keys=True)}
    netcdf.write(cube, target, own)


def check_size(paths: Collection[str | os.PathLike]) -> None:
    """Refuse committed cubes of one study that are larger than LIMIT together.

    Raises
    ------
    InputError : with the largest of them
    """
    total = sum(map(os.path.getsize, paths))
    if total > LIMIT:
        largest = max(paths, key=os.path.getsize)
        raise InputError(
            f"{largest}: {os.path.getsize(largest) / 1e6:.1f} of {total / 1e6:.1f} MB of run cubes,"
            f" more than the {LIMIT / 1e6:g} MB of a study; commit a part of its variables only"
        )


def take(source: str | os.PathLike, target: str | os.PathLike, study: Mapping) -> None:
    """Copy a committed cube, byte by byte, whose runs have the parameters of the study.

    Parameters
    ----------
    study : parameters on which its runs depend; a key that the cube lacks is no difference

    Raises
    ------
    InputError : runs made by other parameters, with the first key that differs
    """
    with xr.open_dataset(source) as cube:
        made_by = json.loads(cube.attrs[ENTRY])
    for key, value, asked in _differences(made_by, json.loads(json.dumps(study))):
        raise InputError(
            f"{source}: its runs were made with {key}: {value}, the config asks for {asked}; set "
            "it back, or train by `make run`"
        )
    with netcdf.whole_or_nothing(target) as temporary:
        shutil.copyfile(source, temporary)


def _differences(made_by, asked, key="") -> Iterator[tuple]:
    """Dotted key, value and requested value, where these differ."""
    if isinstance(made_by, dict) and isinstance(asked, dict):
        for name, value in made_by.items():
            yield from _differences(value, asked.get(name), f"{key}.{name}".lstrip("."))
    elif made_by != asked:
        yield key, made_by, asked
