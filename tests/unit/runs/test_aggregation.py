"""Joining run files by their coordinates."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from run_cubes import cost_cube, files_of, run_cube

from netphase.errors import InputError
from netphase.runs.aggregation import aggregate

CUBE = run_cube(realisations=10)
FILES = files_of(CUBE)


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(len(FILES))))
def test_aggregate_restores_the_cube_from_files_in_any_order(order):
    xr.testing.assert_equal(aggregate(FILES[i] for i in order), CUBE)


def test_aggregate_keeps_types_attributes_and_drops_learning_curves():
    files = [
        file.assign(loss_curve=(("size", "epoch"), np.ones((7, 3)))).assign_attrs(seed=i, rate=0.1)
        for i, file in enumerate(FILES)
    ]
    cube = aggregate(files)
    assert set(cube.data_vars) == set(CUBE.data_vars)
    assert {name: cube[name].dtype for name in cube} == {name: CUBE[name].dtype for name in cube}
    assert cube.kappa.attrs == CUBE.kappa.attrs
    assert cube.attrs["rate"] == 0.1 and "seed" not in cube.attrs


def test_aggregate_marks_what_no_file_holds():
    other = run_cube(sizes=(4, 256), realisations=2, dataset="letters", model="wide")
    cube = aggregate([*FILES[1:], other])
    assert cube.sizes == {
        "dataset": 2, "model": 2, "size": 8, "step": 11, "realisation": 10, "split": 2
    }  # fmt: skip
    hole = cube.sel(dataset="digits", model="mlp", step=0, realisation=slice(0, 4))
    assert hole.accuracy.isnull().all() and (hole.n_correct == -1).all()
    assert (cube.n_parameters.sel(dataset="digits", model="wide") == -1).all()
    xr.testing.assert_equal(
        cube.sel(dataset="letters", model="wide", size=256, realisation=1).accuracy,
        other.accuracy.sel(dataset="letters", model="wide", size=256, realisation=1),
    )
    filled = CUBE.accuracy.size - FILES[0].accuracy.size + other.accuracy.size
    assert cube.accuracy.count() == filled


def test_aggregate_serves_costs():
    costs = cost_cube(CUBE)
    files = [
        file.assign_attrs(cpu_model=name)
        for file, name in zip(files_of(costs), 11 * ["B", "A"], strict=True)
    ]
    cube = aggregate(files)
    xr.testing.assert_equal(cube, costs)
    assert cube.attrs["cpu_model"] == "A; B"


def test_identical_duplicates_pass():
    xr.testing.assert_equal(aggregate([*FILES, FILES[3], CUBE]), CUBE)


@pytest.mark.parametrize("name", ["accuracy", "epochs", "kappa", "n_classes", "n_samples"])
def test_files_that_disagree_are_refused(name):
    stale = FILES[0].copy(deep=True)
    stale = stale.assign_coords({name: stale[name] + 1}) if name in stale.coords else stale
    stale = stale if name in stale.coords else stale.assign({name: stale[name] + 1})
    stale.encoding["source"] = "runs/stale.nc"
    with pytest.raises(InputError, match=f"^runs/stale.nc: {name} disagrees .*delete"):
        aggregate([*FILES, stale])


def test_other_dimensions_ascend_or_keep_the_order_of_the_files():
    files = [
        xr.Dataset(
            {"share": (("width", "arm"), [[width, width / 2]])},
            {"width": [width], "arm": ["free", "bound"]},
            {"title": "Arms", "seed": width},
        )
        for width in (20, 3, 7)
    ]
    cube = aggregate(files, ("width", "arm"))
    assert cube["width"].values.tolist() == [3, 7, 20]
    assert cube.arm.values.tolist() == ["free", "bound"]
    np.testing.assert_array_equal(cube.share.sel(arm="bound"), [1.5, 3.5, 10])
    assert cube.attrs == {"title": "Arms"}


def test_no_file_is_refused():
    with pytest.raises(InputError, match="no run file"):
        aggregate([])
