"""Run and cost files of both protocols: the same axes and words, and what they join to."""

import numpy as np
import pytest
import xarray as xr

from netphase.runs import run_files
from netphase.runs.aggregation import aggregate
from netphase.runs.run_files import TRAINED_AT_EACH_LEVEL, TRAINED_ONCE

SIZES, STEPS = np.array([2, 8, 4], np.int32), [0, 300]
N_SAMPLES = {"train": 50, "test": 20}
LONG_NAMES = {"accuracy": "accuracy", "n_correct": "number of samples classified correctly"}


def axes(realisations=(3, 5), **changes):
    place = {
        "dataset": "toy",
        "model": "mine",
        "sizes": SIZES,
        "size_name": "channels",
        "realisations": np.array(realisations, np.int32),
        "steps": STEPS,
        "kappa": [0.1, 2.0],
        "alpha_bar": [0.99, 0.2],
    }
    return run_files.Axes(**place | changes)


def run_file(place=None, protocol=TRAINED_AT_EACH_LEVEL):
    place = place or axes()
    shape = (len(place.sizes), len(place.steps), len(place.realisations), len(N_SAMPLES))
    correct = np.arange(np.prod(shape)).reshape(shape) % 20
    scores = {"accuracy": correct / list(N_SAMPLES.values()), "n_correct": correct.astype(float)}
    return run_files.run_file(
        place,
        scores,
        LONG_NAMES,
        protocol=protocol,
        n_samples=N_SAMPLES,
        n_classes=7,
        n_parameters=[20, 80, 40],
        attributes={"title": "a toy"},
    )


@pytest.mark.parametrize("protocol", [TRAINED_AT_EACH_LEVEL, TRAINED_ONCE])
def test_scores_stand_where_the_axes_say(protocol):
    run = run_file(protocol=protocol)
    assert run.attrs == {"title": "a toy", "protocol": protocol}
    assert run.accuracy.dims == (*run_files.DIMENSIONS, "split")
    cell = run.sel(dataset="toy", model="mine", size=8, step=300, realisation=5, split="test")
    # Size 1 of 3, level 1 of 2, realisation 1 of 2, split 1 of 2, counted in the order of the axes.
    assert cell.n_correct == (1 * 8 + 1 * 4 + 1 * 2 + 1) % 20
    assert cell.accuracy == cell.n_correct / 20
    assert (cell.kappa, cell.alpha_bar, cell.n_parameters, cell.n_classes) == (2.0, 0.2, 80, 7)


def test_every_variable_says_what_it_is_and_in_which_unit():
    curves = np.ones((3, 2, 2, 5))
    run = run_files.with_learning_curves(run_file(), curves, np.full((3, 2, 2), 5))
    cost = run_files.cost_file(axes(), np.ones((3, 2, 2)), of="it", title="", cpu_model="none")
    for data in (run, cost):
        for name, variable in data.variables.items():
            if variable.dtype.kind in "if":
                assert {"long_name", "units"} == set(variable.attrs), name
    assert (run["size"].long_name, cost.cpu_seconds.units) == ("channels", "s")


def test_integers_are_those_that_the_files_have_always_had():
    run = run_files.with_stop_reasons(run_file(), np.zeros((3, 2, 2)), ["max_iter", "tol"])
    run = run_files.with_learning_curves(run, np.ones((3, 2, 2, 5)), np.ones((3, 2, 2)))
    expected = {
        "n_correct": np.int64, "n_samples": np.int64, "n_classes": np.int64,
        "n_parameters": np.int64, "size": np.int32, "step": np.int32, "realisation": np.int32,
        "epochs": np.int32, "epoch": np.int32, "stop_reason": np.int8,
    }  # fmt: skip
    assert {name: run[name].dtype for name in expected} == expected


def test_learning_curves_end_where_their_epochs_say():
    epochs = np.array([3, 1, 5])[:, None, None] * np.ones((3, 2, 2), int)
    epoch = np.arange(1, 6)
    curves = np.where(epoch <= epochs[..., None], 1 / epoch, np.nan)
    run = run_files.with_learning_curves(run_file(), curves, epochs)
    np.testing.assert_array_equal(run.epochs.squeeze(), epochs)
    np.testing.assert_allclose(run.final_loss.squeeze(), 1 / epochs)
    assert (run.loss_curve.notnull().sum("epoch") == run.epochs).all()


def test_files_of_parts_join_to_the_file_of_the_whole():
    parts = [run_file().sel(realisation=[r]) for r in (5, 3)]
    xr.testing.assert_equal(aggregate(parts), run_file().sortby("size"))
    assert aggregate(parts).attrs["protocol"] == TRAINED_AT_EACH_LEVEL


def test_cost_of_a_training_on_clean_data_has_no_levels():
    clean = axes(steps=(), kappa=(), alpha_bar=())
    cost = run_files.cost_file(clean, np.ones((3, 2)), of="training", title="", cpu_model="none")
    assert cost.training_seconds.dims == ("dataset", "model", "size", "realisation")
    assert not {"step", "kappa"} & set(cost.variables)
    levels = run_files.cost_file(
        axes(), np.ones((3, 2, 2)), of="evaluation", title="", cpu_model="none"
    )
    joined = aggregate([levels, cost])
    assert {"cpu_seconds", "training_seconds"} == set(joined)
