"""Joining run files by coordinates, statistics over realisations, ladders of sizes."""

import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from run_cubes import KAPPA, cost_cube, files_of, run_cube

from netphase.errors import InputError
from netphase.runs.aggregation import (
    METRICS,
    aggregate,
    cost_table,
    flat_floor,
    ladders,
    name_ladders,
    over_ladders,
    summarise,
)

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


def test_statistics_agree_with_numpy_and_are_ordered():
    statistics = summarise(CUBE)
    for metric in METRICS:
        axis = CUBE[metric].get_axis_num("realisation")
        np.testing.assert_allclose(
            statistics[f"sd_{metric}"], np.std(CUBE[metric].values, axis=axis, ddof=1), atol=1e-12
        )
        low, mean, high = (statistics[f"{prefix}_{metric}"] for prefix in ("min", "mean", "max"))
        assert (low <= mean + 1e-12).all() and (mean <= high + 1e-12).all()
        np.testing.assert_array_equal(high, CUBE[metric].values.max(axis=axis))
    assert (statistics.n_realisations == 10).all()
    assert "realisation" not in statistics.coords
    for variable in statistics.values():
        assert {"long_name", "units"} <= set(variable.attrs)


def test_statistics_of_one_realisation_and_of_missing_runs_are_flagged():
    runs = CUBE.isel(realisation=[0]).reindex(size=[2, 128, 512])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        statistics = summarise(runs)
    assert statistics.sd_accuracy.isnull().all()
    assert statistics.mean_accuracy.sel(size=512).isnull().all()
    assert (statistics.n_realisations.sel(size=[2, 128]) == 1).all()
    assert statistics.floor.sel(size=512).isnull().all()
    assert (statistics.floor_levels.sel(size=512) == 0).all()
    np.testing.assert_array_equal(statistics.max_accuracy, statistics.mean_accuracy)


def test_floor_of_the_test_split_is_chance():
    floor = summarise(CUBE).floor.sel(split="test")
    np.testing.assert_allclose(floor, 0.1, atol=4 * np.sqrt(0.09 / 360 / 50))


def test_flat_floor_takes_the_longest_flat_tail():
    scatter = np.array([-0.01, 0.0, 0.01])
    means = np.array([0.9, 0.5, 0.2, 0.101, 0.099, 0.1, 0.1])
    floor, levels = flat_floor(KAPPA[:7], means[:, None] + scatter, 100)
    assert levels == 4 and floor == pytest.approx(0.1)
    shuffled = np.random.default_rng(0).permutation(7)
    again = flat_floor(KAPPA[:7][shuffled], means[shuffled, None] + scatter, 100)
    assert again == (pytest.approx(floor), levels)


def test_flat_floor_falls_back_to_binomial_errors_for_one_realisation():
    means = np.array([0.9, 0.5, 0.13, 0.1, 0.1, 0.1])[:, None]
    assert flat_floor(KAPPA[:6], means, 360)[1] == 4
    assert flat_floor(KAPPA[:6], means, 36000)[1] == 3


def test_flat_floor_says_when_the_floor_is_not_reached():
    falling = np.array([0.9, 0.6, 0.3])[:, None] + np.array([-0.01, 0.01])
    assert flat_floor(KAPPA[:3], falling, 360) == (pytest.approx(0.6), 0)
    assert flat_floor(KAPPA[:2], falling[:2], 360) == (pytest.approx(np.nan, nan_ok=True), 0)
    assert flat_floor(KAPPA, np.ones((11, 4)), 360) == (1.0, 11)


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


def test_cost_table_sums_up_sizes_and_data_sets():
    letters = run_cube(sizes=(8,), realisations=2, dataset="letters", model="wide", seed=1)
    runs = aggregate([CUBE, letters])
    table = cost_table(aggregate(map(cost_cube, (CUBE, letters))), runs)
    assert list(table.columns) == [
        "dataset", "model", "size", "networks", "cpu_hours", "epochs", "test_accuracy"
    ]  # fmt: skip
    assert list(table["size"]) == [2, 4, 8, 16, 32, 64, 128, "all", 8, "all"]
    assert list(table.networks) == [110] * 7 + [770, 22, 22]
    row = table[(table.dataset == "digits") & (table["size"] == 16)].iloc[0]
    of_size = CUBE.sel(dataset="digits", model="mlp", size=16)
    assert row.cpu_hours == pytest.approx(110 * 1.6 / 3600)
    assert row.epochs == np.median(of_size.epochs)
    best = of_size.accuracy.sel(split="test").values.mean(axis=1).max()
    assert row.test_accuracy == pytest.approx(best)
    whole = table[table.model == "all"].set_index("dataset").cpu_hours
    assert whole["digits"] == pytest.approx(110 * 25.4 / 3600)
    assert whole["letters"] == pytest.approx(22 * 0.8 / 3600)


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


def test_cost_of_training_counts_once_where_networks_meet_all_levels():
    runs = run_cube(sizes=(2, 4), realisations=2)
    costs = cost_cube(runs)
    training = costs.cpu_seconds.isel(step=0, drop=True) * 0 + 50.0
    once = costs.assign(training_seconds=training)
    table = cost_table(once, runs.drop_vars("epochs"))
    sizes = table[table.model != "all"]
    assert sizes.networks.tolist() == [2, 2]
    expected = costs.cpu_seconds.sum(("step", "realisation")).values.ravel() + 2 * 50
    np.testing.assert_allclose(sizes.cpu_hours, expected / 3600)
    assert "epochs" not in table
