"""Run cubes that are committed: compressed without loss, small, and of the study that is named."""

import os

import numpy as np
import pytest
import xarray as xr
from run_cubes import run_cube

from netphase.errors import InputError
from netphase.files import netcdf
from netphase.runs import committed, pages

STUDY = {"steps": [0, 300], "models": {"mlp": {"hidden": [2, 4]}}}
PROVENANCE = {"history": "netphase, rule keep_cubes"}


@pytest.fixture
def packed(tmp_path):
    """A run cube of many realisations, as it was written and as it is committed."""
    source, target = tmp_path / "runs.nc", tmp_path / "committed.nc"
    history = {"history": "netphase, rule aggregate_runs", "code_sha256": "123"}
    netcdf.write(run_cube(realisations=50), source, history)
    committed.pack(source, target, {}, STUDY, PROVENANCE)
    return source, target


def test_packing_loses_nothing_but_bytes(packed):
    source, target = packed
    netcdf.check(target)
    before, after = map(xr.load_dataset, packed)
    xr.testing.assert_equal(before, after)
    for name, variable in before.variables.items():
        assert after[name].dtype == variable.dtype
        assert after[name].attrs == variable.attrs
    assert after.attrs["code_sha256"] == "123"
    assert after.attrs["history"] == ("netphase, rule aggregate_runs; netphase, rule keep_cubes")
    assert os.path.getsize(target) < 0.8 * os.path.getsize(source)


def test_packing_again_gives_the_same_bytes(packed, tmp_path):
    source, target = packed
    committed.pack(source, tmp_path / "again.nc", {}, STUDY, PROVENANCE)
    assert (tmp_path / "again.nc").read_bytes() == target.read_bytes()


def test_a_part_is_kept_and_the_rest_of_its_variable_is_missing(packed, tmp_path):
    source, _ = packed
    at = {"step": 600, "realisation": 0}
    committed.pack(source, tmp_path / "part.nc", {"f1": at}, STUDY, PROVENANCE)
    before, after = xr.load_dataset(source), xr.load_dataset(tmp_path / "part.nc")
    xr.testing.assert_equal(after.f1.sel(at), before.f1.sel(at))
    assert int(after.f1.notnull().sum()) == before.f1.sel(at).size
    xr.testing.assert_equal(after.drop_vars("f1"), before.drop_vars("f1"))


def test_a_part_outside_the_coordinates_is_a_defect(packed, tmp_path):
    with pytest.raises(KeyError):
        committed.pack(packed[0], tmp_path / "part.nc", {"f1": {"step": 1}}, STUDY, PROVENANCE)


def test_cubes_of_a_study_may_be_as_large_as_the_limit_together(tmp_path):
    small, large = tmp_path / "small.nc", tmp_path / "large.nc"
    small.write_bytes(bytes(1000))
    large.write_bytes(bytes(committed.LIMIT - 1000))
    committed.check_size([small, large])
    small.write_bytes(bytes(1001))
    with pytest.raises(InputError, match=r"large\.nc: 2\.0 of 2\.0 MB .* more than the 2 MB"):
        committed.check_size([small, large])


def test_taking_copies_every_byte(packed, tmp_path):
    committed.take(packed[1], tmp_path / "taken.nc", STUDY | {"new": "key"})
    assert (tmp_path / "taken.nc").read_bytes() == packed[1].read_bytes()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"steps": [0, 600]}, r"steps: \[0, 300\], the config asks for \[0, 600\]"),
        ({"models": {"mlp": {"hidden": [2]}}}, r"models\.mlp\.hidden: \[2, 4\]"),
        ({"models": {"cnn": {}}}, r"models\.mlp: .* asks for None"),
    ],
)
def test_runs_made_by_other_parameters_are_not_taken(packed, tmp_path, change, named):
    with pytest.raises(InputError, match=named):
        committed.take(packed[1], tmp_path / "taken.nc", STUDY | change)
    assert not (tmp_path / "taken.nc").exists()


def test_cubes_are_taken_only_where_nothing_else_lies(packed, tmp_path):
    source, page = map(str, packed)
    run, cube = tmp_path / "seed0.nc", tmp_path / "taken.nc"
    check = lambda: pages.check_alone("tiny", [str(run)], {str(cube): page})  # noqa: E731
    check()
    committed.take(page, cube, STUDY)
    check()
    run.touch()
    with pytest.raises(InputError, match=r"seed0\.nc: a run of its own; move results/tiny away"):
        check()
    run.unlink()
    cube.write_bytes(np.random.default_rng(0).bytes(100))
    with pytest.raises(InputError, match=r"taken\.nc: not that of docs/"):
        check()
    with pytest.raises(InputError, match=r"nowhere\.nc: missing; tiny has to be trained"):
        pages.check_alone("tiny", [], {str(cube): "nowhere.nc"})
