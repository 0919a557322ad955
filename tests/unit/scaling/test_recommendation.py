"""Recommended sizes: recovered from known surfaces, covered by their intervals, or refused."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from run_cubes import KAPPA, counts, run_cube
from scipy.special import expit

from netphase.errors import InputError
from netphase.runs.aggregation import aggregate
from netphase.scaling.recommendation import (
    LEVEL,
    SIZES,
    STATUS,
    SUFFICIENT,
    WANTED,
    choose,
    greatest_fall,
    holm,
    p_of_being_best,
    recommend,
    recommend_at,
)
from netphase.streams import stream
from netphase.transitions.mean_accuracy import draw_means

LADDER = np.array([2, 4, 8, 16, 32, 64, 128])
N_TEST = 2000
CHANCE = 0.1


def surface(kappa, sizes=LADDER):
    """Larger networks have the higher plateau and the earlier fall: the best size shrinks."""
    plateau = 0.95 - 0.9 * sizes**-0.8
    fall = expit(-1.6 * (np.log(kappa)[:, np.newaxis] - 1.6 + 0.18 * np.log2(sizes)))
    return CHANCE + (plateau - CHANCE) * fall


def study(p, kappa, realisations, seed=0):
    """A run cube whose test accuracies are binomial about p (levels, sizes)."""
    cube = run_cube(sizes=LADDER[: p.shape[1]], realisations=realisations, n_test=N_TEST)
    cube = cube.isel(step=slice(len(kappa))).assign_coords(kappa=("step", kappa))
    accuracy = counts(p, realisations, np.random.default_rng(seed)).transpose(1, 0, 2)
    cube.accuracy.loc[{"split": "test"}] = accuracy
    return cube


def only(result):
    return result.isel(dataset=0, ladder=0)


def rng():
    return stream("test of recommendation")


@cache
def studies(realisations, spread):
    """Choices in 60 synthetic studies of 7 levels: truth (420, sizes) and found, one dict each."""
    generator = np.random.default_rng(0)
    truth = np.repeat(surface(np.geomspace(0.1, 10, 7)), 60, axis=0)
    accuracy = counts(truth, realisations, generator, spread)
    mean, se, draws = draw_means(accuracy, N_TEST, 1000, generator)
    # Wanted accuracies that lie one standard error beside a true one are the hardest to decide.
    wanted = truth[:, 2:4] + np.array([-1, 1]) * np.sqrt(0.25 / N_TEST / realisations)
    found = [
        choose(LADDER, mean[i], se[i], draws[:, i], CHANCE, realisations, wanted[i])
        for i in range(len(truth))
    ]
    return truth, wanted, found


def test_known_best_size_is_recovered_at_every_kappa():
    kappa = np.geomspace(0.1, 10, 7)
    p = surface(kappa)
    best = LADDER[p.argmax(axis=1)]
    assert np.unique(best).size >= 5 and np.all(np.diff(best) <= 0)
    found = only(recommend(study(p, kappa, realisations=10), rng()))
    assert np.all((found.best_low <= best) & (best <= found.best_high))
    # What is chosen is at most two standard errors of a difference worse than the best.
    lost = p.max(axis=1) - p[np.arange(7), np.searchsorted(LADDER, found.best)]
    assert np.all(lost < 2 * np.sqrt(2) * found.best_accuracy_se)
    assert np.all(found.one_se <= found.best) and np.all(found.status == 0)
    assert np.mean(np.log2(found.best_high / found.best_low)) < 1.5


@pytest.mark.parametrize(
    ("realisations", "spread"), [(1, 0.0), (2, 0.0), (2, 1.0), (3, 1.0), (10, 0.0), (10, 1.4)]
)
def test_interval_of_the_best_size_covers(realisations, spread):
    truth, wanted, found = studies(realisations, spread)
    best = LADDER[truth.argmax(axis=1)]
    low, high = (np.array([one[f"best_{end}"] for one in found]) for end in ("low", "high"))
    hits = (low <= best) & (best <= high)
    assert np.isfinite(low).all()
    assert hits.mean() >= 0.95
    assert hits.reshape(7, 60).mean(axis=1).min() >= 0.9
    # It covers by being right, not by being the whole ladder.
    assert np.mean(np.log2(high / low) + 1) < 4


@pytest.mark.parametrize(("realisations", "spread"), [(1, 0.0), (2, 1.0), (10, 0.0), (10, 1.4)])
def test_interval_of_the_sufficient_size_covers(realisations, spread):
    truth, wanted, found = studies(realisations, spread)
    reached = truth[:, np.newaxis, :] >= wanted[..., np.newaxis]
    size = np.where(reached.any(axis=2), LADDER[reached.argmax(axis=2)], np.inf)
    low, high = (np.array([one[f"sufficient_{end}"] for one in found]) for end in ("low", "high"))
    hits = (low <= size) & (size <= high)
    assert hits.mean() >= 0.95
    # At the first level, where accuracy rises with size, it is two or three sizes wide.
    assert np.mean(np.log2(high[:60] / low[:60])) < 1.5
    # Each end alone errs in at most 2.5 %; four standard errors of 840 trials are 2.2 %.
    assert np.mean(size < low) <= 0.047 and np.mean(high < size) <= 0.047


@pytest.mark.parametrize(("realisations", "spread"), [(2, 1.0), (10, 0.0), (10, 1.4)])
def test_interval_of_the_one_standard_error_size_covers(realisations, spread):
    truth, wanted, found = studies(realisations, spread)
    best = truth.max(axis=1)
    error = np.sqrt((1 + spread**2) * best * (1 - best) / N_TEST / realisations)
    size = LADDER[(truth >= (best - error)[:, np.newaxis]).argmax(axis=1)]
    low, high = (np.array([one[f"one_se_{end}"] for one in found]) for end in ("low", "high"))
    assert np.mean((low <= size) & (size <= high)) >= 0.95


@pytest.mark.parametrize("realisations", [2, 10])
def test_levels_are_kept_where_all_sizes_are_alike(realisations):
    """Any of seven equal sizes is kept in 95 %, and no fall is seen in 95 %: the hardest case."""
    generator = np.random.default_rng(1)
    accuracy = counts(np.full((600, 7), 0.6), realisations, generator)
    mean, _, draws = draw_means(accuracy, N_TEST, 1000, generator)
    kept = [p_of_being_best(mean[i], draws[:, i])[i % 7] > LEVEL for i in range(600)]
    calm = [greatest_fall(mean[i], draws[:, i])[2] > LEVEL for i in range(600)]
    for share in (np.mean(kept), np.mean(calm)):
        assert 0.92 <= share <= (1 if realisations == 2 else 0.975)


@given(arrays(float, st.integers(2, 8), elements=st.floats(0.05, 0.95)), st.floats(0.001, 0.1))
def test_estimates_lie_in_their_intervals(mean, error):
    draws = mean + error * np.random.default_rng(0).standard_normal((200, mean.size))
    sizes = 2 ** np.arange(mean.size)
    wanted = np.array([0.2, 0.5, 0.9])
    found = choose(sizes, mean, np.full(mean.size, error), draws, 0.01, 2, wanted)
    for name in SIZES:
        value, low, high = (found[f"{name}{end}"] for end in ("", "_low", "_high"))
        value = np.where(np.isnan(value), np.inf, value) if name == "sufficient" else value
        if found["status"] == 0 or name == "sufficient":
            assert np.all((low <= value) & (value <= high))
    # A higher demand never takes a smaller size.
    for end in ("_low", "_high"):
        assert np.all(np.diff(np.nan_to_num(found[f"sufficient{end}"], posinf=1e9)) >= 0)


def test_sharp_means_are_read_off_exactly():
    mean = np.array([0.5, 0.7, 0.895, 0.9, 0.8])
    sizes, se = 2 ** np.arange(1, 6), np.full(5, 0.006)
    draws = mean + 1e-6 * np.random.default_rng(0).standard_normal((500, 5))
    found = choose(sizes, mean, se, draws, 0.1, 10, [0.05, 0.7, 0.71, 0.9, 0.95])
    assert (found["best"], found["best_low"], found["best_high"]) == (16, 16, 16)
    assert (found["one_se"], found["one_se_low"]) == (8, 8)
    assert (found["fall_from"], found["fall_to"]) == (16, 32)
    assert found["fall"] == pytest.approx(0.1) and found["fall_p"] == pytest.approx(1 / 501)
    np.testing.assert_array_equal(found["sufficient"], [np.nan, 4, 8, 16, np.nan])
    status = [SUFFICIENT[i] for i in found["sufficient_status"]]
    assert status == ["not_above_chance", *3 * ["reached"], "surely_none_reaches"]
    assert found["sufficient_low"][4] == np.inf == found["sufficient_high"][4]


def test_none_that_reaches_is_told_from_none_that_surely_does():
    mean, draws = np.array([0.5, 0.6]), np.random.default_rng(0).normal([0.5, 0.6], 0.01, (500, 2))
    found = choose([2, 4], mean, np.full(2, 0.01), draws, 0.1, 10, [0.605, 0.7])
    assert [SUFFICIENT[i] for i in found["sufficient_status"]] == [
        "none_reaches",
        "surely_none_reaches",
    ]
    assert np.isnan(found["sufficient"]).all()
    np.testing.assert_array_equal(found["sufficient_low"], [4, np.inf])
    np.testing.assert_array_equal(found["sufficient_high"], [np.inf, np.inf])


def test_holm_is_the_closed_test_of_bonferroni():
    """Corrected p of a hypothesis = largest Bonferroni p of the sets that contain it."""
    p = np.random.default_rng(5).uniform(0, 0.4, 5)
    sets = [[i for i in range(5) if code >> i & 1] for code in range(1, 32)]
    for i, corrected in enumerate(holm([*p, np.nan])[:5]):
        bonferroni = [min(1, len(some) * min(p[some])) for some in sets if i in some]
        assert corrected == pytest.approx(max(bonferroni))
    assert np.isnan(holm([0.1, np.nan])[1])


FALLING = only(recommend(study(surface(KAPPA), KAPPA, realisations=5), rng()))
RISING = only(recommend(run_cube(n_test=N_TEST, realisations=5), rng()))


def test_falling_accuracy_is_reported_where_it_falls():
    p = surface(KAPPA)
    deepest = np.max([p[:, i] - p[:, j] for i in range(7) for j in range(i + 1, 7)], axis=0)
    falls = (FALLING.fall_p_holm < LEVEL).values
    assert np.all(falls[deepest > 0.05]) and not np.any(falls[deepest < 1e-3])
    assert np.all(FALLING.fall_from < FALLING.fall_to)
    assert np.all(RISING.fall_p_holm > LEVEL)


def test_spread_says_what_the_fall_does_to_the_collapse():
    # All curves of RISING are one when scaled; those of FALLING have half points a factor 3 apart.
    assert np.all(RISING.spread_p > 0.01)
    kappa_c = np.flatnonzero(KAPPA == 3.8992)[0]
    p = surface(KAPPA)
    scaled = (p - p.min(axis=0)) / np.ptp(p, axis=0)
    assert FALLING.spread[kappa_c] == pytest.approx(np.ptp(scaled[kappa_c]), abs=0.03)
    assert FALLING.spread_p[kappa_c] < 0.005
    best = np.maximum.accumulate(p, axis=1)
    scaled = (best - best.min(axis=0)) / np.ptp(best, axis=0)
    assert FALLING.spread_if_rising[kappa_c] == pytest.approx(np.ptp(scaled[kappa_c]), abs=0.03)
    assert FALLING.spread_if_rising[kappa_c] < 0.75 * FALLING.spread[kappa_c]


def test_between_levels_accuracy_is_interpolated_in_ln_kappa():
    kappa = np.sqrt(KAPPA[2] * KAPPA[3])
    middle = (FALLING.mean_accuracy[2] + FALLING.mean_accuracy[3]) / 2
    found = recommend_at(FALLING, kappa, [float(middle[3]) - 1e-9, float(middle.max()) + 1e-9])
    best = int(middle.argmax("size"))
    assert found["best"] == LADDER[best]
    assert found["best_accuracy"] == pytest.approx(float(middle.max()))
    variance = np.sum(FALLING.se_accuracy[2:4, best] ** 2) / 4
    assert found["best_accuracy_se"] == pytest.approx(float(np.sqrt(variance)))
    assert found["sufficient"][0] <= 16 and np.isnan(found["sufficient"][1])


def test_at_a_level_the_stored_recommendation_returns():
    for i, kappa in enumerate(KAPPA):
        found = recommend_at(FALLING, kappa, WANTED)
        for name, value in found.items():
            np.testing.assert_array_equal(FALLING[name][i], value, err_msg=name)


def test_below_the_first_noise_lies_the_clean_image():
    clean = KAPPA - KAPPA[0]
    found = only(recommend(study(surface(np.maximum(clean, 1e-6)), clean, realisations=3), rng()))
    half = recommend_at(found, clean[1] / 2, [])
    assert half["best_accuracy"] == pytest.approx(float(found.mean_accuracy[:2].mean("step").max()))
    assert np.isnan(found.spread[0]) and np.isnan(found.spread_p[0])
    with pytest.raises(InputError, match="KAPPA=1e\\+09 lies outside"):
        recommend_at(found, 1e9, [])


def test_single_realisation_one_size_and_chance_are_flagged():
    single = only(recommend(study(surface(KAPPA), KAPPA, realisations=1), rng()))
    assert STATUS[int(single.status[0])] == "single_realisation" and single.best_high[0] == 128
    alone = only(recommend(study(surface(KAPPA)[:, :1], KAPPA, realisations=4), rng()))
    assert {STATUS[i] for i in alone.status.values} == {"one_size"}
    assert np.isnan(alone.best).all() and np.isnan(alone.fall).all()
    assert alone.sufficient.sel(wanted=0.4)[0] == 2
    chance = only(recommend(study(np.full((11, 7), 0.1), KAPPA, realisations=4), rng()))
    assert np.sum(chance.status == STATUS.index("at_chance")) >= 9
    assert np.isnan(chance.best[chance.status > 0]).all()
    assert np.all(chance.sufficient_status.sel(wanted=0.5) == 2)


def test_constant_accuracies_do_not_crash():
    """Zero variance and perfect scores leave the binomial error of a few images."""
    cube = study(np.ones((11, 7)), KAPPA, realisations=3)
    found = only(recommend(cube, rng()))
    assert np.all(found.se_accuracy > 0) and np.all(found.best_low == 2)
    assert np.all(found.best == 2) and np.all(found.best_high == 128)
    assert np.isnan(found.spread).all() and np.isnan(found.spread_p).all()


def test_level_without_runs_is_flagged_and_the_others_stand():
    cube = study(surface(KAPPA), KAPPA, realisations=3)
    cube.accuracy[{"step": 4}] = np.nan
    cube.accuracy[{"step": 2, "size": 3}] = np.nan
    found = only(recommend(cube, rng()))
    assert STATUS[int(found.status[4])] == "no_runs" and found.n_realisations[4] == 0
    assert np.all(found.sufficient_status[4] == SUFFICIENT.index("no_runs"))
    assert np.isnan(found.fall_p_holm[4]) and found.best[2].item() in {2, 4, 8, 32, 64, 128}
    between = recommend_at(found, KAPPA[4] * 1.1, [0.5])
    assert STATUS[between["status"]] == "no_runs" and np.isnan(between["sufficient"])


def test_data_sets_and_models_are_judged_apart(tmp_path):
    here = study(surface(KAPPA), KAPPA, realisations=2)
    there = run_cube(sizes=(4, 8), dataset="other", realisations=3).assign_coords(
        n_classes=("dataset", [47])
    )
    rival = run_cube(sizes=(8, 256), model="rival", realisations=2, n_test=N_TEST)
    both = recommend(aggregate([here, there, rival]), rng())
    assert list(both.dataset.values) == ["digits", "other"]
    # The other data set has one model only, and no need of a name for its ladder.
    assert list(both.ladder.values) == ["", "mlp", "rival"]
    lonely = both.sel(dataset="other", ladder="rival")
    assert np.all(lonely.status == STATUS.index("no_runs"))
    assert set(both.sel(dataset="digits", ladder="rival").best.dropna("step").values) <= {8, 256}
    other = both.sel(dataset="other", ladder="")
    assert set(other.best.dropna("step").values) <= {4, 8} and other.n_classes == 47
    both.to_netcdf(tmp_path / "both.nc")
    assert xr.load_dataset(tmp_path / "both.nc").identical(both)


def test_same_stream_same_recommendation():
    cube = run_cube(realisations=2)
    assert recommend(cube, rng()).identical(recommend(cube, rng()))
