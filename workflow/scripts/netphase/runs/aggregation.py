"""The run cube: many run files joined by their coordinates."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from netphase.errors import InputError

DIMENSIONS = ("dataset", "model", "size", "step", "temperature", "realisation", "split")
IN_ORDER = ("split", "decoder", "initialisation", "arm")
"""Dimensions whose coordinates keep the order of the files; those of all others ascend."""


def aggregate(runs: Iterable[xr.Dataset], dimensions: Sequence[str] = DIMENSIONS) -> xr.Dataset:
    """Join run or cost files into one cube over the union of their coordinates.

    In one piece: each file is entered and compared in a single pass.

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
