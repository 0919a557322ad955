"""Validation of a study of spectral densities beyond its schema."""

from collections.abc import Mapping

from netphase.errors import InputError


def check_study(key: str, study: Mapping, config: Mapping) -> None:
    """Refuse to quote a number of times or a noise level that the study does not have.

    Raises
    ------
    InputError : the message begins with the key
    """
    for part, known in (("times", study["times"]), ("level", study["levels"])):
        if study["quoted"][part] not in known:
            raise InputError(
                f"{key}.quoted.{part}: {study['quoted'][part]} is not among "
                f"{', '.join(map(str, known))}"
            )
