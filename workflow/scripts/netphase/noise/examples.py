"""One image of a data set, noised as the networks of a study see it."""

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
    noising : schedule, and noise of the data set (perceptrons) or of the study (other networks)
    """
    levels = schedule.levels(steps, **noising["schedule"])
    noise, image = noising["noise"], dataset["image"].values
    if "x0_scale" not in noise:
        scaling = cubes.standardisation(
            image, dataset["split"].values, noise["standardise"], noise["fit_on"]
        )
        rows = {"share_levels": noise["share_levels"], "rows": slice(place, place + 1)}
        packing = {"dtype": np.dtype(np.float32), "step": np.float32(1)}
        return [
            (level.kappa, cubes.noised(image, name, level, 0, scaling, **rows, **packing)[0])
            for level in levels
        ]
    scale, one = fields.moments(image), image[place].astype(np.float32)
    pairs = []
    for level in levels:
        mixed = fields.mixture(level, scale, noise)
        epsilon = fields.field(
            one.shape, place, dataset=name, step=level.step, realisation=0, shared=False
        )
        pairs.append((mixed.kappa, mixed.signal * one + mixed.offset + mixed.noise * epsilon))
    return pairs
