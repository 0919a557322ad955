"""The pages beside which run cubes are committed, and when these may stand for runs.

Every reading of the Snakefile imports this module, by Pythons that have Snakemake alone: it needs
no other library.
"""

import filecmp
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from netphase.errors import InputError


def check_alone(study: str, runs: Iterable[str], pages: Mapping[str, str]) -> None:
    """Refuse to put committed cubes where a study has runs of its own.

    Parameters
    ----------
    runs : files of its single jobs
    pages : run cube -> where it is committed

    Raises
    ------
    InputError : a cube that is not committed, a run, or a cube of other runs
    """
    for cube, page in pages.items():
        if not Path(page).exists():
            raise InputError(f"{page}: missing; {study} has to be trained, by `make run`")
        if Path(cube).exists() and not filecmp.cmp(cube, page, shallow=False):
            raise InputError(f"{cube}: not that of docs/; move results/{study} away first")
    for run in sorted(runs):
        if Path(run).exists():
            raise InputError(f"{run}: a run of its own; move results/{study} away first")


def without(entry: Mapping, keys: Collection[str]) -> dict:
    """An entry of the configuration without those keys, at any depth."""
    return {
        key: without(value, keys) if isinstance(value, Mapping) else value
        for key, value in entry.items()
        if key not in keys
    }
