"""Clouds of weights whose law is known: independent ones, and all of one network's."""

import numpy as np
import pytest
import xarray as xr
from weight_models import N, independent

from netphase.errors import InputError
from netphase.streams import stream
from netphase.weights.ensembles import pack
from netphase.weights.overlaps import describe


def of(weights):
    packed = (("trial", "byte"), pack(weights), {"n": weights.shape[1]})
    return xr.Dataset({"weights": packed}, {"trial": np.arange(len(weights))})


def test_overlaps_of_independent_weights_are_the_square_of_their_means():
    h, ensemble = independent()
    cloud = describe(ensemble, stream("cloud"))
    m = np.tanh(h)
    n_pairs = cloud.sizes["pair"]
    assert n_pairs == 500 and cloud.sizes["network"] == 1000
    noise = np.sqrt(np.mean(1 - m**4) / N / n_pairs)
    expected = {"trained": np.mean(m**2), "independent": np.mean(m**2), "random": 0}
    for kind, value in expected.items():
        assert float(cloud.overlap.sel(kind=kind).mean()) == pytest.approx(value, abs=4 * noise)
    spread = cloud.overlap.sel(kind="random").var(ddof=1)
    assert float(spread) == pytest.approx(1 / N, rel=4 * np.sqrt(2 / n_pairs))


def test_places_are_components_along_the_mean_and_beside_it():
    """Along their mean m, independent weights lie at |m| / sqrt(N), random ones at 0."""
    h, ensemble = independent()
    cloud = describe(ensemble, stream("cloud"))
    means = cloud.place.sel(axis="mean").mean("network")
    length = np.linalg.norm(np.tanh(h)) / np.sqrt(N)
    noise = 4 / np.sqrt(N * 1000)
    assert float(means.sel(kind="trained")) == pytest.approx(length, abs=noise + 0.01)
    assert float(means.sel(kind="random")) == pytest.approx(0, abs=noise)
    assert cloud.attrs["plane"] == pytest.approx(length / 2, abs=0.01)
    beside = cloud.place.sel(axis="component", kind="random")
    assert float(beside.var()) == pytest.approx(1 / N, rel=0.2)


def test_a_second_cluster_lies_along_the_component():
    """Networks of two signs of a block differ along that block, and nowhere else."""
    rng = stream("two clusters")
    weights = np.ones((400, 60), np.int8)
    weights[:, 40:] = rng.choice([-1, 1], 400)[:, np.newaxis]
    cloud = describe(of(weights), rng)
    component = cloud.place.sel(kind="trained", axis="component")
    # The rest of w is the same in all: two points, as far apart as the block is large.
    points = np.unique(component.values.round(6))
    assert len(points) == 2
    ahead = cloud.place.sel(kind="trained", axis="mean").values.round(6)
    squares = np.diff(points) ** 2 + np.ptp(ahead) ** 2
    assert squares == pytest.approx(4 * 20 / 60, abs=1e-5)
    assert float(cloud.apart) > 0.99


def test_fewer_than_four_networks_are_refused():
    with pytest.raises(InputError, match="accept: 3 networks"):
        describe(of(np.ones((3, 8), np.int8)), stream("few"))
