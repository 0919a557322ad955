"""Spectra of random networks: the same bits for the same job, and no number where none is known."""

import numpy as np
import pytest
from gram_spectra_of_digits import NETWORK, SPECTRA, propagated
from image_batches import digits

from netphase.criticality.propagation import propagate
from netphase.errors import InputError


def test_same_job_same_bits_and_other_realisations_others():
    first, again, other = propagated(0), propagated(0), propagated(1)
    assert first.identical(again)
    assert not np.array_equal(first.gap, other.gap)


def test_grids_without_a_crossing_give_no_number():
    ordered = NETWORK | {"weight_variances": [0.5, 0.7, 0.9, 1.1]}
    one = propagate(digits(60, 10), name="digits", realisation=0, network=ordered, spectra=SPECTRA)[
        0
    ]
    assert np.isnan(one.critical_variance).all() and np.isfinite(one.critical_by_line).all()


def test_more_images_than_there_are_is_refused():
    with pytest.raises(InputError, match=r"spectra\.images: 61, but digits has 60"):
        propagated(0, images=61)
