"""The shape of test cross-entropies that are known."""

import pytest
import xarray as xr

from netphase.weights.double_descent import QUANTITIES
from netphase.weights.loss_peak import compare


def test_shape_of_known_cross_entropies():
    def made(kind, widths, values):
        return [
            xr.Dataset(
                {
                    name: (("kind", "width", "repeat"), [[[value - 1.0, value + 1.0]]])
                    for name in QUANTITIES
                },
                {"kind": [kind], "width": [width], "repeat": [0, 1]},
            )
            for width, value in zip(widths, values, strict=True)
        ]

    found = compare(
        made("real", (2, 5, 9, 30), (4, 3, 12, 5)) + made("binary", (2, 5, 9), (8, 6, 5))
    )
    real, binary = (found.sel(kind=kind) for kind in ("real", "binary"))
    assert (real.peak_width, real.peak_ratio) == (9, 12 / 5)
    assert real.trend == pytest.approx(0.6)
    assert (binary.peak_width, binary.peak_ratio, binary.trend) == (2, 8 / 5, -1)
    assert binary.test_error.sel(width=30).isnull().all()
