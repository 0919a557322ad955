"""Networks against the information limit: equal, a known factor away, or flagged."""

import numpy as np
import pytest
import xarray as xr
from run_cubes import LEVELS, SCHEDULE, SIZES, limit_cube, spaced, transition_cube

from netphase.information.comparison import ENDS, compare_limits
from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import ladders
from netphase.transitions.fits import STATUS
from netphase.transitions.model_selection import fit_families

HERE = {"dataset": 0, "ladder": 0}
SAME = transition_cube(realisations=10, gamma=0.0, width=3.0, plateau=1.0)


def compare(runs, kappa_c=6.0, width=3.0, **changes):
    """Limits of half point 6 and width 3, from accuracy 1 to chance, as SAME has them."""
    limits = limit_cube(runs, kappa_c, width, **changes)
    pooled = fit_families(runs, SCHEDULE, families=("hill",))[0]
    return compare_limits(runs, pooled, limits)


def inside(compared, name, truth):
    """Share of the intervals that hold the truth."""
    low, high = (compared[f"{name}{end}"] for end in ("_low", "_high"))
    return float(((low <= truth) & (truth <= high)).mean())


def test_networks_that_are_the_limit_reach_all_of_it():
    compared = compare(SAME).isel(HERE)
    for name in ("kappa_c_ratio", "width_ratio"):
        np.testing.assert_allclose(compared[name], 1, atol=0.1)
        assert inside(compared, name, 1) >= 0.85
    share = compared.share.where(compared.kappa < 20)
    np.testing.assert_allclose(share.mean(["size", "step"]), 1, atol=0.01)
    np.testing.assert_allclose(compared.kappa_c, 6, rtol=1e-3)
    np.testing.assert_allclose(compared.width, 3, rtol=1e-3)
    assert np.all((compared.kappa_c_low < 6) & (compared.kappa_c_high > 6))


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_a_limit_moved_by_a_factor_gives_its_inverse(factor):
    same, moved = (compare(SAME, kappa_c).isel(HERE) for kappa_c in (6.0, 6.0 * factor))
    np.testing.assert_allclose(moved.kappa_c_ratio, same.kappa_c_ratio / factor, rtol=1e-3)
    np.testing.assert_allclose(moved.width_ratio, same.width_ratio, rtol=1e-2)
    assert inside(moved, "kappa_c_ratio", 1 / factor) >= 0.85
    wide = compare(SAME, width=3.0 * factor).isel(HERE)
    np.testing.assert_allclose(wide.width_ratio, same.width_ratio / factor, rtol=1e-3)


def test_both_errors_add_as_squares_of_logarithms():
    runs = SAME.isel(size=[0, 3])
    few = compare(runs, n=1000).isel(HERE)
    exact = compare(runs, n=10**9).isel(HERE)
    networks = exact.kappa_c_ratio_high / exact.kappa_c_ratio
    limit = few.kappa_c / few.kappa_c_low
    both = np.hypot(np.log(networks), np.log(limit))
    np.testing.assert_allclose(np.log(few.kappa_c_ratio_high / few.kappa_c_ratio), both, rtol=0.02)


def test_share_is_that_of_the_height_above_chance():
    half = SAME.copy(deep=True)
    half["accuracy"] = 0.1 + (SAME.accuracy - 0.1) / 2
    half["n_correct"] = (
        np.round(half.accuracy * half.n_samples).astype(int).transpose(*SAME.n_correct.dims)
    )
    full, shared = (compare(cube).isel(HERE).share for cube in (SAME, half))
    np.testing.assert_allclose(shared, full / 2)
    # Where the limit itself is at chance there is nothing to share.
    limit = limit_cube(SAME, 6.0, 3.0).accuracy.sel(reference="oracle").isel(dataset=0)
    hidden = limit - 0.1 <= 3 * np.sqrt(0.09 / 36_000)
    assert hidden.any() and np.all(full.sel(reference="oracle").isnull() == hidden)


def test_limits_without_a_fall_are_flagged():
    limits = limit_cube(SAME, 6.0, 3.0)
    limits.n_correct.loc[{"reference": "kde"}] = 3600
    limits.accuracy.loc[{"reference": "kde"}] = 0.1
    pooled = fit_families(SAME, SCHEDULE, families=("hill",))[0]
    compared = compare_limits(SAME, pooled, limits).isel(HERE)
    assert [list(STATUS)[i] for i in compared.status.values] == ["fitted", "no_fall"]
    kde = compared.sel(reference="kde")
    for name in ("kappa_c", "width", "kappa_c_ratio", "width_ratio"):
        assert all(np.isnan(kde[name + end]).all() for end in ENDS)
    assert kde.share.isnull().all()
    assert np.isfinite(compared.kappa_c_ratio.sel(reference="oracle")).all()


@pytest.mark.parametrize(
    "changes",
    [{"plateau": 0.1}, {"levels": LEVELS[::8]}, {"levels": spaced(0.05, 0.2, 12)}],
    ids=["chance", "three levels", "before the fall"],
)
def test_networks_without_a_half_point_have_no_ratio(changes):
    runs = transition_cube(realisations=2, width=2.0, **changes)
    compared = compare(runs).isel(HERE)
    for name in ("kappa_c_ratio", "width_ratio"):
        assert all(np.isnan(compared[name + end]).all() for end in ENDS)


def test_missing_runs_leave_the_others():
    holes = SAME.copy(deep=True)
    for place in ({"size": 8}, {"size": 16, "realisation": 1}):
        holes.accuracy.loc[place], holes.n_correct.loc[place] = np.nan, -1
    compared, complete = (compare(cube).isel(HERE) for cube in (holes, SAME))
    missing = compared.kappa_c_ratio.isnull()
    assert np.all(missing == (missing["size"] == 8))
    assert np.all(compared.share.sel(size=8).isnull())
    others = {"size": [2, 4, 32, 64, 128]}
    np.testing.assert_allclose(compared.share.sel(others), complete.share.sel(others))


def test_one_realisation_and_one_size_are_enough():
    compared = compare(SAME.isel(realisation=[0], size=[3])).isel(HERE)
    assert compared.kappa_c_ratio_low.max() < 1 < compared.kappa_c_ratio_high.min()


def test_order_does_not_matter():
    rng = np.random.default_rng(0)
    dims = ("size", "step", "realisation")
    shuffled = SAME.isel({dim: rng.permutation(SAME.sizes[dim]) for dim in dims})
    limits = limit_cube(SAME, 5.0, 2.0)
    pooled = fit_families(SAME, SCHEDULE, families=("hill",))[0]
    one = compare_limits(SAME, pooled, limits)
    other = compare_limits(shuffled, pooled, limits.isel(step=rng.permutation(len(LEVELS))))
    xr.testing.assert_allclose(one, other.sortby("step"))


def test_every_data_set_meets_its_own_limit():
    cubes = [
        SAME.isel(realisation=[0, 1]),
        transition_cube(realisations=2, model="wide", sizes=(4, 256), gamma=0.0, kappa_c=3.0),
        transition_cube(realisations=2, dataset="letters", sizes=(4, 8), gamma=0.0, kappa_c=12.0),
    ]
    runs = aggregate(cubes)
    limits = limit_cube(runs, 6.0, 3.0)
    swapped = limits.isel(dataset=[1, 0])
    pooled = fit_families(runs, SCHEDULE, families=("hill",))[0]
    compared = compare_limits(runs, pooled, swapped)
    ratios = {"mlp": 1, "wide": 0.5, "": 2}
    for dataset, names in (("digits", ("mlp", "wide")), ("letters", ("",))):
        found = ladders(compared.sel(dataset=dataset))
        assert tuple(found) == names
        for name in names:
            np.testing.assert_allclose(found[name].kappa_c_ratio, ratios[name], rtol=0.2)
    assert list(ladders(compared.sel(dataset="digits"))["mlp"]["size"].values) == list(SIZES)
