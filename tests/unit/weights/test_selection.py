"""Networks that are accurate enough are kept once each."""

import numpy as np
import pytest
import xarray as xr

from netphase.errors import InputError
from netphase.weights.selection import select


def test_selection_keeps_the_accurate_and_the_different():
    def made(trials, accuracy, bits):
        return xr.Dataset(
            {
                "accuracy": ("trial", accuracy),
                "weights": (("trial", "byte"), np.array(bits, np.uint8)[:, np.newaxis]),
            },
            {"trial": trials},
        )

    chunks = [made([2, 3], [0.9, 0.7], [5, 6]), made([0, 1], [0.8, 0.95], [5, 7])]
    kept = select(chunks, 0.8)
    assert kept.trial.values.tolist() == [0, 1] and kept.weights.values.ravel().tolist() == [5, 7]
    assert (kept.attrs["n_trained"], kept.attrs["n_accepted"]) == (4, 3)
    with pytest.raises(InputError, match=r"none of 4 networks .*best has 0\.950"):
        select(chunks, 0.99)
