"""Scaling of transition point and width: known exponents recovered, hidden ones flagged."""

import numpy as np
import pytest
import xarray as xr
from run_cubes import LEVELS, SCHEDULE, SIZES, spaced, transition_cube

from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import ladders
from netphase.scaling import power_laws
from netphase.scaling.exponents import (
    bootstrap_intervals,
    fit_exponents,
    moderated_mean,
    size_table,
)
from netphase.statistics.means import size_means
from netphase.streams import stream
from netphase.transitions import curves, fits, widths
from netphase.transitions.model_selection import fit_families

HERE = {"dataset": 0, "ladder": 0}
GAMMA, DRIFT = 0.2, 0.1
WIDTH = 4 * (np.array(SIZES) / 2) ** -GAMMA
KAPPA_C = 6 * (np.array(SIZES) / 2) ** DRIFT


def exponents(runs):
    """Of the hill family only, one data set and one ladder."""
    return fit_exponents(runs, *fit_families(runs, SCHEDULE, families=("hill",))).isel(HERE)


def reasons(found, quantity="width"):
    return [power_laws.REASONS[i] for i in found.reason.sel(quantity=quantity).values]


def mean_reasons(found, quantity="width"):
    return [list(widths.REASONS)[i] for i in found.mean_reason.sel(quantity=quantity).values]


def table_of(found):
    resampled = found.assign(bootstrap_low=found.low, bootstrap_high=found.high)
    return size_table(resampled.expand_dims(["dataset", "ladder"]))


def without(runs, **place):
    """The runs without those of a place, as the run cube marks them."""
    runs = runs.copy(deep=True)
    runs.accuracy.loc[place], runs.n_correct.loc[place] = np.nan, -1
    return runs


CUBE = transition_cube(realisations=5, gamma=GAMMA, drift=DRIFT)
POOLED, SINGLE = fit_families(CUBE, SCHEDULE)
FOUND = fit_exponents(CUBE, POOLED, SINGLE).isel(HERE)


def test_a_known_study_is_recovered_within_its_intervals():
    for quantity, gamma, truth in (("width", GAMMA, WIDTH), ("kappa_c", -DRIFT, KAPPA_C)):
        one = FOUND.sel(quantity=quantity)
        pure = one.sel(law="pure")
        assert pure.gamma_low <= gamma <= pure.gamma_high
        assert pure.gamma_high - pure.gamma_low < 0.1
        for low, high in ((one.low, one.high), (one.profile_low, one.profile_high)):
            assert np.sum((low <= truth) & (truth <= high)) >= 6
        assert np.all(one.reason == 0) and np.all(one.n_fitted == 5)
        assert np.all(one.low < one.value) and np.all(one.value < one.high)
    assert FOUND.quoted == "hill" and FOUND.n_sizes.sel(quantity="width") == 7
    assert FOUND.span_decades.sel(quantity="width") == pytest.approx(np.log10(64))


def law_of(log_values, errors):
    """Weighted power law of the mean logarithms with moderated errors, in other words."""
    means = size_means(log_values, errors)
    squares = (means.n - 1) * means.variance + 2 * means.sampling_variance
    se = np.sqrt(squares / (means.n + 1) / means.n)
    return power_laws.weighted_power_law(SIZES, means.mean, se)


def test_the_exponents_are_those_of_fits_of_single_realisations():
    """The other road: their mean logarithms, and a weighted power law through these."""
    single = SINGLE.isel(HERE).sel(family="hill").transpose("size", "realisation")
    laws = {
        "width": law_of(np.log(single.width.values), (single.width_se / single.width).values),
        "kappa_c": law_of(single.half_point.values, single.half_point_se.values),
    }
    for quantity, law in laws.items():
        pure = FOUND.sel(law="pure", quantity=quantity)
        for name in ("gamma", "gamma_se", "b", "chi2"):
            assert float(pure[name]) == pytest.approx(float(getattr(law, name)))


@pytest.mark.slow
@pytest.mark.parametrize("realisations", [2, 3, 10])
@pytest.mark.parametrize("scatter", [0.0, 0.1, 0.25])
def test_intervals_of_the_exponents_cover(realisations, scatter):
    """400 studies at eleven levels, whose realisations scatter by up to three errors of a fit."""
    rng = stream("test", what="coverage", realisations=realisations, scatter=str(scatter))
    u, shape = np.log(np.geomspace(0.1, 1000, 11)), (400, len(SIZES), realisations, 1)
    width = (4 * (np.array(SIZES) / 2) ** -GAMMA)[:, np.newaxis, np.newaxis]
    slope = curves.width("hill", 1.0) / (width * np.exp(scatter * rng.standard_normal(shape)))
    centre = 1 + scatter * rng.standard_normal(shape)
    k = rng.binomial(360, curves.curve("hill", u, 0.9, 0.1, centre, slope)).astype(float)
    single = fits.fit_curves("hill", u, k[..., np.newaxis], 360.0)
    there = single["status"] == fits.FITTED
    assert np.mean(there) > 0.98
    for gamma, values, errors in (
        (GAMMA, single["width"], single["width_se"] / single["width"]),
        (0.0, np.exp(single["half_point"]), single["half_point_se"]),
    ):
        mean = moderated_mean(np.where(there, values, np.nan), errors)
        law = power_laws.weighted_power_law(SIZES, mean.mean, mean.se)
        covered = np.mean((law.low <= gamma) & (gamma <= law.high))
        # Two standard errors of a share of 400.
        assert 0.87 <= covered <= 0.999
        assert np.mean(law.gamma) == pytest.approx(gamma, abs=0.006)


def test_scatter_between_realisations_is_told_from_that_of_the_fits():
    wide = exponents(transition_cube(realisations=20, scatter=0.3, seed=1)).sel(quantity="width")
    assert wide.between_variance.mean() == pytest.approx(0.09, rel=0.3)
    same = exponents(transition_cube(realisations=20, seed=1)).sel(quantity="width")
    assert same.between_variance.mean() < 0.5 * same.sampling_variance.mean() < 0.002
    pure = wide.sel(law="pure")
    assert pure.gamma_low <= GAMMA <= pure.gamma_high


def test_the_curve_of_the_largest_size_is_predicted_from_the_smaller_ones():
    width, half_point = WIDTH[-1], np.log(KAPPA_C[-1])
    slope = curves.width("hill", 1.0) / width
    truth = curves.curve("hill", np.log(FOUND.kappa.values), 1, 0, half_point, slope)
    pure = FOUND.sel(predictor="pure")
    assert np.abs(pure.curve - truth).max() < 0.05
    band = (pure.curve_low - 1e-9 <= truth) & (truth <= pure.curve_high + 1e-9)
    assert band.mean() > 0.9
    assert pure.curve_rms < FOUND.curve_rms.sel(predictor="null") / 1.5
    for quantity, value in (("width", np.log(width)), ("kappa_c", half_point)):
        one = pure.sel(quantity=quantity)
        assert one.predicted_low <= value <= one.predicted_high
    # The largest size is no part of its own prediction.
    changed = CUBE.copy(deep=True)
    for name in ("accuracy", "n_correct"):
        changed[name].loc[{"size": 128}] = CUBE[name].sel(size=64).values
    again = fit_exponents(changed, *fit_families(changed, SCHEDULE, ("hill",))).isel(HERE)
    np.testing.assert_allclose(again.curve, FOUND.curve)


def test_exact_laws_predict_exactly():
    """Counts without noise of many images: the measured curve is the predicted one."""
    cube = transition_cube(realisations=2, gamma=GAMMA, drift=DRIFT, n_test=10**9, plateau=0.9)
    one = exponents(cube)
    np.testing.assert_allclose(one.value.sel(quantity="width"), WIDTH, rtol=1e-3)
    np.testing.assert_allclose(one.value.sel(quantity="kappa_c"), KAPPA_C, rtol=1e-3)
    assert float(one.gamma.sel(quantity="width", law="pure")) == pytest.approx(GAMMA, abs=1e-3)
    assert one.curve_rms.sel(predictor="pure") < 1e-3


def test_a_single_realisation_has_values_but_no_exponent():
    one = exponents(CUBE.isel(realisation=[0]))
    assert set(reasons(one)) == {"no_error"} and set(mean_reasons(one)) == {"single_realisation"}
    assert np.isfinite(one.value).all() and np.isnan(one.low).all()
    width = one.sel(quantity="width")
    assert np.all(width.profile_low < width.value) and np.all(width.value < width.profile_high)
    flagged(one)


def flagged(found, quantity="width"):
    """No law of the width has a number, and each has a reason."""
    one = found.sel(quantity=quantity)
    assert np.isnan(one[["gamma", "gamma_low", "gamma_high", "nu"]].to_array()).all()
    assert np.all(one.status != power_laws.FITTED)
    assert np.isnan(one.tail_gamma).all() and np.isnan(found.curve_rms.sel(predictor="pure"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"plateau": 0.1}, "near_chance"),
        ({"levels": spaced(0.05, 0.2, 12), "width": 2.0}, "near_chance"),
        ({"levels": spaced(200, 1700, 12), "width": 2.0}, "near_chance"),
        ({"levels": LEVELS[::8]}, "no_value"),
        ({"levels": spaced(0.05, 5, 14)}, "no_value"),
        ({"levels": spaced(0.05, 5, 14), "realisations": 10, "seed": 5}, "no_value"),
    ],
    ids=[
        "chance",
        "before the fall",
        "behind the fall",
        "three levels",
        "no floor",
        "no floor, 10",
    ],
)
def test_curves_that_hide_their_fall_have_no_exponent(changes, reason):
    found = exponents(transition_cube(**{"realisations": 3, "n_test": 400} | changes))
    flagged(found)
    assert reasons(found).count(reason) >= 5 and "used" not in reasons(found)[1:3]
    hidden = found.reason.sel(quantity="width") != power_laws.USED
    assert np.isnan(found.value.where(hidden)).all()
    table = table_of(found)
    assert np.sum(table.left_out == reason) >= 10


def test_realisations_without_any_scatter_are_no_certainty():
    same = CUBE.copy(deep=True)
    for name in ("accuracy", "n_correct"):
        same[name][:] = CUBE[name].isel(realisation=[0]).values
    one = exponents(same)
    flagged(one)
    assert set(reasons(one)) == {"no_error"} and set(mean_reasons(one)) == {"zero_variance"}
    assert np.isfinite(one.value).all() and np.isnan(one.low).all()


@pytest.mark.parametrize("sizes", [(8,), (2, 128)])
def test_fewer_than_three_sizes_have_no_exponent(sizes):
    one = exponents(transition_cube(sizes=sizes, realisations=3))
    assert np.all(one.status == power_laws.TOO_FEW_SIZES) and np.isfinite(one.value).all()
    assert np.all(one.n_sizes == len(sizes))
    width = one.sel(quantity="width")
    assert np.isnan(width.gamma).all() and np.isfinite(width.low).all()
    null = one.predicted.sel(predictor="null")
    assert np.isfinite(null).all() == (len(sizes) == 2)


def test_what_is_missing_is_left_out_with_a_reason():
    holes = without(CUBE, size=8)
    holes = without(without(holes, size=16, realisation=1), size=32, step=54)
    one = exponents(holes)
    assert reasons(one) == ["used"] * 2 + ["no_value"] + ["used"] * 4
    assert mean_reasons(one)[2] == "no_width" and np.isnan(one.value.sel(size=8)).all()
    width = one.sel(quantity="width")
    assert list(width.n_fitted.values) == [5, 5, 0, 4, 5, 5, 5]
    assert list(width.n_left_out.values) == [0, 0, 5, 1, 0, 0, 0]
    kept = CUBE.isel(size=[0, 1, 3, 4, 5, 6])
    kept = without(without(kept, size=16, realisation=1), size=32, step=54)
    np.testing.assert_allclose(one.gamma, exponents(kept).gamma)


def test_a_size_at_chance_is_left_out_and_the_law_stands():
    plateau = np.array([0.1, 0.7, 0.8, 0.9, 0.97, 0.97, 0.97])
    one = exponents(transition_cube(realisations=5, plateau=plateau))
    assert reasons(one) == ["near_chance"] + ["used"] * 6
    assert np.isnan(one.value.sel(size=2)).all()
    pure = one.sel(quantity="width", law="pure")
    assert pure.gamma_low <= GAMMA <= pure.gamma_high


def test_the_order_of_the_runs_does_not_matter():
    rng = np.random.default_rng(0)
    dims = ("size", "step", "realisation")
    cube = CUBE.isel({dim: rng.permutation(CUBE.sizes[dim]) for dim in dims})
    again = exponents(cube).sortby("step")
    once = exponents(CUBE)
    for name in ("gamma", "gamma_low", "value", "high", "curve", "curve_measured", "tail_gamma"):
        np.testing.assert_allclose(again[name], once[name], rtol=1e-6, atol=1e-9)


def test_data_sets_and_models_keep_their_own_laws(tmp_path):
    cubes = [
        CUBE,
        transition_cube(realisations=3, model="wide", sizes=(4, 16, 256), gamma=0.4, seed=1),
        transition_cube(realisations=3, dataset="letters", sizes=(4, 8), seed=2),
    ]
    runs = aggregate(cubes)
    joined = fit_exponents(runs, *fit_families(runs, SCHEDULE, families=("hill",)))
    for cube, (dataset, name) in zip(
        cubes, (("digits", "mlp"), ("digits", "wide"), ("letters", "")), strict=True
    ):
        alone, own = exponents(cube), ladders(joined.sel(dataset=dataset))[name]
        assert list(own["size"].values) == list(cube["size"].values)
        for variable in ("gamma", "value", "curve", "n_fitted", "reason", "status"):
            np.testing.assert_allclose(own[variable], alone[variable])
    nobody = joined.sel(dataset="letters", ladder="wide")
    assert np.all(nobody.status == power_laws.TOO_FEW_SIZES) and np.isnan(nobody.value).all()
    assert set(ladders(joined.sel(dataset="letters"))) == {""}
    joined.to_netcdf(tmp_path / "scaling.nc")
    xr.testing.assert_equal(xr.load_dataset(tmp_path / "scaling.nc"), joined)


def test_the_table_has_a_row_for_every_size():
    table = table_of(FOUND)
    assert len(table) == 14 and set(table.left_out) == {""}
    row = table[(table.quantity == "width") & (table["size"] == 32)].iloc[0]
    one = FOUND.sel(quantity="width", size=32)
    assert (row.dataset, row.ladder) == ("digits", "") and row.value == float(one.value)
    assert row.low == float(one.low) and row.between_variance == float(one.between_variance)


def test_every_variable_says_what_it_is():
    for name, variable in FOUND.data_vars.items():
        assert {"long_name"} <= set(variable.attrs), name
    for name in ("reason", "mean_reason", "status"):
        assert "flag_meanings" in FOUND[name].attrs


def test_bootstrap_intervals_are_those_of_the_scatter_and_need_two_realisations():
    runs = transition_cube(sizes=(2, 4, 8), realisations=8)
    pooled, single = fit_families(runs, SCHEDULE, families=("hill",))
    found = fit_exponents(runs, pooled, single).isel(HERE)
    ends = bootstrap_intervals(runs, pooled, stream("test", what="bootstrap")).isel(HERE)
    assert ((ends.bootstrap_low < found.value) & (found.value < ends.bootstrap_high)).all()
    spread = (np.log(ends.bootstrap_high) - np.log(ends.bootstrap_low)) / (2 * 1.96)
    scatter = np.sqrt((found.sampling_variance + found.between_variance) / 8)
    np.testing.assert_allclose(spread.mean("size"), scatter.mean("size"), rtol=0.4)

    alone = runs.isel(realisation=[0])
    ends = bootstrap_intervals(alone, pooled, stream("test", what="alone"))
    assert ends.bootstrap_low.isnull().all() and ends.bootstrap_high.isnull().all()
