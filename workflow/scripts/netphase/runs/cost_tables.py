"""CPU cost of the networks of a study, by size."""

import pandas as pd
import xarray as xr

from netphase.runs.run_files import TRAINED_ONCE


def cost_table(costs: xr.Dataset, runs: xr.Dataset) -> pd.DataFrame:
    """CPU cost and best accuracy of the networks of each size, and the cost of each data set.

    Columns: dataset, model, size, networks, cpu_hours of them all, their median epochs where they
    were counted, and the best test_accuracy of a noise level (mean over the realisations). In the
    row of a whole data set model and size are "all".
    """
    trained = ("step", "realisation")
    once = runs.attrs.get("protocol") == TRAINED_ONCE
    there = costs.cpu_seconds.notnull()
    values = {
        "networks": there.any("step").sum("realisation") if once else there.sum(trained),
        "cpu_hours": total_seconds(costs) / 3600,
    }
    if "epochs" in runs:
        values["epochs"] = runs.epochs.where(runs.epochs >= 0).median(trained)
    values["test_accuracy"] = runs.accuracy.sel(split="test").mean("realisation").max("step")
    axes = ["dataset", "model", "size"]
    order = ["dataset", "size", "model"]
    sizes = xr.Dataset(values).to_dataframe(dim_order=order).reset_index()
    sizes = sizes.loc[sizes.networks > 0, [*axes, *values]]
    parts = []
    for name, part in sizes.groupby("dataset"):
        total = {key: [part[key].sum()] for key in ("networks", "cpu_hours")}
        whole = {"dataset": name, "model": "all", "size": "all"} | total
        parts += [part, pd.DataFrame(whole)]
    return pd.concat(parts, ignore_index=True)


def total_seconds(costs: xr.Dataset) -> xr.DataArray:
    """CPU seconds of every (dataset, model, size): of all levels, and of a training beside them."""
    seconds = costs.cpu_seconds.sum(("step", "realisation"))
    if "training_seconds" in costs:
        seconds = seconds + costs.training_seconds.sum("realisation")
    return seconds
