"""The family of a ladder: chosen for all its sizes, recovered from known curves, or flagged."""

import numpy as np
import pytest
import xarray as xr
from run_cubes import LEVELS, SCHEDULE, SIZES, spaced, transition_cube

from netphase.noise import schedule
from netphase.runs.aggregation import aggregate, ladders
from netphase.transitions import curves
from netphase.transitions.fits import STATUS
from netphase.transitions.model_selection import choose_family, controls, fit_families

CUBE = transition_cube(drift=0.1)
POOLED, SINGLE = fit_families(CUBE, SCHEDULE)
HERE = {"dataset": 0, "ladder": 0}


def outcomes(fits):
    return {list(STATUS)[code] for code in np.unique(fits.status.values)}


def void(fits):
    """Whether every number of fits that are at chance or too short is missing."""
    void = fits.status.isin([1, 2])
    names = [name for name, values in fits.items() if "half_point" in name or "width" in name]
    return bool(fits[names].where(void).isnull().all().to_array().all())


def test_the_control_parameter_has_every_coordinate_of_its_schedule():
    steps = [level.step for level in LEVELS]
    kappa = xr.DataArray([level.kappa for level in LEVELS], {"step": steps}, "step")
    u = controls(kappa, SCHEDULE)
    np.testing.assert_array_equal(u.t, steps)
    np.testing.assert_array_equal(u.kappa, kappa)
    np.testing.assert_allclose(np.exp(u.ln_kappa), u.kappa)
    np.testing.assert_allclose(2**u.log2_t, u.t)
    np.testing.assert_allclose(u.beta, 1e-4 + (0.02 - 1e-4) * u.t / 3000)
    clean = controls(kappa * (kappa > 1), SCHEDULE)
    for name in curves.COORDINATES:
        np.testing.assert_array_equal(clean[name] == -np.inf, kappa <= 1)


@pytest.mark.parametrize("family", ["hill", "probit", "inv_weibull"])
def test_the_family_of_the_curves_is_quoted(family):
    cube = transition_cube(family=family, seed=3)
    for seed in range(3):
        cube = transition_cube(family=family, seed=seed, sizes=SIZES[2:], realisations=5)
        pooled = fit_families(cube, SCHEDULE)[0].isel(HERE)
        assert pooled.quoted == family and pooled.n_compared == 5
        assert pooled.ladder_weight.sel(family=family) > 0.95
        assert pooled.summed_aicc.idxmin() == family
        assert pooled.ladder_weight.sum() == pytest.approx(1)


def test_known_curves_are_recovered_within_their_intervals():
    pooled = POOLED.isel(HERE).sel(family="hill")
    size = pooled["size"] / 2
    truths = {"half_point": np.log(6 * size**0.1), "width": 4 * size**-0.2}
    for name, truth in truths.items():
        inside = (pooled[f"{name}_low"] < truth) & (truth < pooled[f"{name}_high"])
        assert inside.sum() >= 6
    plateau = np.interp(np.log2(SIZES), [1, 4], [0.5, 0.97])
    assert np.all(np.abs(pooled.plateau - plateau) < 4 * pooled.plateau_se)
    single = SINGLE.isel(HERE).sel(family="hill")
    for name, truth in truths.items():
        inside = (single[f"{name}_low"] < truth) & (truth < single[f"{name}_high"])
        assert 0.88 < inside.mean() <= 1


def test_the_summed_criterion_counts_the_sizes_that_every_family_fits():
    pooled = POOLED.isel(HERE)
    np.testing.assert_allclose(pooled.summed_aicc, pooled.aicc.sum("size"))
    broken = pooled.copy(deep=True)
    broken.status[{"size": 2, "family": 1}] = 4
    chosen = choose_family(broken)
    assert chosen.n_compared == len(SIZES) - 1
    others = np.delete(np.arange(len(SIZES)), 2)
    np.testing.assert_allclose(chosen.summed_aicc, pooled.aicc.isel(size=others).sum("size"))


def test_a_family_in_another_coordinate_is_compared_but_not_quoted():
    pooled = POOLED.isel(HERE).copy(deep=True)
    pooled.aicc[{"family": 3}] -= 1e6
    chosen = choose_family(pooled)
    assert chosen.ladder_weight.sel(family="logistic_t") == 1
    assert chosen.quoted == "hill"


def test_clean_levels_are_part_of_the_fit():
    levels = schedule.levels((-1, *(level.step for level in LEVELS)), **SCHEDULE)
    cube = transition_cube(sizes=(2, 16), levels=levels, realisations=5)
    pooled = fit_families(cube, SCHEDULE)[0].isel(HERE)
    assert outcomes(pooled) == {"fitted"} and np.all(pooled.n_points == 5 * len(levels))
    without = fit_families(cube.isel(step=slice(1, None)), SCHEDULE)[0].isel(HERE)
    assert np.all(pooled.plateau_se.sel(family="hill") < without.plateau_se.sel(family="hill"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"plateau": 0.1}, {"no_fall"}),
        ({"levels": spaced(0.05, 0.2, 12), "width": 2.0}, {"no_fall"}),
        ({"levels": LEVELS[::8]}, {"too_few_levels"}),
    ],
    ids=["at chance", "before the fall", "three levels"],
)
def test_ladders_that_cannot_be_fitted_are_flagged(changes, expected):
    for fits in fit_families(transition_cube(realisations=3, **changes), SCHEDULE):
        assert outcomes(fits) == expected and void(fits)
    pooled = fit_families(transition_cube(realisations=3, **changes), SCHEDULE)[0].isel(HERE)
    # Nothing decides: the first family is quoted, without a weight.
    assert pooled.quoted == "hill" and pooled.n_compared == 0
    assert np.isnan(pooled.ladder_weight).all() and np.isnan(pooled.summed_aicc).all()


def test_levels_that_end_before_the_half_point_do_not_hold_it():
    """Where a fit finds a fall nevertheless, its interval leaves the levels."""
    cube = transition_cube(levels=spaced(0.05, 3, 14), realisations=5, width=2.0, gamma=0.0)
    pooled = fit_families(cube, SCHEDULE)[0].isel(HERE).sel(family="hill")
    assert np.sum(pooled.status == list(STATUS).index("unresolved")) >= 4
    assert not np.any(pooled.half_point_high < np.log(3))


def test_missing_networks_are_flagged_and_the_others_stand():
    cube = transition_cube(realisations=3)
    holes = cube.copy(deep=True)
    for place in ({"size": 8}, {"size": 16, "realisation": 1}, {"size": 32, "step": 54}):
        holes.n_correct.loc[place] = -1
    pooled, single = fit_families(holes, SCHEDULE, families=("hill",))
    complete, each = fit_families(cube, SCHEDULE, families=("hill",))
    assert outcomes(pooled.sel(size=8)) == {"too_few_levels"} and void(pooled)
    assert outcomes(single.sel(size=16, realisation=1)) == {"too_few_levels"}
    assert list(pooled.n_points.sel(size=[2, 8, 16, 32]).values.ravel()) == [72, 0, 48, 69]
    untouched = [2, 4, 64, 128]
    xr.testing.assert_allclose(single.sel(size=untouched), each.sel(size=untouched))
    np.testing.assert_allclose(
        pooled.half_point.sel(size=untouched), complete.half_point.sel(size=untouched)
    )


def test_the_order_of_the_runs_does_not_matter():
    cube = transition_cube(realisations=3)
    rng = np.random.default_rng(0)
    order = {dim: rng.permutation(cube.sizes[dim]) for dim in ("size", "step", "realisation")}
    for one, other in zip(
        fit_families(cube, SCHEDULE), fit_families(cube.isel(order), SCHEDULE), strict=True
    ):
        xr.testing.assert_allclose(one, other.sortby([d for d in order if d in other.dims]))


def test_data_sets_and_models_are_fitted_apart():
    cubes = [
        transition_cube(realisations=2),
        transition_cube(realisations=2, model="wide", sizes=(4, 256), family="probit", seed=1),
        transition_cube(realisations=2, dataset="letters", model="wide", sizes=(4, 8), seed=2),
    ]
    joined = fit_families(aggregate(cubes), SCHEDULE)
    places = (("digits", "mlp"), ("digits", "wide"), ("letters", ""))
    for cube, (dataset, name) in zip(cubes, places, strict=True):
        for alone, together in zip(fit_families(cube, SCHEDULE), joined, strict=True):
            own = ladders(together.sel(dataset=dataset))[name]
            np.testing.assert_array_equal(own["size"], cube["size"])
            for variable in ("half_point", "width_high", "status", "n_points"):
                np.testing.assert_array_equal(own[variable], alone.isel(HERE)[variable])
    lonely = joined[0].sel(dataset="letters", ladder="wide")
    assert np.all(lonely.status == 1) and np.all(lonely.n_points == 0) and void(lonely)
