"""Accuracy gap between networks with a frozen block and those that are trained whole."""

from collections.abc import Sequence

import xarray as xr

from netphase.runs.aggregation import aggregate
from netphase.statistics.intervals import mean_interval
from netphase.weights.frozen_interior import ACCURACIES


def compare(runs: Sequence[xr.Dataset]) -> xr.Dataset:
    """Accuracies of all runs, and the gap of each arm to the network that is trained whole.

    Parameters
    ----------
    runs : as of `netphase.weights.frozen_interior.train`

    Returns
    -------
    xarray.Dataset
        ACCURACIES over (run, arm, epoch); their means over runs ``*_mean`` and halves of the 95 %
        intervals ``*_half`` over (arm, epoch); the same of the ``gap``, the accuracy of the best of
        the free network less that of each arm of the same run.
    """
    whole = aggregate(runs, ("run", "arm", "epoch"))
    gap = whole.best_accuracy.sel(arm="free", drop=True) - whole.best_accuracy
    for name, values in [(name, whole[name]) for name in ACCURACIES] + [("gap", gap)]:
        values = values.transpose("run", "arm", "epoch").values
        text = ACCURACIES.get(name, "accuracy of the best of the free network, less that of an arm")
        for suffix, part, kind in zip(
            ("mean", "half"),
            mean_interval(values),
            ("mean over runs", "half of the 95 % interval of the mean"),
            strict=True,
        ):
            words = {"long_name": f"{text}, {kind}", "units": "1"}
            whole[f"{name}_{suffix}"] = ("arm", "epoch"), part, words
    return whole
