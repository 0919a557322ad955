"""Noise cubes: moments, packing error, and bytes that do not depend on their production."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netphase.files import netcdf
from netphase.noise import cubes
from netphase.noise.schedule import Level, levels
from netphase.streams import stream

LEVELS = {
    level.step: level
    for level in levels([-1, 0, 300, 600, 3000], beta_first=1e-4, beta_last=0.02, n_steps=3000)
}
N_TRAIN, N_TEST = 9000, 1000


@pytest.fixture(scope="module")
def dataset():
    rng = stream("images of this test")
    n = N_TRAIN + N_TEST
    image = (rng.random((n, 6, 5)) ** 3 * 255).astype(np.uint8)
    return xr.Dataset(
        {
            "image": (("sample", "y", "x"), image),
            "label": ("sample", rng.integers(0, 3, n).astype(np.int16)),
            "split": ("sample", (np.arange(n) >= N_TRAIN).astype(np.int8)),
        }
    )


def decoded(packed):
    return packed["image"].values * packed["image"].attrs.get("scale_factor", np.float32(1))


def test_standardisation_is_that_of_numpy(dataset):
    image = dataset["image"].values
    for fit_on, chosen in (("train", image[:N_TRAIN]), ("all", image)):
        mean, deviation = cubes.standardisation(image, dataset["split"].values, "global", fit_on)
        np.testing.assert_allclose((mean, deviation), (chosen.mean(), chosen.std()), rtol=1e-12)
        mean, deviation = cubes.standardisation(image, dataset["split"].values, "per_pixel", fit_on)
        np.testing.assert_allclose(mean, chosen.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(deviation, chosen.std(axis=0), rtol=1e-12)


def test_constant_pixels_are_left_alone():
    image = np.zeros((4, 1, 2), np.uint8)
    image[:, 0, 1] = [1, 2, 3, 4]
    mean, deviation = cubes.standardisation(image, np.zeros(4), "per_pixel")
    assert deviation[0, 0] == 1 and mean[0, 0] == 0


@pytest.mark.parametrize("step", [0, 300, 3000])
def test_noised_training_pixels_keep_unit_variance(dataset, step):
    x = decoded(cubes.build(dataset, "toy", LEVELS[step], [0]))[0, :N_TRAIN]
    standard_error = np.sqrt(2 / x.size) * 2
    assert x.mean() == pytest.approx(0, abs=4 / np.sqrt(x.size))
    assert x.var() == pytest.approx(1, abs=5 * standard_error)


def test_noise_is_standard_normal_and_new_for_every_level_and_realisation(dataset):
    fields = []
    for step, realisations in ((300, [0, 1]), (600, [0])):
        level = LEVELS[step]
        mean, deviation = cubes.standardisation(dataset["image"].values, dataset["split"].values)
        x_0 = (dataset["image"].values - mean) / deviation
        x_t = decoded(cubes.build(dataset, "toy", level, realisations))
        fields += list((x_t - level.signal * x_0) / level.noise)
    bound = 5 / np.sqrt(fields[0].size)
    for i, a in enumerate(fields):
        assert abs(a.mean()) < bound
        assert abs(a.var() - 1) < 2 * bound + cubes.COARSE_STEP**2 / 12 / 0.53**2
        for b in fields[:i]:
            assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < bound


def test_shared_levels_share_the_field(dataset):
    fields = [
        cubes.noised(
            np.zeros((50, 3, 3), np.uint8), "toy", LEVELS[step], 0, (np.zeros(()), np.ones(())),
            share_levels=True, dtype=np.dtype(np.float32), step=np.float32(1),
        )
        / LEVELS[step].noise
        for step in (300, 600)
    ]  # fmt: skip
    np.testing.assert_allclose(*fields, rtol=1e-6)


def test_packing_error_is_at_most_half_a_step_and_adds_the_variance_of_rounding(dataset):
    level = LEVELS[600]
    image, split = dataset["image"].values, dataset["split"].values
    scaling = cubes.standardisation(image, split)
    exact = cubes.noised(
        image, "toy", level, 0, scaling, dtype=np.dtype(np.float32), step=np.float32(1)
    )
    dtype, step = cubes.packing(level, cubes.largest_pixel(image, scaling), 5)
    packed = cubes.noised(image, "toy", level, 0, scaling, dtype=dtype, step=step) * step
    assert packed.dtype == np.float32
    error = (packed - exact).astype(float)
    inside = np.abs(exact) < 127 * step
    assert np.abs(error[inside]).max() <= step / 2 * (1 + 1e-4)
    assert error[inside].var() == pytest.approx(step**2 / 12, rel=0.02)


@given(noise=st.floats(0, 1), largest=st.floats(0, 100), reach=st.floats(1, 20))
def test_packing_loses_neither_kappa_nor_pixels(noise, largest, reach):
    signal = np.sqrt(1 - noise**2)
    level = Level(step=0, alpha_bar=signal**2, kappa=0, signal=signal, noise=noise)
    dtype, step = cubes.packing(level, largest, reach)
    if dtype.kind == "i":
        assert signal * largest + reach * noise <= np.iinfo(dtype).max * step
    if dtype == np.int8:
        assert step**2 / 12 / noise**2 / 2 <= cubes.KAPPA_TOLERANCE


def test_a_rare_bright_pixel_is_not_clipped():
    image = np.zeros((200, 3, 3), np.uint8)
    image[7, 1, 1] = 255
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x"), image),
            "label": ("sample", np.zeros(200, np.int16)),
            "split": ("sample", np.zeros(200, np.int8)),
        }
    )
    brightest = decoded(cubes.build(dataset, "toy", LEVELS[300], [0])).max()
    x_0 = (255 - image.mean()) / image.std()
    assert x_0 > 20 and brightest == pytest.approx(LEVELS[300].signal * x_0, abs=4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, N_TRAIN + N_TEST), st.integers(0, N_TRAIN + N_TEST))
def test_any_slice_comes_out_the_same_alone(dataset, first, stop):
    level = LEVELS[600]
    dtype, step = np.dtype(np.int8), cubes.COARSE_STEP
    scaling = (np.float64(50), np.float64(60))
    image = dataset["image"].values
    whole = cubes.noised(image, "toy", level, 0, scaling, dtype=dtype, step=step)
    part = cubes.noised(
        image, "toy", level, 0, scaling, dtype=dtype, step=step, rows=slice(first, stop)
    )
    assert np.array_equal(part, whole[first:stop])


@pytest.mark.parametrize("method", ["global", "per_pixel"])
@pytest.mark.parametrize("step", [-1, 0, 600])
def test_the_cube_on_disk_holds_the_bytes_of_the_virtual_one(dataset, tmp_path, step, method):
    virtual = cubes.build(dataset, "toy", LEVELS[step], [3, 4], standardise=method)
    netcdf.write(virtual, tmp_path / "cube.nc", {}, cubes.encoding(virtual))
    with xr.open_dataset(tmp_path / "cube.nc", mask_and_scale=False) as stored:
        assert stored["image"].dtype == virtual["image"].dtype
        assert np.array_equal(stored["image"], virtual["image"])
        assert float(stored["kappa"]) == LEVELS[step].kappa
    with xr.open_dataset(tmp_path / "cube.nc") as read:
        assert read["image"].dtype == np.float32


def test_a_realisation_does_not_depend_on_its_neighbours(dataset):
    together = cubes.build(dataset, "toy", LEVELS[600], [2, 3, 4])
    alone = cubes.build(dataset, "toy", LEVELS[600], [3])
    assert np.array_equal(together["image"].sel(realisation=[3]), alone["image"])


def test_the_clean_level_is_the_standardised_image(dataset):
    clean = decoded(cubes.build(dataset, "toy", LEVELS[-1], [0]))[0]
    mean, deviation = cubes.standardisation(dataset["image"].values, dataset["split"].values)
    x_0 = (dataset["image"].values - mean) / deviation
    assert np.abs(clean - x_0).max() <= cubes.FINE_STEP / 2 * (1 + 1e-3)
