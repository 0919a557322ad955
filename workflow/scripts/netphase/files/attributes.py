"""Long names and units of the results of an analysis, estimates and their errors included."""

from collections.abc import Collection, Mapping

import xarray as xr

from netphase.files.flags import flags

ENDS = {
    "_se": "standard error",
    "_low": "lower end of the 95 % interval",
    "_high": "upper end of the 95 % interval",
}


def describe(
    data: xr.Dataset,
    long_names: Mapping[str, str],
    flagged: Mapping[str, Collection[str]] | None = None,
    units: Mapping[str, str] | None = None,
) -> None:
    """Give every variable its long name and its unit, and the flagged ones their meanings.

    A variable without a long name of its own that ends in one of ENDS has those of the estimate:
    that of `x_low` is the long name of `x_mean`, or else of `x`, and which end it is.

    Parameters
    ----------
    units : of variables, and of estimates with their errors; 1 where none is given

    Raises
    ------
    KeyError
        A variable without a long name.
    """
    for name, variable in data.variables.items():
        base, end = name, ""
        if name not in long_names:
            base, _, suffix = name.rpartition("_")
            end = f", {ENDS[f'_{suffix}']}"
            base = f"{base}_mean" if f"{base}_mean" in long_names else base
        variable.attrs = {
            "long_name": long_names[base] + end,
            "units": (units or {}).get(base, "1"),
        }
    for name, meanings in (flagged or {}).items():
        data[name].attrs |= flags(meanings)
