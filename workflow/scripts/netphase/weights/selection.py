"""Selection of the accurate networks of all chunks of an ensemble, and their CPU cost."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from netphase.errors import InputError


def select(chunks: Sequence[xr.Dataset], least: float) -> xr.Dataset:
    """Select the different networks of all chunks whose accuracy is at least `least`.

    Raises
    ------
    InputError : no network is accurate enough
    """
    whole = xr.concat(chunks, "trial", combine_attrs="drop_conflicts").sortby("trial")
    accepted = np.flatnonzero(whole.accuracy.values >= least)
    if not accepted.size:
        raise InputError(
            f"accept: none of {whole.sizes['trial']} networks has an accuracy of {least}; the best "
            f"has {float(whole.accuracy.max()):.3f}"
        )
    packed = whole.weights.values[accepted]
    _, first = np.unique(packed, axis=0, return_index=True)
    kept = whole.isel(trial=accepted[np.sort(first)])
    return kept.assign_attrs(n_trained=whole.sizes["trial"], n_accepted=len(accepted))


def join_costs(costs: Sequence[xr.Dataset]) -> xr.Dataset:
    """Number of all trained networks, and their CPU seconds."""
    seconds = np.concatenate([cost.train_seconds.values for cost in costs])
    return xr.Dataset(
        {
            "networks": ((), seconds.size, {"long_name": "trained networks", "units": "1"}),
            "train_seconds": (
                (),
                seconds.sum(),
                {"long_name": "CPU time of training and choice", "units": "s"},
            ),
        }
    )
