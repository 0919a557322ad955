"""Validation of a study of square lattices beyond its schema."""

from collections.abc import Mapping

from netphase.errors import InputError
from netphase.lattices import temperatures


def check_study(key: str, study: Mapping, config: Mapping) -> None:
    """Refuse a smallest lattice that is none of the study's, and temperatures without a level.

    Raises
    ------
    InputError : the message begins with the key
    """
    if study["smallest"] not in study["lattices"]:
        known = ", ".join(map(str, study["lattices"]))
        raise InputError(f"{key}.smallest: no lattice {study['smallest']}; there are {known}")
    try:
        temperatures.levels(study["temperatures"])
    except ValueError as error:
        raise InputError(f"{key}.temperatures: {error}") from None
