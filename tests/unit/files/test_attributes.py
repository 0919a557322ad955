"""Every variable has a long name and a unit, errors those of their estimates."""

import pytest
import xarray as xr

from netphase.files.attributes import describe

NAMES = {"t_c": "critical temperature", "depth": "depth", "depth_mean": "mean of depth"}


def described(*names, **how):
    data = xr.Dataset({name: ("size", [0, 1]) for name in names})
    describe(data, NAMES, **how)
    return {name: (data[name].attrs["long_name"], data[name].attrs["units"]) for name in names}


def test_errors_have_name_and_unit_of_their_estimate():
    found = described("t_c", "t_c_se", "t_c_high", units={"t_c": "J/k_B"})
    assert found == {
        "t_c": ("critical temperature", "J/k_B"),
        "t_c_se": ("critical temperature, standard error", "J/k_B"),
        "t_c_high": ("critical temperature, upper end of the 95 % interval", "J/k_B"),
    }


def test_the_interval_of_a_mean_is_told_from_its_values():
    found = described("depth", "depth_mean", "depth_low")
    assert found["depth"] == ("depth", "1")
    assert found["depth_low"] == ("mean of depth, lower end of the 95 % interval", "1")


@pytest.mark.parametrize("name", ["other", "other_se", "t_c_max", "t"])
def test_a_variable_without_a_long_name_is_refused(name):
    with pytest.raises(KeyError):
        described("t_c", name)


def test_flags_have_their_meanings():
    data = xr.Dataset({"t_c": ("size", [0, 1])})
    describe(data, NAMES, {"t_c": ("found", "lost")})
    assert data.t_c.attrs["flag_meanings"] == "found lost"
    assert data.t_c.attrs["flag_values"].tolist() == [0, 1]
