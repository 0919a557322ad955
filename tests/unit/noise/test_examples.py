"""The image in the figures is the one that the networks see."""

import numpy as np
import pytest
import xarray as xr
from run_cubes import SCHEDULE_2025 as SCHEDULE

from netphase.errors import InputError
from netphase.figures.noise import example_of
from netphase.learners import evaluation
from netphase.noise import cubes, schedule
from netphase.noise.examples import noised_example
from netphase.noise.fields import mixture, moments

STEPS = [-1, 500, 1500]
RNG = np.random.default_rng(0)


def dataset(*shape):
    labels = {"flag_values": [0, 1], "flag_meanings": "cat sea_lion"}
    return xr.Dataset(
        {
            "image": (
                ("sample", "y", "x", "channel")[: len(shape)],
                RNG.integers(0, 256, shape, dtype=np.uint8),
            ),
            "label": ("sample", np.arange(shape[0]) % 2, labels),
            "split": ("sample", np.zeros(shape[0], np.int8)),
        }
    )


def test_example_is_the_first_image_of_its_class():
    assert example_of(dataset(4, 2, 2), 1) == (1, "sea_lion")
    with pytest.raises(InputError, match="no class 7"):
        example_of(dataset(4, 2, 2), 7)


def test_perceptrons_see_the_cube():
    data = dataset(30, 4, 4)
    noise = {"family": "gaussian", "standardise": "global", "fit_on": "train"}
    noise |= {"share_levels": False}
    levels = schedule.levels(STEPS, **SCHEDULE)
    panels = noised_example(data, "own", 17, STEPS, {"schedule": SCHEDULE, "noise": noise})
    assert [kappa for kappa, _ in panels] == [level.kappa for level in levels]
    for level, (_, shown) in zip(levels, panels, strict=True):
        packed = cubes.build(data, "own", level, [0], **noise).image[0, 17]
        step = packed.attrs["scale_factor"]
        np.testing.assert_allclose(shown, packed * step, atol=0.51 * float(step))


@pytest.mark.parametrize("x0_scale", ["uint8_255", "pm1"])
def test_other_networks_see_the_batches_of_the_evaluation(x0_scale):
    data = dataset(5, 4, 4, 3)
    noise = {
        "family": "gaussian",
        "x0_scale": x0_scale,
        "renormalise": "none",
        "shared_batch": True,
    }
    panels = noised_example(data, "own", 3, STEPS, {"schedule": SCHEDULE, "noise": noise})
    for level, (kappa, shown) in zip(schedule.levels(STEPS, **SCHEDULE), panels, strict=True):
        scale = moments(data.image.values)
        mixed = mixture(level, scale, noise)
        key = {"dataset": "own", "step": level.step, "realisation": 0}
        (batch,) = evaluation.batches(data.image.values, mixed, scale, noise, key)
        assert kappa == level.kappa
        np.testing.assert_array_equal(shown, batch[3])
