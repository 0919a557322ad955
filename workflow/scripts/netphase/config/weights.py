"""Validation of a study of the weights of networks beyond its schema."""

from collections.abc import Mapping

from netphase.config.names import check_name
from netphase.errors import InputError


def check_study(key: str, study: Mapping, config: Mapping) -> None:
    """Refuse an unknown data set, and methods under `renaming` that the study does not use.

    Raises
    ------
    InputError : the message begins with the key
    """
    check_name(f"{key}.dataset", study["dataset"], config["datasets"], "data set")
    for method in study["renaming"]["methods"]:
        if method not in study["methods"]:
            raise InputError(f"{key}.renaming.methods: {method} is not among its methods")
