"""Validation of a study of hyperbolic tilings beyond its schema."""

from collections.abc import Mapping

from netphase.errors import InputError
from netphase.hyperbolic.growth import check_hyperbolic, check_prime
from netphase.lattices import temperatures


def check_study(key: str, study: Mapping, config: Mapping) -> None:
    """Refuse tilings that are not hyperbolic, primes without a surface, and unsound temperatures.

    Raises
    ------
    InputError : the message begins with the key
    """
    parts = {f"tilings.{name}": tiling for name, tiling in study["tilings"].items()}
    open_discs = {"disc": study["disc"], "gravity": {"p": 3} | study["gravity"]}
    for part, entry in (parts | open_discs).items():
        try:
            named = f"{key}.{part}"
            check_hyperbolic(entry["p"], entry["q"])
            named = f"{key}.{part}.temperatures"
            temperatures.levels(entry["temperatures"])
            named = f"{key}.{part}.surfaces"
            for prime in entry.get("surfaces", {}):
                check_prime(entry["p"], entry["q"], prime)
        except ValueError as error:
            raise InputError(f"{named}: {error}") from None
    for part, tiling in parts.items():
        if tiling["smallest"] not in tiling["surfaces"]:
            known = ", ".join(map(str, tiling["surfaces"]))
            raise InputError(
                f"{key}.{part}.smallest: no surface of {tiling['smallest']}; there are {known}"
            )
