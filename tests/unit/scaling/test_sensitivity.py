"""The exponent of the width under every choice: one law for all choices, or flagged."""

import numpy as np
import pandas as pd
import pytest
from run_cubes import LEVELS, SCHEDULE, SIZES, spaced, transition_cube

from netphase.runs.aggregation import aggregate
from netphase.scaling import sensitivity as module
from netphase.scaling.exponents import fit_exponents
from netphase.scaling.sensitivity import COORDINATES, PAIRS, read_widths, sensitivity
from netphase.streams import stream
from netphase.transitions.model_selection import fit_families
from netphase.transitions.normalisation import NORMALISATIONS

CHOICES = ["estimator", "shape", "coordinate", "upper", "lower"]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer choices and bootstrap samples than a study has."""
    monkeypatch.setattr(module, "PAIRS", ((0.9, 0.1), (0.6, 0.4)))
    monkeypatch.setattr(module, "COORDINATES", ("ln_kappa", "t"))
    monkeypatch.setattr(module, "N_SAMPLES", 40)


def table(runs, families=("hill",)):
    single = fit_families(runs, SCHEDULE, families)[1]
    return sensitivity(read_widths(runs, single, SCHEDULE, stream("test of sensitivity")))


def without(runs, **place):
    runs = runs.copy(deep=True)
    runs.accuracy.loc[place], runs.n_correct.loc[place] = np.nan, -1
    return runs


CUBE = transition_cube(realisations=5, n_test=4000)


def test_every_choice_has_the_law_from_every_smallest_size_on():
    rows = table(CUBE, ("hill", "logistic_t"))
    counts = rows.groupby(CHOICES).size()
    assert len(counts) == (2 + 2 * len(NORMALISATIONS)) * 2 * 2
    whole = rows.groupby(CHOICES).n_sizes.max()
    assert np.all(counts == np.maximum(whole - 2, 1)) and whole.max() == 7
    for _, laws in rows[rows.estimator == "seed_fit"].groupby(CHOICES):
        assert list(laws.n_min) == list(SIZES[:5]) and list(laws.n_sizes) == [7, 6, 5, 4, 3]
        assert list(laws.dof) == [5, 4, 3, 2, 1]
        np.testing.assert_allclose(laws.decades, np.log10(128 / laws.n_min))
    assert set(rows.dataset) == {"digits"} and set(rows.ladder) == {""}


def test_one_of_the_rows_is_the_quoted_exponent():
    """Where realisations scatter by more than the errors of their fits."""
    cube = transition_cube(realisations=5, n_test=4000, scatter=0.3)
    fits = fit_families(cube, SCHEDULE, ("hill",))
    quoted = fit_exponents(cube, *fits).isel(dataset=0, ladder=0).sel(quantity="width", law="pure")
    rows = sensitivity(read_widths(cube, fits[1], SCHEDULE, stream("test of sensitivity")))
    row = rows[
        (rows.estimator == "seed_fit") & (rows.coordinate == "ln_kappa") & (rows.upper == 0.9)
    ].iloc[0]
    # Where scatter is all, errors moderated by those of the fits change weights a little.
    assert row.gamma == pytest.approx(float(quoted.gamma), abs=0.002) and row.dof == quoted.dof
    width = row.gamma_high - row.gamma_low
    assert width == pytest.approx(float(quoted.gamma_high - quoted.gamma_low), rel=0.2)
    # The pairs of levels of a logistic curve have widths of one ratio, so one exponent.
    others = rows[(rows.estimator == "seed_fit") & (rows.coordinate == "ln_kappa")]
    np.testing.assert_allclose(others.groupby("n_min").gamma.agg(np.ptp), 0, atol=1e-9)


def test_dense_levels_give_the_true_exponent_by_every_estimator():
    cube = transition_cube(
        realisations=5, n_test=20_000, plateau=0.9, levels=spaced(0.02, 1900, 60), kappa_c=6.0
    )
    rows = table(cube)
    rows = rows[(rows.coordinate == "ln_kappa") & (rows.upper == 0.9) & (rows.n_min == 2)]
    rows = rows[rows["shape"].isin(["hill", "chance_plateau"])].set_index("estimator")
    assert set(rows.index) == {"seed_fit", "seed_levels", "mean_levels"}
    np.testing.assert_allclose(rows.gamma, 0.2, atol=0.02)
    assert np.all((rows.gamma_low < 0.21) & (rows.gamma_high > 0.19))


def test_all_pairs_and_coordinates_of_a_study_exist():
    assert len(PAIRS) == len(set(PAIRS)) == 9 and all(a + b == pytest.approx(1) for a, b in PAIRS)
    assert COORDINATES[0] == "ln_kappa" and PAIRS[0] == (0.9, 0.1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "cube",
    [
        transition_cube(realisations=3, plateau=0.1),
        transition_cube(realisations=1),
        transition_cube(realisations=3, sizes=(2, 128)),
        transition_cube(realisations=3, levels=LEVELS[::8]),
        transition_cube(realisations=3, levels=LEVELS[5:6]),
        CUBE.isel(realisation=[0, 0, 0]).assign_coords(realisation=[0, 1, 2]),
        CUBE.assign(accuracy=0 * CUBE.accuracy + 1, n_correct=0 * CUBE.n_correct + 1437).isel(
            split=[0, 0]
        ).assign_coords(split=["train", "test"]),
        without(CUBE, dataset="digits"),
    ],
    ids=[
        "chance", "single", "two sizes", "three levels", "one level", "identical", "perfect", "none"
    ],
)  # fmt: skip
def test_what_has_no_width_has_no_exponent(cube):
    rows = table(cube)
    fitted = rows[rows.estimator == "seed_fit"]
    assert len(fitted) == 4 and fitted.gamma.isna().all() and np.all(fitted.n_sizes < 3)
    assert tuple(rows.columns) == module.COLUMNS
    # Level sets do with three levels, and rising curves have none.
    if cube.sizes["step"] != 3:
        assert rows[rows.estimator == "seed_levels"].gamma.isna().all()


@pytest.mark.filterwarnings("error")
def test_what_is_missing_is_left_out():
    holes = without(without(CUBE, size=8), size=16, realisation=[1, 2, 3, 4])
    holes = without(holes, size=32, step=LEVELS[0].step)
    rows = table(holes)
    fitted = rows[rows.estimator == "seed_fit"]
    assert fitted.n_sizes.max() == 5 and set(fitted.n_min) == {2, 4, 32}
    # Without its smallest kappa a curve has no plateau, and no width by it.
    crossed = rows[rows["shape"] == "chance_plateau"]
    assert crossed.n_sizes.max() == 4


def test_the_order_of_the_runs_does_not_matter():
    rng = np.random.default_rng(0)
    cube = CUBE.isel({dim: rng.permutation(CUBE.sizes[dim]) for dim in ("size", "step")})
    one, other = (rows[rows.estimator != "mean_levels"] for rows in map(table, (CUBE, cube)))
    pd.testing.assert_frame_equal(one, other, rtol=1e-5)


def test_data_sets_and_models_have_their_own_rows():
    cubes = [
        transition_cube(realisations=2),
        transition_cube(realisations=2, model="wide", sizes=(4, 16, 256), seed=1),
        transition_cube(realisations=2, dataset="letters", sizes=(4, 8, 16), seed=2),
    ]
    rows = table(aggregate(cubes))
    exact = ["gamma", "chi2", "n_sizes"]
    for cube, place in zip(
        cubes, (("digits", "mlp"), ("digits", "wide"), ("letters", "")), strict=True
    ):
        own = rows[(rows.dataset == place[0]) & (rows.ladder == place[1])]
        alone = table(cube)
        own, alone = (part[part.estimator != "mean_levels"] for part in (own, alone))
        np.testing.assert_allclose(own[exact], alone[exact])
    assert len(rows[["dataset", "ladder"]].drop_duplicates()) == 3
