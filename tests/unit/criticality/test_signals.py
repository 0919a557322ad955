"""Spectra of a study: two roads to chi, the critical variance with its interval, mean field."""

import numpy as np
import pytest
from gram_spectra_of_digits import propagated

from netphase.criticality.gram_spectra import PHASES
from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.criticality.signals import join
from netphase.streams import stream


@pytest.fixture(scope="module")
def found():
    return [propagated(realisation) for realisation in range(6)]


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


def test_everything_is_described(found):
    joined = join(found, 0.05, stream("test"))
    for variable in [*joined.variables.values(), *found[0].variables.values()]:
        assert variable.attrs["long_name"] and variable.attrs["units"]
