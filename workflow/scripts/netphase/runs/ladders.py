"""The ladders of sizes of a run cube, and analyses of one ladder at a time."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr


def name_ladders(cube: xr.Dataset, names: Mapping[str, Sequence[str]]) -> xr.Dataset:
    """Add to the cube the ladders of which each model is a rung, where the study names any.

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
    """Results of an analysis of each ladder of each data set, joined along (dataset, ladder).

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
