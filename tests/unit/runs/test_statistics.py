"""Statistics over realisations, and the flat floor of a curve."""

import warnings

import numpy as np
import pytest
from run_cubes import KAPPA, run_cube

from netphase.runs.statistics import METRICS, flat_floor, summarise

CUBE = run_cube(realisations=10)


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
