"""The run cube: many run files joined by their coordinates, and its statistics."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from netphase.errors import InputError

DIMENSIONS = ("dataset", "model", "size", "step", "temperature", "realisation", "split")
IN_ORDER = ("split", "decoder", "initialisation", "arm")
"""Dimensions whose coordinates keep the order of the files; those of all others ascend."""
METRICS = ("accuracy", "f1", "precision", "recall")
REDUCTIONS = {
    "mean": "mean over the realisations",
    "sd": "standard deviation (ddof 1) over the realisations",
    "max": "maximum over the realisations",
    "min": "minimum over the realisations",
}


def aggregate(runs: Iterable[xr.Dataset], dimensions: Sequence[str] = DIMENSIONS) -> xr.Dataset:
    """Join run or cost files into one cube over the union of their coordinates.

    Only coordinates count, never names or the order of files. What no file holds is NaN, or -1
    for integers. Variables with a dimension of their own (learning curves) stay behind, and so
    do attributes in which the files differ.

    Parameters
    ----------
    dimensions : those of the cube, each with a coordinate in the files that have it

    Raises
    ------
    InputError
        No file, or two files that disagree about the same cell: a metric, the noise-to-signal
        ratio of a step, the number of classes (chance level), ...
    """
    runs = list(runs)
    if not runs:
        raise InputError("runs: no run file to aggregate; give the study a model and a realisation")
    axes = {}
    for dim in dimensions:
        values = [run.indexes[dim] for run in runs if dim in run.indexes]
        if values:
            axis = pd.unique(np.concatenate(values))
            axes[dim] = pd.Index(axis if dim in IN_ORDER else np.sort(axis), name=dim)

    variables: dict[str, xr.Variable] = {}
    filled: dict[str, np.ndarray] = {}
    for run in runs:
        place = {dim: axes[dim].get_indexer(run.indexes[dim]) for dim in axes if dim in run.indexes}
        for name, block in run.variables.items():
            if name in axes or not set(block.dims) <= set(axes):
                continue
            if name not in variables:
                shape = tuple(axes[dim].size for dim in block.dims)
                missing = -1 if block.dtype.kind == "i" else np.nan
                values = np.full(shape, missing, block.dtype)
                variables[name] = xr.Variable(block.dims, values)
                filled[name] = np.zeros(shape, bool)
            values, known = variables[name].values, filled[name]
            cell = np.ix_(*(place[dim] for dim in variables[name].dims))
            new = block.transpose(*variables[name].dims).values
            same = (values[cell] == new) | ((values[cell] != values[cell]) & (new != new))
            if np.any(known[cell] & ~same):
                raise InputError(
                    f"{run.encoding.get('source', 'run file')}: {name} disagrees with another file "
                    "of the same coordinates; delete the stale one and run again"
                )
            values[cell] = new
            known[cell] = True

    for name, variable in variables.items():
        variable.attrs = _shared(run.variables[name].attrs for run in runs if name in run.variables)
    cube = xr.Dataset(
        {name: variable for name, variable in variables.items() if name not in runs[0].coords},
        {name: variable for name, variable in variables.items() if name in runs[0].coords} | axes,
        {"title": "Files joined by their coordinates"} | _shared(run.attrs for run in runs),
    )
    for dim in axes:
        cube[dim].attrs = _shared(run[dim].attrs for run in runs if dim in run.indexes)
    processors = {run.attrs["cpu_model"] for run in runs if "cpu_model" in run.attrs}
    if processors:
        cube.attrs["cpu_model"] = "; ".join(sorted(processors))
    return cube


def _shared(attributes):
    first, *others = attributes
    return {
        key: value
        for key, value in first.items()
        if all(key in other and np.array_equal(other[key], value) for other in others)
    }


def summarise(runs: xr.Dataset) -> xr.Dataset:
    """Mean, standard deviation (ddof 1), maximum and minimum over the realisations.

    Adds `floor` and `floor_levels` of the accuracy (see `flat_floor`) and n_realisations. The
    standard deviation of a single realisation is NaN.
    """
    statistics = xr.Dataset(coords=runs.coords).drop_dims("realisation", errors="ignore")
    counts = runs.accuracy.count("realisation")
    for metric in METRICS:
        values = runs[metric]
        reductions = {
            "mean": values.mean("realisation"),
            "sd": values.std("realisation", ddof=1),
            "max": values.max("realisation"),
            "min": values.min("realisation"),
        }
        for prefix, reduced in reductions.items():
            reduced.attrs = {"long_name": f"{REDUCTIONS[prefix]} of {metric}", "units": "1"}
            statistics[f"{prefix}_{metric}"] = reduced
    floor, levels = xr.apply_ufunc(
        flat_floor,
        runs.kappa,
        runs.accuracy,
        runs.n_samples,
        input_core_dims=[["step"], ["step", "realisation"], []],
        output_core_dims=[[], []],
        vectorize=True,
    )
    floor.attrs = {
        "long_name": "mean accuracy of the levels flat at the large-kappa end",
        "units": "1",
    }
    levels.attrs = {
        "long_name": "number of levels in floor, 0 where the last three are not flat",
        "units": "1",
    }
    counts.attrs = {"long_name": "number of realisations", "units": "1"}
    statistics = statistics.assign(
        floor=floor, floor_levels=levels.astype(np.int32), n_realisations=counts.astype(np.int32)
    )
    statistics.attrs = {"title": "Statistics over the realisations"}
    return statistics


def flat_floor(kappa, accuracy, n_samples) -> tuple[float, int]:
    """Accuracy of the flat tail at large kappa, and the number of levels in that tail.

    The tail grows from the three largest kappa towards smaller ones while every level mean in it
    stays within three standard errors of their common mean. The standard error of a level of R
    realisations is s / sqrt(R); s^2 is the variance within the levels of the tail, or the binomial
    p (1 - p) / n_samples where no level has two realisations. If already the last three are
    not flat, the floor has not been reached: their mean is returned with 0 levels. Fewer than
    three levels: (NaN, 0).

    Parameters
    ----------
    kappa : (levels,)
    accuracy : (levels, realisations), NaN where missing
    n_samples : images behind each accuracy
    """
    order = np.argsort(kappa)[::-1]
    accuracy = accuracy[order][np.isfinite(accuracy[order]).any(axis=1)]
    if len(accuracy) < 3:
        return np.nan, 0
    means = np.nanmean(accuracy, axis=1)
    counts = np.isfinite(accuracy).sum(axis=1)
    squares = np.nansum((accuracy - means[:, np.newaxis]) ** 2, axis=1)
    flat = 0
    for n in range(3, len(means) + 1):
        common = means[:n].mean()
        freedom = np.sum(counts[:n] - 1)
        binomial = common * (1 - common) / n_samples
        variance = squares[:n].sum() / freedom if freedom else binomial
        # Equal values may differ from their mean by rounding.
        tolerance = 3 * np.sqrt(variance / counts[:n]) + 1e-12
        if np.any(np.abs(means[:n] - common) > tolerance):
            break
        flat = n
    return means[: max(flat, 3)].mean(), flat


def name_ladders(cube: xr.Dataset, names: Mapping[str, Sequence[str]]) -> xr.Dataset:
    """The cube with the ladders that each model is a rung of, where the study names any.

    Parameters
    ----------
    names : ladders of every model
    """
    if not any(names.values()):
        return cube
    words = [" ".join(names[model]) for model in cube.model.values]
    return cube.assign_coords(ladders=("model", words, {"long_name": "ladders of sizes"}))


def noised_test(runs: xr.Dataset) -> xr.Dataset:
    """The test half of the run cube at kappa > 0, its sizes in ascending order."""
    test = runs.sel(split="test").sortby("size")
    return test.isel(step=np.flatnonzero(test.kappa > 0))


def ladders(data: xr.Dataset, measured: str = "n_parameters") -> dict[str, xr.Dataset]:
    """The ladders of sizes of one data set, without the dimension model or ladder.

    Where the models name their ladders (see `name_ladders`), it is these. Otherwise models that
    share no size are the rungs of one ladder, named ""; as soon as two models have a size in
    common, each model is a ladder of its own, under its name. Ladders of other data sets only are
    left out.

    Parameters
    ----------
    data : any variables over (model, size, ...), or over (ladder, size, ...) as of `over_ladders`
    measured : variable over the same that is negative or NaN where a rung is absent
    """
    if "ladder" in data.dims:
        parts = {str(name): data.sel(ladder=name) for name in data.ladder.values}
        rungs = {name: np.flatnonzero(part[measured] >= 0) for name, part in parts.items()}
        return {name: parts[name].isel(size=there) for name, there in rungs.items() if there.size}
    there = (data[measured] >= 0).transpose("model", "size", ...).values
    there = there.reshape(*there.shape[:2], -1).any(axis=2)
    if "ladders" in data.coords:
        words = [names.split() for names in data.ladders.values]
        members = {
            name: np.array([name in those for those in words]) for those in words for name in those
        }
    elif np.any(there.sum(axis=0) > 1):
        members = {str(model): data.model.values == model for model in data.model.values}
    else:
        members = {"": np.ones(len(there), bool)}
    found = {}
    for name, chosen in members.items():
        own = there & chosen[:, np.newaxis]
        rungs = np.flatnonzero(own.any(axis=0))
        models = xr.DataArray(own[:, rungs].argmax(axis=0), dims="size")
        found[name] = data.isel(size=rungs).isel(model=models)
    return found


def over_ladders(
    analyse: Callable[..., xr.Dataset],
    *cubes: xr.Dataset,
    fill_value: Mapping[str, int | str] | None = None,
) -> xr.Dataset:
    """What an analysis finds on each ladder of each data set, joined along (dataset, ladder).

    Parameters
    ----------
    analyse : takes one ladder (see `ladders`) of every cube
    cubes : over (dataset, model, size, ...), with the coordinate n_parameters
    fill_value : of integers and words, by variable, where ladders differ in their other coordinates
    """

    def join(parts, along):
        return xr.concat(
            parts, along, join="outer", coords="different", compat="equals",
            fill_value=dict(fill_value or {}) or np.nan,
        )  # fmt: skip

    datasets = []
    for dataset in cubes[0].dataset.values:
        by_name = [ladders(cube.sel(dataset=dataset)) for cube in cubes]
        parts = [analyse(*(named[name] for named in by_name)) for name in by_name[0]]
        joined = join(parts, xr.Variable("ladder", list(by_name[0])))
        if "n_parameters" in joined.coords:
            # Over the ladder too, or rungs of other data sets would seem to be there.
            rungs = joined.n_parameters.variable
            rungs = rungs.set_dims({dim: joined.sizes[dim] for dim in ("ladder", "size")})
            joined = joined.assign_coords(n_parameters=rungs)
        datasets.append(joined)
    found = join(datasets, cubes[0].dataset)
    found.ladder.attrs = {"long_name": "model, or empty where the models form one ladder of sizes"}
    return found


def cost_table(costs: xr.Dataset, runs: xr.Dataset) -> pd.DataFrame:
    """What the networks of each size cost and reached, and the cost of each data set.

    Columns: dataset, model, size, networks, cpu_hours of them all, their median epochs where each
    level has networks of its own, and the best test_accuracy of a noise level (mean over the
    realisations). In the row of a whole data set model and size are "all".
    """
    trained = ("step", "realisation")
    once = "epochs" not in runs
    there = costs.cpu_seconds.notnull()
    values = {
        "networks": there.any("step").sum("realisation") if once else there.sum(trained),
        "cpu_hours": total_seconds(costs) / 3600,
    }
    if not once:
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
