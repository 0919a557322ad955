"""Validation of names that one part of the configuration takes from another."""

from collections.abc import Collection

from netphase.errors import InputError


def check_name(key: str, name: str, known: Collection[str], meaning: str) -> None:
    """Refuse a name that is not among the known ones.

    Raises
    ------
    InputError : the message holds the key, the purpose of the name, and the known names
    """
    if name not in known:
        raise InputError(
            f"{key}: unknown {meaning} {name!r}; there are {', '.join(known) or 'none'}"
        )
