"""Names that one part of the configuration takes from another."""

from collections.abc import Collection

from netphase.errors import InputError


def check_name(key: str, name: str, known: Collection[str], meaning: str) -> None:
    """Refuse a name that is not among the known ones.

    Raises
    ------
    InputError : with the key, what the name is meant for, and the names there are
    """
    if name not in known:
        raise InputError(
            f"{key}: unknown {meaning} {name!r}; there are {', '.join(known) or 'none'}"
        )
