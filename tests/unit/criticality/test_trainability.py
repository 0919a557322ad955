"""Trainable depth: depths that are known, predictions that hold or do not."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr, ttest_rel
from trained_depths import DEPTHS, VARIANCES, described, six_lengths

from netphase.criticality.mean_field import critical_weight_variance, fixed_point
from netphase.criticality.trainability import (
    LENGTHS,
    Prediction,
    compare,
    compare_choice,
    deepest,
    predictions,
    rank_correlation,
    trained_depth,
    unbounded,
)
from netphase.errors import InputError
from netphase.streams import stream


@given(st.floats(0, 100))
def test_a_line_falls_through_the_threshold_where_it_does(depth):
    accuracy = 0.5 + 0.001 * (depth - DEPTHS)
    found = trained_depth(DEPTHS, accuracy, 0.5)
    if depth <= DEPTHS[0]:
        assert found == 0
    else:
        assert found == pytest.approx(min(depth, DEPTHS[-1]), abs=1e-6)


def test_the_last_crossing_counts():
    accuracy = np.array([[0.9, 0.4, 0.7, 0.3, 0.1], [0.1, 0.1, 0.1, 0.1, 0.9], [0.5] * 5])
    np.testing.assert_allclose(trained_depth(DEPTHS, accuracy, 0.5), [30, 80, 0])


def test_of_ties_the_middle_is_deepest():
    depth = np.array([[1, 2, 3, 3, 3, 2, 1], [0, 0, 0, 0, 0, 0, 9], [1, 5, 3, 5, 2, 1, 0]])
    np.testing.assert_allclose(deepest(VARIANCES, depth), [1.48, 4.0, 1.2])


def test_networks_that_obey_the_theory_are_found_to():
    found = described(six_lengths)
    assert found.sizes == {"dataset": 2, "weight_variance": 7, "depth": 5, "realisation": 3}
    reach = LENGTHS * found.decay_length.values < DEPTHS[-1]
    for w in np.flatnonzero(reach):
        expected = LENGTHS * fixed_point(VARIANCES[w], 0.05).depth_of_c
        mean = found.trained_depth_mean.isel(weight_variance=w)
        np.testing.assert_allclose(mean, expected, rtol=1e-9)
    np.testing.assert_allclose(found.lengths, LENGTHS, rtol=1e-9)
    np.testing.assert_allclose(found.deepest_mean, 1.76)
    through = found.trained_through.sel(weight_variance=1.76)
    assert (through == 1).all() and found.trained_depth_high.sel(
        weight_variance=1.76
    ).isnull().all()
    assert float(found.critical_variance) == critical_weight_variance(0.05)
    assert found.attrs["n_classes"] == 10 and "n_test" not in found.attrs
    assert all({"long_name", "units"} <= v.attrs.keys() for v in found.variables.values())


def test_first_steps_are_those_at_which_the_threshold_is_passed():
    found = described(lambda w, _: 100 if w > 1 else 0)
    first = found.first_step.transpose(..., "weight_variance").values
    assert np.isnan(first[..., :2]).all() and (first[..., 2:] == 20).all()


def test_networks_that_are_trained_at_many_variances_have_no_deepest():
    free = unbounded(described(lambda w, _: 100 if w > 1 else 0).isel(dataset=0))
    np.testing.assert_array_equal(free, VARIANCES[2:])
    assert not unbounded(described(six_lengths).isel(dataset=0)).size


def test_there_is_no_theory_of_residual_networks():
    found = described(six_lengths, kind="residual")
    for name in ("decay_length", "critical_variance", "lengths", "lengths_low"):
        assert found[name].isnull().all()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12))
def test_rank_correlation_is_that_of_scipy(pairs):
    first, second = np.array(pairs, float).T
    found = rank_correlation(first, second)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic)


def over(values, name="dataset"):
    return xr.DataArray(
        np.broadcast_to(values, (2, 5, len(VARIANCES))),
        {"dataset": ["digits", "other"], "realisation": range(5), "weight_variance": VARIANCES},
    )


def test_good_predictions_correlate_and_bad_ones_do_not():
    rng = stream("noise")
    trained = described(lambda w, r: six_lengths(w, r) + r)
    lengths = np.array([fixed_point(w, 0.05).depth_of_c for w in VARIANCES])
    critical = xr.DataArray(
        np.full((2, 5), 1.7) + 0.01 * rng.standard_normal((2, 5)),
        {"dataset": ["digits", "other"], "realisation": range(5)},
    )
    found = compare(
        trained,
        {
            "right": Prediction(over(lengths), critical),
            "wrong": Prediction(over(-lengths), None),
            "noise": Prediction(over(rng.standard_normal((5, len(VARIANCES)))), None),
            "elsewhere": Prediction(None, critical + 1),
        },
        stream("bootstrap"),
    )
    for name, sign in (("right", 1), ("wrong", -1)):
        one = found.sel(predictor=name)
        np.testing.assert_allclose(one.rank_correlation, sign, atol=0.05)
    noise = found.sel(predictor="noise")
    assert (noise.rank_correlation_high - noise.rank_correlation_low > 0.3).all()
    right = found.sel(predictor="right")
    np.testing.assert_allclose(right.predicted, 1.7, atol=0.02)
    np.testing.assert_allclose(right.distance, 1.76 - right.predicted)
    assert ((right.distance_low < right.distance) & (right.distance < right.distance_high)).all()
    elsewhere = found.sel(predictor="elsewhere")
    np.testing.assert_allclose(elsewhere.distance, right.distance - 1)
    assert elsewhere.rank_correlation.isnull().all() and noise.distance.isnull().all()


def test_predictions_of_other_variances_are_refused():
    trained = described(six_lengths)
    other = over(VARIANCES).assign_coords(weight_variance=VARIANCES + 0.01)
    with pytest.raises(InputError, match="weight_variances: spectra"):
        compare(trained, {"spectra": Prediction(other, None)}, stream("bootstrap"))


def test_predictions_are_read_where_they_are_written():
    signals = xr.Dataset(
        {
            "depth_of_c": ("weight_variance", VARIANCES**2),
            "critical_weight_variance": ((), 1.76),
            "critical_variance": (("dataset", "realisation"), np.full((2, 5), 1.8)),
            "critical_mean": ("dataset", [1.8, 1.8]),
        },
        {"dataset": ["digits", "other"], "weight_variance": VARIANCES},
    )
    dims = ("dataset", "decoder", "realisation", "weight_variance", "layer")
    error = abs(VARIANCES - 1.7)[:, np.newaxis] * np.array([1.0, 2.0])
    cascade = xr.Dataset(
        {
            "error": (dims, np.broadcast_to(error, (2, 2, 5, len(VARIANCES), 2))),
            "cutoff": ((*dims[:-1], "metric"), np.ones((2, 2, 5, len(VARIANCES), 2))),
            "optimum": (("dataset", "decoder", "metric", "realisation", "layer"),
                        np.broadcast_to([3.0, 1.7], (2, 2, 2, 5, 2))),
        },
        {"dataset": ["digits", "other"], "decoder": ["adam", "ridge"],
         "metric": ["error", "relative_entropy"], "weight_variance": VARIANCES, "layer": [1, 2]},
        {"quoted": "ridge"},
    )  # fmt: skip
    found = predictions(signals, cascade)
    best = {name: one.depth.isel(dataset=0).transpose("weight_variance", ...).values
            for name, one in found.items()}  # fmt: skip
    assert VARIANCES[best["mean_field"].argmax()] == 4
    assert VARIANCES[best["spectra"].argmax()] == 1.76
    assert VARIANCES[best["reconstruction"].mean(axis=1).argmax()] == 1.76
    assert (found["reconstruction"].critical == 1.7).all() and found["cutoff"].critical is None
    compared = compare(described(six_lengths), found, stream("bootstrap"))
    np.testing.assert_allclose(compared.predicted.sel(predictor="mean_field"), 1.76)


def test_gains_are_those_of_a_paired_test():
    rng = stream("choices")
    accuracy = rng.uniform(0.2, 0.9, (1, 2, 3, 6, 1))
    names = ["chosen", "he", "xavier"]
    dims = ("dataset", "depth", "initialisation", "realisation", "step")
    runs = xr.Dataset(
        {"test_accuracy": (dims, accuracy)},
        {"dataset": ["digits"], "depth": [5, 40], "initialisation": names,
         "weight_variance": (("dataset", "initialisation"), [[1.7, 2.0, 1.0]])},
    )  # fmt: skip
    found = compare_choice(runs)
    assert (found.gain.sel(initialisation="chosen") == 0).all()
    assert found.chosen.item() == 1.7
    for d in range(2):
        test = ttest_rel(accuracy[0, d, 0, :, 0], accuracy[0, d, 2, :, 0])
        ends = test.confidence_interval(0.95)
        one = found.isel(dataset=0, depth=d).sel(initialisation="xavier")
        assert float(one.gain - one.gain_half) == pytest.approx(ends.low)
        assert float(one.gain + one.gain_half) == pytest.approx(ends.high)
