"""Lattices of chosen T_c, nu and powers of L: the calibration finds them, or says why not."""

import json

import numpy as np
import pytest
import xarray as xr
from lattice_runs import TEMPERATURES, lattices
from verdict_schema import check

from netphase.files import netcdf
from netphase.findings.lattices import answer, judge
from netphase.lattices import calibration
from netphase.lattices.calibration import (
    EXPONENTS,
    VERDICTS,
    calibrate,
    onsager_magnetisation,
    table,
)
from netphase.lattices.exact import T_C
from netphase.lattices.ising import DERIVED, FROZEN, SERIES, TOO_SHORT
from netphase.scaling.collapse import STATUS
from netphase.scaling.crossings import VERDICTS as CROSSING_VERDICTS
from netphase.streams import stream

NO_NOISE = 1e-9


@pytest.fixture(autouse=True)
def few_replicas(monkeypatch):
    monkeypatch.setattr(calibration, "N_REPLICAS", 60)


def calibrated(smallest=32, **known):
    return calibrate(*lattices(**known), smallest, stream("test", replicas=0))


def verdicts(found):
    return [VERDICTS[code] for code in found.verdict.values]


@pytest.mark.parametrize(("t_c", "nu"), [(T_C, 1.0), (2.262, 1.2), (2.275, 0.9)])
def test_known_transitions_are_found(t_c, nu):
    # Close together, since the straight lines between coarse temperatures are a bias.
    fine = np.linspace(TEMPERATURES[0], TEMPERATURES[-1], 25)
    found = calibrated(t_c=t_c, nu=nu, temperatures=fine, noise=0.02, seed=1)
    one = found.sel(smallest=32)
    assert STATUS[int(one.status)] == "collapsed" and 0.4 < one.quality < 1.5
    assert abs(one.x_c - t_c) < 3 * one.x_c_se < 0.003
    assert abs(one.nu - nu) < 3 * one.gamma_se * nu**2 < 0.2
    assert abs(one.common - t_c) < 3 * one.common_se < 0.005
    assert one.p > 0.001
    np.testing.assert_allclose(found.estimate, [one.x_c, one.nu])
    np.testing.assert_allclose(found.low, [one.x_c_low, one.nu_low])
    np.testing.assert_allclose(found.pull[0], (one.x_c - T_C) / one.x_c_se)
    exact = (t_c, nu) == (T_C, 1.0)
    assert bool(found.calibrated) == exact
    assert verdicts(found) == (["found"] * 2 if exact else ["outside_interval"] * 2)
    first = answer(found)["control"][0]["answer"]
    assert first.startswith("Yes: the instrument is calibrated." if exact else "No: ")
    check(judge(found))
    recovered = [claim["verdict"] for claim in judge(found)["control"][:2]]
    assert recovered == 2 * ["reproduced" if exact else "not reproduced"]


def test_a_small_lattice_that_does_not_scale_shows_in_the_table():
    found = calibrated(sizes=(8, 16, 32, 64, 128), correction=1.0, noise=0.003)
    assert found.smallest.values.tolist() == [8, 16, 32]
    assert STATUS[int(found.status.sel(smallest=8))] == "poor"
    distance = np.abs(found.x_c - T_C).values
    assert distance[0] > 5 * distance[2]
    assert (found.quality.values[:-1] > found.quality.values[1:]).all()
    assert CROSSING_VERDICTS[int(found.crossing_verdict.sel(smallest=8))] == "spread"
    # The first pairs are the worst, so the drift of the crossings is that of the correction.
    drift = np.abs(found.crossing - T_C).sel(pair=["8:16", "16:32", "32:64"]).values
    assert drift[0] > drift[1] > drift[2]


def test_a_deviation_within_a_wide_interval_is_not_a_calibration():
    found = calibrated(nu=1.1, noise=0.12, seed=3)
    assert found.low[1] < 1 < found.high[1] and abs(found.estimate[1] - 1) > 0.05
    assert verdicts(found)[1] == "outside_tolerance"
    assert not found.calibrated
    assert "too uncertain beside the exact 1 " in answer(found)["control"][0]["answer"]


def test_powers_of_the_lattice_at_the_exact_point(monkeypatch):
    monkeypatch.setattr(calibration, "N_REPLICAS", 2)
    known = {"sizes": (8, 16, 32, 64), "nu": 0.8, "temperatures": TEMPERATURES[4:8]}
    found = calibrated(smallest=16, noise=NO_NOISE, **known)
    expected = [1.25, 1.75, -0.125]
    for start in found.smallest:
        law = found.sel(smallest=start)
        np.testing.assert_allclose(law.exponent, expected, atol=1e-6)
    assert found.exponent_exact.values.tolist() == list(EXPONENTS.values())
    noisy = calibrated(smallest=16, **known).isel(smallest=0)
    assert (np.abs(noisy.exponent - expected) < 4 * noisy.exponent_se).all()
    inside = (noisy.exponent_low < expected) & (noisy.exponent_high > expected)
    assert inside.sum() >= 2 and (noisy.exponent_se < 0.02).all()


def test_exponents_are_interpolated_between_temperatures(monkeypatch):
    monkeypatch.setattr(calibration, "N_REPLICAS", 2)
    runs, costs = lattices(noise=NO_NOISE, temperatures=TEMPERATURES[4:8])
    # A quantity that is linear in T has its own value at T_c, on any grid.
    for name in EXPONENTS:
        runs[name] = runs[name] * (1 + 40 * (runs.temperature - T_C))
    found = calibrate(runs, costs, 32, stream("test"))
    for k, exact in enumerate(EXPONENTS.values()):
        np.testing.assert_allclose(found.exponent[k], exact, atol=1e-6)


@pytest.mark.parametrize("stated", [1.0, 0.5])
def test_scatter_of_the_realisations_tests_the_error_bars(stated):
    found = calibrated(stated=stated, temperatures=TEMPERATURES[::3])
    # 15 cells of ten realisations
    assert found.scatter_ratio_se == pytest.approx(np.sqrt(2 / (15 * 9)))
    expected = stated**-2.0
    ratio, error = float(found.scatter_ratio), float(found.scatter_ratio_se)
    assert ratio == pytest.approx(expected, abs=3 * error * expected)


def test_autocorrelations_and_cost():
    found = calibrated(temperatures=TEMPERATURES[:2])
    longest = 2.0 + len(SERIES) - 1
    assert (found.autocorrelation_time == longest).all()
    assert (found.sweeps_per_time == 1500 / longest).all()
    assert found.cpu_seconds == 3 * 2 * 10 * 0.5
    last = answer(found)["control"][-1]
    assert f"at most {longest:.2g} sweeps" in last["answer"] and "0.5 CPU-minutes" in last["trust"]


def nothing_found(found, status):
    assert STATUS[int(found.status.sel(smallest=found.quoted))] == status
    assert verdicts(found) == ["no_collapse"] * 2 and not found.calibrated
    check(judge(found))
    assert [claim["verdict"] for claim in judge(found)["control"][:2]] == 2 * ["not testable"]
    entries = answer(found)["control"]
    assert entries[0]["answer"].startswith("No: ")
    assert not any("nan" in value for entry in entries for value in entry.values())


@pytest.mark.parametrize("sizes", [(32,), (32, 64)])
def test_two_lattices_do_not_collapse(sizes):
    found = calibrated(sizes=sizes)
    nothing_found(found, "too_few_sizes")
    assert np.isnan(found.estimate).all() and np.isnan(found.exponent).all()


def test_one_temperature_does_not_collapse():
    found = calibrated(temperatures=[2.27])
    nothing_found(found, "too_few_sizes")
    assert np.isnan(found.exponent).all() and np.isnan(found.crossing).all()


def test_a_range_without_the_critical_point_has_no_exponents():
    found = calibrated(temperatures=TEMPERATURES[6:] + 0.01)
    assert np.isnan(found.exponent).all()
    assert "exact T_c" not in answer(found)["control"][2]["answer"]


def test_one_realisation_has_errors_but_nothing_tests_them():
    found = calibrated(realisations=1, noise=0.004)
    assert np.isnan(found.scatter_ratio)
    assert abs(found.estimate[0] - T_C) < 0.002
    assert "a single realisation cannot test them" in answer(found)["control"][-1]["trust"]


def test_simulations_that_were_too_short_are_left_out_and_counted():
    runs, costs = lattices()
    short = (runs["size"] == 128) & (runs.realisation < 3)
    frozen = (runs["size"] == 64) & (runs.temperature < 2.242)
    for bad, code in ((short, TOO_SHORT), (frozen, FROZEN)):
        runs["status"] = runs.status.where(~bad, code).transpose(*runs["energy"].dims)
        for name in SERIES | DERIVED:
            # Were they used, nothing would be found.
            runs[name] = runs[name].where(~bad, 99.0)
    found = calibrate(runs, costs, 32, stream("test"))
    assert found.share_too_short == pytest.approx(0.3 / 3)
    assert np.isnan(found.binder.sel(size=64)[0])
    se = found.binder_se / found.binder
    np.testing.assert_allclose((se.sel(size=128) / se.sel(size=32))[6], np.sqrt(10 / 7), rtol=0.05)
    assert abs(found.estimate[0] - T_C) < 0.002
    assert "10 % of the simulations were too short" in answer(found)["control"][-1]["answer"]


def test_a_lattice_that_was_always_too_short_is_no_lattice():
    runs, costs = lattices(temperatures=TEMPERATURES[::2])
    runs["status"] = runs.status.where(runs["size"] < 128, TOO_SHORT).transpose(*runs.status.dims)
    for name in SERIES | DERIVED:
        runs[name] = runs[name].where(runs["size"] < 128)
        runs[f"{name}_se"] = runs[f"{name}_se"].where(runs["size"] < 128)
    nothing_found(calibrate(runs, costs, 32, stream("test")), "too_few_sizes")


def test_order_does_not_matter():
    runs, costs = lattices(temperatures=TEMPERATURES[::3])
    backwards = runs.isel(size=slice(None, None, -1), temperature=slice(None, None, -1))
    one, other = (calibrate(data, costs, 32, stream("test")) for data in (runs, backwards))
    xr.testing.assert_identical(one, other)


def test_what_is_written_describes_itself(tmp_path):
    found = calibrated(temperatures=TEMPERATURES[::3])
    for name, variable in found.variables.items():
        assert {"long_name", "units"} <= set(variable.attrs), name
    netcdf.write(found, tmp_path / "calibration.nc", {})
    again = xr.load_dataset(tmp_path / "calibration.nc")
    assert json.dumps(answer(again)) == json.dumps(answer(found))
    rows = table(again)
    assert len(rows) == 1 * (3 + len(EXPONENTS)) + 3
    collapse = rows[(rows.method == "collapse") & (rows.quantity == "t_c")].iloc[0]
    assert collapse.value == found.x_c.item() and collapse.exact == T_C
    entries = answer(found)["control"]
    assert [set(entry) for entry in entries] == [{"ladder", "question", "answer", "trust"}] * 4


def test_onsager_magnetisation():
    # Yang (1952): m^8 = 1 - sinh(2 / T)^-4; 0.911319 at T = 2.
    assert onsager_magnetisation(2.0) == pytest.approx(0.911319, abs=1e-6)
    assert onsager_magnetisation(0.3) == pytest.approx(1)
    assert onsager_magnetisation(T_C) < 0.02
    assert onsager_magnetisation([2.3, 5.0]).tolist() == [0, 0]
