"""Costs and accuracies of the networks of each size."""

import numpy as np
import pytest
from run_cubes import cost_cube, run_cube

from netphase.runs.aggregation import aggregate
from netphase.runs.cost_tables import cost_table
from netphase.runs.run_files import TRAINED_ONCE

CUBE = run_cube(realisations=10)


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


def test_cost_of_training_counts_once_where_networks_meet_all_levels():
    runs = run_cube(sizes=(2, 4), realisations=2)
    costs = cost_cube(runs)
    training = costs.cpu_seconds.isel(step=0, drop=True) * 0 + 50.0
    once = costs.assign(training_seconds=training)
    runs = runs.drop_vars("epochs").assign_attrs(protocol=TRAINED_ONCE)
    table = cost_table(once, runs)
    sizes = table[table.model != "all"]
    assert sizes.networks.tolist() == [2, 2]
    expected = costs.cpu_seconds.sum(("step", "realisation")).values.ravel() + 2 * 50
    np.testing.assert_allclose(sizes.cpu_hours, expected / 3600)
    assert "epochs" not in table


def test_learners_without_epochs_have_no_such_column():
    """Each level has networks of its own all the same, and all of them are counted."""
    table = cost_table(cost_cube(CUBE), CUBE.drop_vars("epochs"))
    assert "epochs" not in table
    assert list(table.networks) == [110] * 7 + [770]
