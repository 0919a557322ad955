"""Cascades joined: cutoffs and best variances of courses that are known, and missing decoders."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netphase.criticality.cascades import NAMES, cutoff, join, optimum
from netphase.streams import stream

VARIANCES = np.array([0.5, 1.0, 1.6, 2.0, 3.0])
N_LAYERS = 6


def test_cutoff_is_the_last_layer_that_differs():
    assert cutoff(np.array([0, 1, 2, 3, 3.01, 3.0]), 0.005) == 2
    assert cutoff(np.array([0, 1, 2, 3, 3.01, 3.0]), 1e-4) == 4
    assert cutoff(np.array([2.0, 2.0, 2.0]), 0.005) == 3
    assert cutoff(np.array([[1, 1, 0, 0.0], [0, 0, 0, 1.0]]), 0.005).tolist() == [1, 2]
    # Zero itself has no relative differences.
    assert cutoff(np.array([1, 1e-9, 0.0]), 0.005) == 0


@given(st.floats(0.55, 2.9), st.floats(0.1, 10), st.floats(-5, 5))
def test_the_top_of_a_parabola_is_found_between_the_variances(top, bend, height):
    values = height - bend * (VARIANCES - top) ** 2
    found = float(optimum(VARIANCES, values))
    inner = 0 < values.argmax() < len(VARIANCES) - 1
    assert found == pytest.approx(top if inner else VARIANCES[values.argmax()], abs=1e-6)


def test_ends_and_plateaus_stand_for_themselves():
    values = np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 1, 1, 1, 1], [0, 0, 0, 1, 0]]).T
    found = optimum(VARIANCES, values.astype(float))
    assert found[:3].tolist() == [3.0, 0.5, 0.5]
    assert 1.6 < found[3] < 3.0


def one(dataset, realisation, decoder, best):
    """Measures that are best at a variance in all layers; each layer is worse than the last."""
    loss = (VARIANCES[:, np.newaxis] - best) ** 2 + np.arange(N_LAYERS)
    lead = ("dataset", "decoder", "realisation", "weight_variance")
    names = {"differential_entropy": -1, "relative_entropy": 1, "relative_entropy_ratio": 1}
    variables = {
        name: ((*lead, "layer"), sign * loss[np.newaxis, np.newaxis, np.newaxis])
        for name, sign in (names | {"error": 1}).items()
    }
    variables["original"] = ("dataset", "image"), [[0.0]]
    variables["reconstruction"] = ("dataset", "shown_layer"), [[0.0]]
    coords = {"dataset": [dataset], "decoder": [decoder], "realisation": [realisation]}
    coords |= {"weight_variance": VARIANCES, "layer": np.arange(N_LAYERS)}
    return xr.Dataset(variables, coords)


def test_every_decoder_keeps_its_own_optimum():
    found = [one("a", seed, "ridge 0.001", 1.5 + 0.1 * seed) for seed in range(3)]
    found += [one("letters", seed, "ridge 0.001", 1.2) for seed in range(3)]
    found.append(one("a", 0, "adam", 1.9))
    joined = join(found, 0.005, stream("test"))
    assert joined.attrs["quoted"] == joined.decoder.values[0] == "ridge 0.001"
    ridge = joined.sel(decoder="ridge 0.001", layer=N_LAYERS - 1)
    for metric in NAMES:
        best = ridge.sel(metric=metric)
        np.testing.assert_allclose(best.optimum.sel(dataset="a"), [1.5, 1.6, 1.7])
        np.testing.assert_allclose(best.optimum_mean, [1.6, 1.2])
        low, high = (float(best[f"optimum_{end}"].sel(dataset="a")) for end in ("low", "high"))
        assert 1.5 <= low < 1.6 < high <= 1.7
    adam = joined.sel(decoder="adam", layer=N_LAYERS - 1)
    np.testing.assert_allclose(adam.optimum_mean.sel(dataset="a"), 1.9)
    # One realisation has no interval, and no cascade no optimum.
    assert adam.optimum_low.isnull().all() and adam.optimum.sel(dataset="letters").isnull().all()
    assert adam.cutoff.sel(dataset="letters").isnull().all()
    assert joined.optimum.sel(layer=0).isnull().all()
    assert (ridge.cutoff == N_LAYERS - 2).all()


def test_names_are_whole_in_the_file(tmp_path):
    """Of files whose names have other lengths."""
    paths = [tmp_path / f"{name}.nc" for name in ("a", "letters")]
    for path, name in zip(paths, ("a", "letters"), strict=True):
        one(name, 0, "ridge 0.001", 1.0).to_netcdf(path)
    joined = join([xr.load_dataset(path) for path in paths], 0.005, stream("test"))
    joined.to_netcdf(tmp_path / "joined.nc")
    assert xr.load_dataset(tmp_path / "joined.nc").dataset.values.tolist() == ["a", "letters"]
    for variable in joined[["cutoff", "optimum", "optimum_mean"]].data_vars.values():
        assert variable.attrs["long_name"] and variable.attrs["units"]
