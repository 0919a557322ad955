"""One curve for all sizes, and one crossing: detected where they are, refused elsewhere."""

import numpy as np
import pytest
import xarray as xr
from run_cubes import LEVELS, SCHEDULE, SIZES, spaced, transition_cube

from netphase.runs.aggregation import aggregate
from netphase.runs.ladders import ladders
from netphase.scaling import universality
from netphase.scaling.collapse import STATUS
from netphase.scaling.crossings import VERDICTS
from netphase.scaling.exponents import fit_exponents
from netphase.scaling.universality import collapse_curves, mean_curves
from netphase.streams import stream
from netphase.transitions.model_selection import fit_families

HERE = {"dataset": 0, "ladder": 0}
SHORT = spaced(0.05, 1700, 8)
NUMBERS = ["gamma", "gamma_low", "gamma_high", "x_c", "quality", "nu"]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer resampled copies and windows than a study has."""
    monkeypatch.setattr(universality, "N_REPLICAS", 20)
    monkeypatch.setattr(universality, "HALF_WIDTHS", np.array([2.0]))


def rng():
    return stream("test of universality")


def collapse(runs):
    laws = fit_exponents(runs, *fit_families(runs, SCHEDULE, families=("hill",)))
    return collapse_curves(runs, laws, rng())


def only(runs):
    return runs.isel(dataset=0, model=0).sel(split="test")


def outcomes(found):
    return [STATUS[i] for i in found.status.values]


def dense(drift):
    """Levels so dense that straight lines cost nothing beside the errors."""
    levels = spaced(0.03, 1700, 90)
    return transition_cube(
        sizes=(2, 8, 32, 128), realisations=5, n_test=1000, levels=levels, drift=drift, plateau=0.9
    )


def test_mean_curves_are_the_means_scaled_by_floor_and_plateau():
    cube = transition_cube(realisations=10, plateau=np.linspace(0.5, 0.9, 7))
    curves = mean_curves(only(cube), rng())
    mean = only(cube).accuracy.mean("realisation").transpose("size", "step").values
    raw, scaled = curves["raw"], curves["normalised"]
    np.testing.assert_allclose(raw.y, mean)
    np.testing.assert_allclose(raw.floor, 0.1, atol=0.01)
    np.testing.assert_allclose(scaled.y[:, 0], 1)
    assert np.all(scaled.floor == 0) and np.abs(scaled.y[:, -2:]).max() < 0.03
    height = (mean[:, 0] - raw.floor)[:, None]
    np.testing.assert_allclose(scaled.y, (mean - raw.floor[:, None]) / height)
    of_plateau = scaled.y * raw.dy[:, :1]
    np.testing.assert_allclose(scaled.dy, np.hypot(raw.dy, of_plateau) / height)
    # Every copy is scaled by its own plateau.
    np.testing.assert_allclose(scaled.replicas[..., 0], 1)
    middle = int(np.abs(scaled.y[0] - 0.5).argmin())
    spread = scaled.replicas[:, 0, middle].std()
    assert spread == pytest.approx(scaled.dy[0, middle], rel=0.4)
    assert raw.replicas.shape == (20, 7, len(LEVELS))
    spread = raw.replicas.std(axis=0) / raw.dy
    assert np.mean(spread) == pytest.approx(1, abs=0.1)


def test_curves_without_a_floor_cannot_be_normalised():
    cube = transition_cube(realisations=3, levels=spaced(0.05, 8, 16))
    curves = mean_curves(only(cube), rng())
    assert np.isnan(curves["normalised"].y).all() and np.isfinite(curves["raw"].y).all()


@pytest.mark.parametrize("drift", [0.0, 0.1])
def test_dense_levels_collapse_with_the_true_exponent(drift):
    found = collapse(dense(drift))[0].isel(HERE)
    moving = found.sel(centre="moving")
    assert outcomes(found)[1] == "collapsed"
    assert moving.gamma_low <= 0.2 <= moving.gamma_high
    assert moving.gamma_high - moving.gamma_low < 0.1 and abs(moving.x_c) < 0.1
    assert moving.interpolation_quality < 0.5 and moving.quality < 1.5
    assert found.drift_low <= drift <= found.drift_high
    truth = np.log(6) + drift * np.log(found["size"] / 2)
    np.testing.assert_allclose(found.line, truth, atol=0.1)
    if drift:
        # One centre makes up for a drift, x_c + a N^-gamma, and is then none of the centres.
        fixed = found.sel(centre="fixed")
        assert fixed.quality > moving.quality
        assert np.abs(fixed.x_c - truth).min() > 0.2
    else:
        assert found.x_c.sel(centre="fixed") == pytest.approx(np.log(6), abs=0.1)


def test_coarse_levels_are_no_test_of_a_collapse():
    found = collapse(transition_cube(realisations=10, levels=LEVELS[::2]))[0].isel(HERE)
    assert outcomes(found) == ["too_coarse"] * 2 and np.all(found.interpolation_quality > 0.5)
    assert found[NUMBERS].isnull().all().to_array().all()
    assert np.isfinite(found.quality_map).any()
    assert np.isfinite(found.accuracy).all() and np.isfinite(found.line).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"plateau": 0.1},
        {"sizes": (2, 128)},
        {"sizes": (8,)},
        {"levels": LEVELS[::8]},
        {"levels": LEVELS[5:6]},
        {"levels": spaced(0.05, 5, 14)},
        {"levels": spaced(200, 1700, 14), "width": 2.0},
    ],
    ids=["chance", "two sizes", "one size", "three levels", "one level", "no floor", "no fall"],
)
def test_ladders_without_a_collapse_say_why(changes):
    found, crossings = collapse(transition_cube(**{"realisations": 3, "n_test": 400} | changes))
    assert outcomes(found.isel(HERE)) == ["too_few_sizes"] * 2
    assert found[NUMBERS].isnull().all().to_array().all()
    assert np.all(found.n_points == 0) and np.isnan(found.window_gamma).all()
    if len(changes.get("sizes", SIZES)) < 3:
        assert np.all(crossings.verdict == VERDICTS.index("too_few_pairs"))
        assert crossings.common.isnull().all()


def test_a_single_realisation_has_no_centre_that_moves():
    found = collapse(transition_cube(realisations=1, levels=LEVELS[::2]))[0].isel(HERE)
    assert outcomes(found.sel(centre=["moving"])) == ["too_few_sizes"]
    assert np.isnan(found.drift) and np.isnan(found.line).all()
    assert np.all(found.accuracy_se > 0)


def test_what_is_missing_is_left_out():
    cube = transition_cube(realisations=3)
    for place in ({"size": 8}, {"size": 16, "realisation": 1}, {"step": LEVELS[7].step}):
        cube.accuracy.loc[place], cube.n_correct.loc[place] = np.nan, -1
    found, crossings = (part.isel(HERE) for part in collapse(cube))
    assert found.line.isnull().sum() == 1 and np.isnan(found.line.sel(size=8))
    with_eight = (crossings.small == 8) | (crossings.large == 8)
    assert np.all(crossings.crossing.where(with_eight, drop=True).isnull())
    assert "too_few_sizes" not in outcomes(found)


def test_curves_that_meet_in_one_point_cross_there():
    """Equal plateaus and centres, other widths: the raw curves cross at kappa_c."""
    cube = transition_cube(sizes=(2, 8, 32, 128), realisations=10, gamma=0.4, plateau=0.9)
    crossings = collapse(cube)[1].isel(HERE).sel(curve="raw")
    assert VERDICTS[int(crossings.verdict)] == "unique" and crossings.p > 0.05
    assert float(crossings.common) == pytest.approx(np.log(6), abs=4 * float(crossings.common_se))
    assert list(crossings.pair.values) == ["2:8", "2:32", "2:128", "8:32", "8:128", "32:128"]
    apart = transition_cube(
        sizes=(2, 8, 32), realisations=10, gamma=0.3, plateau=[0.5, 0.7, 0.9], levels=LEVELS[::2]
    )
    verdicts = [VERDICTS[i] for i in collapse(apart)[1].isel(HERE).verdict.values]
    assert verdicts[0] != "unique"


def test_order_and_data_sets_do_not_mix():
    cubes = [
        transition_cube(realisations=2, levels=SHORT),
        transition_cube(realisations=2, levels=SHORT, model="wide", sizes=(4, 16, 256), seed=1),
        transition_cube(realisations=2, levels=SHORT, dataset="letters", sizes=(4, 8), seed=2),
    ]
    joined, crossed = collapse(aggregate(cubes))
    for cube, (dataset, name) in zip(
        cubes, (("digits", "mlp"), ("digits", "wide"), ("letters", "")), strict=True
    ):
        order = np.random.default_rng(0).permutation(len(SHORT))
        alone = collapse(cube.isel(step=order, size=slice(None, None, -1)))[0].isel(HERE)
        own = ladders(joined.sel(dataset=dataset))[name]
        assert list(own["size"].values) == list(cube["size"].values)
        for variable in ("accuracy", "accuracy_se", "line", "drift", "drift_high"):
            xr.testing.assert_allclose(
                own[variable].reset_coords(drop=True),
                alone.sortby("step")[variable].reset_coords(drop=True),
            )
        pairs = cube.sizes["size"] * (cube.sizes["size"] - 1) // 2
        assert crossed.small.size >= pairs
    nobody = joined.sel(dataset="letters", ladder="wide")
    assert outcomes(nobody) == ["too_few_sizes"] * 2 and np.isnan(nobody.gamma).all()
