"""The words of a file: long names, and CF flags, small integers that stand for words."""

from collections.abc import Collection, Mapping

import numpy as np
import xarray as xr


def flags(meanings: Collection[str]) -> dict:
    """Attributes of a variable that counts through the meanings from 0 on (CF conventions, 3.5).

    Parameters
    ----------
    meanings : names without blanks, in the order of their values
    """
    return {
        "flag_values": np.arange(len(meanings), dtype=np.int8),
        "flag_meanings": " ".join(meanings),
    }


def describe(
    data: xr.Dataset, long_names: Mapping[str, str], flagged: Mapping[str, Collection[str]]
) -> None:
    """Give every variable its long name and the unit 1, and the flagged ones their meanings.

    Raises
    ------
    KeyError
        A variable without a long name.
    """
    for name, variable in data.variables.items():
        variable.attrs = {"long_name": long_names[name], "units": "1"}
    for name, meanings in flagged.items():
        data[name].attrs |= flags(meanings)
