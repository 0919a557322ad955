"""Summaries of signals and cascades whose course is known."""

import numpy as np
import xarray as xr
from signal_data import FULL

from netphase.criticality.summaries import entropy_steps, lost_depth, with_last_errors
from netphase.streams import stream

SPECTRA, CASCADE, _ = FULL


def test_cutoffs_are_measured_in_units_of_the_correlation_length():
    """All networks lose the image after exactly twice xi_c, but for those that never do."""
    xi = SPECTRA.depth_of_c.where(SPECTRA.weight_variance < 1.2, np.inf)
    known = (2 * xi).clip(max=float(CASCADE.layer[-1]) - 1)
    cascade = CASCADE.assign(cutoff=xr.zeros_like(CASCADE.cutoff) + known)
    np.testing.assert_allclose(lost_depth(SPECTRA, cascade, stream("test")), 2)


def test_where_no_network_loses_the_image_no_depth_is_lost():
    never = xr.zeros_like(CASCADE.cutoff) + float(CASCADE.layer[-1])
    cascade = CASCADE.assign(cutoff=never)
    assert np.isnan(lost_depth(SPECTRA, cascade, stream("test"))).all()


def test_steps_of_the_entropy_have_an_interval_where_networks_differ():
    rising = SPECTRA.assign(entropy=0 * SPECTRA.entropy + SPECTRA.weight_variance**2)
    mean, low, high = entropy_steps(rising, stream("test"))
    expected = np.diff(SPECTRA.weight_variance.values**2)
    for end in (mean, low, high):
        np.testing.assert_allclose(end, np.tile(expected, (2, 1)))
    scattered = rising.assign(entropy=rising.entropy * (1 + rising.realisation))
    mean, low, high = entropy_steps(scattered, stream("test"))
    assert (low < mean).all() and (mean < high).all()


def test_errors_of_the_last_layer_are_over_the_networks_that_a_decoder_has():
    decoder = CASCADE.decoder.values[0]
    missing = (CASCADE.realisation == 2) & (CASCADE.decoder == decoder)
    told = with_last_errors(CASCADE.assign(error=CASCADE.error.where(~missing)))
    for name, n in ((decoder, 2), (CASCADE.decoder.values[1], 3)):
        values = CASCADE.error.isel(layer=-1).sel(decoder=name)[:, :n]
        one = told.sel(decoder=name)
        np.testing.assert_allclose(one.last_error_mean, values.mean("realisation"))
        half = 1.96 * values.std("realisation", ddof=1) / np.sqrt(n)
        np.testing.assert_allclose(one.last_error_half, half)
