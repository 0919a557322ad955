"""Spectra of a study: two roads to chi, the critical variance with its interval, mean field."""

import numpy as np
import pytest
from image_batches import digits

from netphase.criticality.gram_spectra import PHASES, growth_of_gaps, variance_of_no_growth
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.criticality.signals import join, propagate
from netphase.errors import InputError
from netphase.streams import stream

NETWORK = {"weight_variances": [0.8, 1.2, 1.5, 1.7, 1.9, 2.5], "bias_variance": 0.05, "side": 8}
SPECTRA = {"images": 20, "width": 400, "depth": 40, "flat": 0.01, "least": 0.2}


def propagated(realisation, **changes):
    return propagate(
        digits(60, 10),
        name="digits",
        realisation=realisation,
        network=NETWORK,
        spectra=SPECTRA | changes,
    )[0]


@pytest.fixture(scope="module")
def found():
    return [propagated(realisation) for realisation in range(6)]


@pytest.mark.parametrize("chi", [0.6, 0.98, 1.0, 1.05])
def test_chi_of_a_map_that_is_known(chi):
    """1 / g' = 1 / (chi g) + b holds for g' = chi g / (1 + b chi g), critical or not."""
    gaps = [0.3]
    for _ in range(29):
        gaps.append(chi * gaps[-1] / (1 + 0.2 * chi * gaps[-1]))
    assert growth_of_gaps(np.array(gaps)) == pytest.approx(chi, rel=1e-6)


def test_crossing_of_chi():
    variances, growth = np.array([1.0, 1.5, 2.5]), np.array([0.8, 0.9, 1.1])
    assert variance_of_no_growth(variances, growth) == pytest.approx(2.0)
    for never in ([0.7, 0.8, 0.9], [1.1, 0.9, 1.2]):
        with pytest.raises(InputError, match="weight_variances"):
            variance_of_no_growth(variances, np.array(never))


def test_spectra_find_the_critical_variance_of_mean_field(found):
    joined = join(found, 0.05, stream("test"))
    critical = critical_weight_variance(0.05)
    assert float(joined.critical_weight_variance) == critical
    assert float(joined.critical_mean.squeeze()) == pytest.approx(critical, rel=0.05)
    assert joined.critical_low <= joined.critical_mean <= joined.critical_high
    # chi itself, where networks are ordered and gaps small.
    ordered = joined.sel(weight_variance=[0.8, 1.2])
    measured = ordered.growth.mean("realisation").values[0]
    np.testing.assert_allclose(measured, ordered.chi, rtol=0.03)


def test_phases_and_depths(found):
    joined = join(found, 0.05, stream("test"))
    phase = joined.phase.squeeze("dataset")
    assert (phase.sel(weight_variance=[0.8, 1.2]) == PHASES.index("subcritical")).all()
    assert (phase.sel(weight_variance=2.5) == PHASES.index("supercritical")).all()
    xi = joined.xi.sel(weight_variance=1.2).mean()
    assert float(xi) == pytest.approx(fixed_point(1.2, 0.05).depth_of_c, rel=0.1)
    assert joined.xi.sel(weight_variance=0.8).notnull().all()


def test_entropy_rises_with_the_variance_without_a_peak(found):
    last = join(found, 0.05, stream("test")).entropy.isel(layer=-1).mean("realisation")
    assert (last.diff("weight_variance") > 0).all()
    np.testing.assert_allclose(found[0].effective_rank, np.exp(found[0].entropy))


def test_same_job_same_bits_and_other_realisations_others(found):
    assert found[0].identical(propagated(0))
    assert not np.array_equal(found[0].gap, found[1].gap)


def test_everything_is_described(found):
    joined = join(found, 0.05, stream("test"))
    for variable in [*joined.variables.values(), *found[0].variables.values()]:
        assert variable.attrs["long_name"] and variable.attrs["units"]


def test_grids_without_a_crossing_give_no_number():
    ordered = NETWORK | {"weight_variances": [0.5, 0.7, 0.9, 1.1]}
    one = propagate(digits(60, 10), name="digits", realisation=0, network=ordered, spectra=SPECTRA)[
        0
    ]
    assert np.isnan(one.critical_variance).all() and np.isfinite(one.critical_by_line).all()


def test_more_images_than_there_are_is_refused():
    with pytest.raises(InputError, match=r"spectra\.images: 61, but digits has 60"):
        propagated(0, images=61)
