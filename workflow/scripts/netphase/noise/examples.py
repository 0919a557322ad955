"""Noisy examples of one image of a data set, as the networks of a study receive it."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.noise import cubes, fields, schedule


def noised_example(
    dataset: xr.Dataset, name: str, place: int, steps: Sequence[int], noising: Mapping
) -> list[tuple[float, np.ndarray]]:
    """One image at several noise levels: pairs of kappa and image.

    Parameters
    ----------
    name : of the data set, key of the noise
    place : of the image
    noising : schedule, and noise of the study, of the keys of its kind of network
    """
    levels = schedule.levels(steps, **noising["schedule"])
    noise, image = noising["noise"], dataset["image"].values
    if "x0_scale" not in noise:
        scaling = cubes.standardisation(
            image, dataset["split"].values, noise["standardise"], noise["fit_on"]
        )
        rows = {
            "family": noise["family"],
            "share_levels": noise["share_levels"],
            "rows": slice(place, place + 1),
        }
        packing = {"dtype": np.dtype(np.float32), "step": np.float32(1)}
        return [
            (level.kappa, cubes.noised(image, name, level, 0, scaling, **rows, **packing)[0])
            for level in levels
        ]
    scale = fields.moments(image)
    pairs = []
    for level in levels:
        key = {"dataset": name, "step": level.step, "realisation": 0}
        mixed = fields.mixture(level, scale, noise)
        shown = fields.noisy(image[place], mixed, place, scale, noise, key)
        pairs.append((level.kappa, shown))
    return pairs
