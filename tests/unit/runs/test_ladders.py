"""Ladders of sizes, named or inferred from the sizes that the models share."""

import numpy as np
import pytest
import xarray as xr
from run_cubes import cost_cube, run_cube

from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import ladders, name_ladders, over_ladders

CUBE = run_cube(realisations=10)


def test_models_without_a_common_size_are_one_ladder():
    wide = run_cube(sizes=(256,), model="wide", seed=1)
    joined = aggregate([CUBE, wide]).sel(dataset="digits")
    (name, ladder), *others = ladders(joined).items()
    assert name == "" and not others
    assert list(ladder["size"].values) == [2, 4, 8, 16, 32, 64, 128, 256]
    assert list(ladder.model.values) == 7 * ["mlp"] + ["wide"]
    np.testing.assert_array_equal(
        ladder.accuracy.sel(size=256).transpose(*wide.accuracy.dims[3:]), wide.accuracy[0, 0, 0]
    )


def test_models_with_a_common_size_are_ladders_of_their_own():
    other = run_cube(sizes=(128, 256), model="wide", seed=1)
    both = aggregate([CUBE, other]).sel(dataset="digits")
    assert {name: list(ladder["size"].values) for name, ladder in ladders(both).items()} == {
        "mlp": [2, 4, 8, 16, 32, 64, 128],
        "wide": [128, 256],
    }
    costs = aggregate([cost_cube(CUBE), cost_cube(other)]).sel(dataset="digits")
    assert ladders(costs, "cpu_seconds").keys() == {"mlp", "wide"}


def means(ladder):
    """Mean accuracy of every size, and how many sizes there are."""
    mean = ladder.accuracy.mean(["step", "realisation", "split"])
    return xr.Dataset({"mean": mean, "rungs": mean["size"].size})


def test_an_analysis_meets_every_ladder_once_under_its_name():
    cubes = [
        CUBE,
        run_cube(sizes=(4, 256), realisations=2, model="wide", seed=1),
        run_cube(sizes=(4, 512), realisations=2, dataset="letters", model="wide", seed=2),
    ]
    found = over_ladders(means, aggregate(cubes), fill_value={"rungs": 0})
    assert list(found.dataset.values) == ["digits", "letters"]
    assert list(found.ladder.values) == ["", "mlp", "wide"]
    # The other data set has one model only, whose ladder needs no name.
    places = [("digits", "mlp"), ("digits", "wide"), ("letters", "")]
    for cube, (dataset, name) in zip(cubes, places, strict=True):
        one = found.sel(dataset=dataset, ladder=name)
        assert one.rungs == cube["size"].size
        own = cube.accuracy.mean(["step", "realisation", "split"]).squeeze()
        np.testing.assert_allclose(one["mean"].sel(size=cube["size"]), own)
        assert one["mean"].count() == one.rungs
    assert found.rungs.sum() == 11 and found.rungs.dtype.kind == "i"


@pytest.mark.parametrize("sizes", [(2, 4), (4, 8), (4, 256)])
def test_ladders_come_back_with_their_own_sizes_only(sizes):
    """Whatever ladders other data sets have, and whether or not they have the same sizes."""
    there = {
        "digits": {"mlp": [2, 4, 8, 16, 32, 64, 128], "wide": list(sizes)},
        "letters": {"": [4, 8]},
    }
    cubes = [
        CUBE,
        run_cube(sizes=sizes, realisations=2, model="wide", seed=1),
        run_cube(sizes=(4, 8), realisations=2, dataset="letters", seed=2),
    ]
    found = over_ladders(means, aggregate(cubes), fill_value={"rungs": 0})
    for dataset, named in there.items():
        again = ladders(found.sel(dataset=dataset))
        assert {name: list(part["size"].values) for name, part in again.items()} == named
        assert all(np.isfinite(part["mean"]).all() for part in again.values())


def test_ladders_of_several_cubes_are_handed_over_together():
    joined = aggregate([CUBE, run_cube(model="wide", seed=1)])

    def difference(ladder, other):
        return xr.Dataset({"difference": abs(ladder.accuracy - other.accuracy).max()})

    for other in (joined, joined.isel(model=[1, 0])):
        assert np.all(over_ladders(difference, joined, other).difference == 0)


def test_models_may_be_rungs_of_several_ladders():
    shared, deep = run_cube(sizes=(2, 4), model="shared"), run_cube(sizes=(8,), model="deep")
    cube = aggregate([shared, deep, run_cube(sizes=(16,), model="wide")])
    names = {"shared": ["depth", "width"], "deep": ["depth"], "wide": ["width"]}
    named = name_ladders(cube, names).sel(dataset="digits")
    found = {name: ladder["size"].values.tolist() for name, ladder in ladders(named).items()}
    assert found == {"depth": [2, 4, 8], "width": [2, 4, 16]}
    deepest = ladders(named)["depth"].accuracy.sel(size=8)
    np.testing.assert_array_equal(
        deepest.transpose("step", "realisation", "split"),
        deep.accuracy[0, 0, 0].transpose("step", "realisation", "split"),
    )
    assert name_ladders(cube, {"shared": [], "deep": [], "wide": []}) is cube
