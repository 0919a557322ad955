"""Means of small networks over their repeats, with 95 % intervals."""

from collections.abc import Iterable

import xarray as xr

from netphase.statistics.intervals import mean_interval


def with_means(found: xr.Dataset, names: Iterable[str]) -> xr.Dataset:
    """The data with ``NAME_mean`` and ``NAME_half``, half of its 95 % interval, for each name.

    Parameters
    ----------
    found : the named variables over (repeat, ...)
    """
    for name in names:
        values = found[name].transpose("repeat", ...)
        dims, attrs = values.dims[1:], values.attrs
        mean, half = mean_interval(values.values)
        meaning, units = attrs.get("long_name", name), attrs.get("units", "1")
        for end, said, numbers in (
            ("mean", f"{meaning}, mean over the repeats", mean),
            ("half", f"half of the 95 % interval of {name}_mean", half),
        ):
            words = {"long_name": said, "units": units}
            found = found.assign({f"{name}_{end}": (dims, numbers, words)})
    return found
