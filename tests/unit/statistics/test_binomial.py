"""Intervals of shares: their width and their coverage."""

import numpy as np

from netphase.statistics.binomial import binomial_half_width
from netphase.statistics.intervals import Z_975
from netphase.streams import stream


def test_interval_of_a_share():
    shares = stream("share").binomial(400, 0.3, 20_000) / 400
    half = binomial_half_width(shares, 400)
    assert 0.94 < (np.abs(shares - 0.3) <= half).mean() < 0.96
    np.testing.assert_allclose(half, Z_975 * shares.std(), rtol=0.25)
    assert binomial_half_width(np.float64(1), 10) == 0
