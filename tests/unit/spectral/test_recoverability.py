"""Inversions made by hand, whose transition, ratios and peaks are known."""

import json

import numpy as np
import pytest
import xarray as xr
from verdict_schema import check

from netphase.figures import spectral
from netphase.findings import spectral as findings
from netphase.findings.verdicts import NOT_REPRODUCED, REPRODUCED, SAMPLING
from netphase.spectral import recoverability
from netphase.spectral.entropy_inversions import run
from netphase.spectral.green_functions import CLASSES
from netphase.spectral.problems import measured, noise_of, problem
from netphase.spectral.recoverability import CLASSIC, CONSISTENT, ENTROPY, LIMIT, METHODS, NETWORK
from netphase.streams import stream
from netphase.transitions.fits import FITTED, STATUS

SETTINGS = {"beta": 10, "omega_max": 8, "frequencies": 101, "spectra": 30}
LEVELS = (500, 400, 350, 300, 250, 200, 100)
QUOTED = {"times": 17, "level": 300}
# Noise at which half of the spectra are lost, and how sharply.
SIGMA_C = {NETWORK: 1e-3, CONSISTENT: 2e-3, ENTROPY: 3e-3, CLASSIC: 4e-3, LIMIT: 1e-2}
SHARPNESS = 2.0
THRESHOLD = 0.25


def made(level, realisation, n_times=17):
    """Every density is shifted by more or by less than the threshold, as a Hill curve says."""
    given = problem(SETTINGS, n_times, level, realisation)
    rng = stream("made", level=level, realisation=realisation, times=n_times)
    densities = {}
    for solver in METHODS:
        lost = 1 / (1 + (SIGMA_C[solver] / given.sigma) ** SHARPNESS)
        moved = rng.random(len(given.truth)) < lost
        densities[solver] = np.where(
            moved[:, np.newaxis], np.roll(given.truth, 3, axis=1), np.roll(given.truth, 1, axis=1)
        )
    coordinates = {"level": level, "realisation": realisation, "beta": SETTINGS["beta"]}
    networks = {solver: densities[solver] for solver in (NETWORK, CONSISTENT)}
    others = {solver: densities[solver] for solver in (ENTROPY, CLASSIC, LIMIT)}
    found = [measured(given, part, name="made", **coordinates) for part in (networks, others)]
    found[1]["alpha_found"] = found[1].chi2.dims, np.ones(found[1].chi2.shape, np.int8)
    return found


@pytest.fixture(scope="module")
def inversions():
    parts = [part for level in LEVELS for r in range(3) for part in made(level, r)]
    return recoverability.join(parts)


@pytest.fixture(scope="module")
def found(inversions):
    return recoverability.locate(inversions, THRESHOLD, QUOTED, stream("locate"))


def test_noise_of_a_level():
    assert noise_of(300) == pytest.approx(1e-3)
    assert noise_of(0) == 1


def test_spectra_are_those_of_the_realisation_and_noise_that_of_the_cell():
    one, other, again = (problem(SETTINGS, 17, *cell) for cell in ((300, 0), (200, 0), (300, 0)))
    assert np.array_equal(one.truth, other.truth)
    assert not np.array_equal(one.noisy, other.noisy)
    assert np.array_equal(one.noisy, again.noisy)
    assert not np.array_equal(one.truth[:30], problem(SETTINGS, 17, 300, 1).truth[:30])


def test_joined_whatever_the_order(inversions):
    parts = [part for level in LEVELS[::-1] for r in (1, 2, 0) for part in made(level, r)[::-1]]
    again = recoverability.join(parts).sel(solver=inversions.solver)
    xr.testing.assert_equal(again.sortby("level"), inversions.sortby("level"))


def test_runs_of_two_commits_are_joined(inversions):
    parts = [part for level in LEVELS for r in range(3) for part in made(level, r)]
    marked = [part.assign_attrs(git_commit=f"{n % 4 // 2}") for n, part in enumerate(parts)]
    assert recoverability.join(marked).equals(inversions)


def test_transitions_are_found_where_they_were_put(found):
    assert np.all(found.status == FITTED)
    known = xr.DataArray([SIGMA_C[solver] for solver in METHODS], {"solver": list(METHODS)})
    inside = (found.sigma_c_low < known) & (known < found.sigma_c_high)
    assert inside.mean() > 0.8
    width = 2 * np.log(9) / SHARPNESS
    assert ((found.width_low < width) & (width < found.width_high)).mean() > 0.8


def test_what_is_found_without_error_has_ratio_and_peaks_of_the_truth(inversions):
    perfect = inversions.copy()
    for name in ("mse", "mae", "wasserstein", "chi2"):
        perfect[name] = xr.ones_like(inversions[name])
    perfect["density"] = perfect.truth.broadcast_like(inversions.density)
    found = recoverability.locate(perfect, 2.0, QUOTED, stream("perfect"))
    assert np.all(found.ratio == 1)
    assert np.all(found.ratio_low == 1)
    assert np.all(found.peaks == found.true_peaks)
    assert dict(zip(found.system.values, found.true_peaks.values, strict=True))["atom"] == 2
    assert np.all(found.status == list(STATUS).index("no_fall"))


def test_answers_and_verdicts_are_json_and_quote_the_intervals(found):
    answers = json.loads(json.dumps(findings.answer("s", found, 60.0)))["s"]
    assert len(answers) == 4
    assert "1 CPU-minutes" in answers[2]["trust"]
    claims = json.loads(json.dumps(findings.judge("s", found), allow_nan=False))
    check(claims)
    for claim in claims["s"][:-1]:
        readings = {one["reading"]: one for one in claim["readings"]}
        assert set(readings) == {"alpha at the kink", "most probable alpha"}
        assert all(one["interval"][0] <= one["ours"] <= one["interval"][1]
                   for one in readings.values())  # fmt: skip


def test_verdicts_follow_the_intervals(found):
    """At the quoted noise the network has lost more spectra than maximum entropy."""
    changed = found.copy(deep=True)
    for low, high, expected in (
        (0.5, 0.9, REPRODUCED), (1.1, 1.3, NOT_REPRODUCED), (0.9, 1.1, SAMPLING),
    ):  # fmt: skip
        changed["ratio_low"][:], changed["ratio_high"][:] = low, high
        assert findings.judge("s", changed)["s"][0]["verdict"] == expected
    changed.ratio_low.loc[{"reference": CLASSIC}] = 1.05
    changed.ratio_high.loc[{"reference": ENTROPY}] = 0.95
    assert findings.judge("s", changed)["s"][0]["verdict"] == (
        "depends on the choice of alpha: reproduced for alpha at the kink; "
        "not reproduced for most probable alpha"
    )


def test_table_has_a_row_for_each_transition(found):
    table = recoverability.table(found)
    assert len(table) == len(METHODS) * len(CLASSES)
    assert set(table.status) == {"fitted"}


def test_maximum_entropy_fits_what_the_truncation_need_not():
    found, cost = run(SETTINGS | {"spectra": 3}, 17, 300, 0, name="small")
    assert found.chi2.sel(solver=ENTROPY).max() < 5
    assert (
        found.wasserstein.sel(solver=LIMIT).median()
        < found.wasserstein.sel(solver=ENTROPY).median()
    )
    assert cost.cpu_seconds.item() > 0


def test_figures_show_every_class_and_system(inversions, found):
    names = [ax.get_title() for ax in spectral.recoverability(found).axes]
    assert names[:3] == list(CLASSES)
    titles = [ax.get_title() for ax in spectral.exact_systems(inversions, found).axes]
    assert [title.split("\n")[0] for title in titles if title] == list(spectral.SYSTEMS.values())
    assert len(spectral.examples(inversions, found).axes) == 2 * len(CLASSES)
    assert len(spectral.comparison(found).axes) == 3
