"""The figures of trained networks show the results, and stay readable without any."""

import numpy as np
import pytest
import xarray as xr
from trained_depths import VARIANCES, choice, convolutions, described, six_lengths

from netphase.criticality.mean_field import fixed_point
from netphase.figures import style, trainability

SIGNALS = xr.Dataset(
    {f"critical_{end}": ("dataset", [value, value])
     for end, value in (("mean", 1.8), ("low", 1.7), ("high", 1.9))},
    {"dataset": ["digits", "other"]},
)  # fmt: skip
CUTOFF = xr.Dataset(
    {"cutoff": (("dataset", "decoder", "realisation", "weight_variance", "metric"),
                np.broadcast_to(np.arange(7.0)[:, np.newaxis], (2, 1, 3, 7, 1)))},
    {"dataset": ["digits", "other"], "decoder": ["ridge"], "weight_variance": VARIANCES,
     "metric": ["relative_entropy"]},
    {"quoted": "ridge"},
)  # fmt: skip
PREDICTION = xr.Dataset(
    {f"rank_correlation{end}": (("dataset", "predictor"), [[value], [value]])
     for end, value in (("", 0.87), ("_low", 0.6), ("_high", 0.93))},
    {"dataset": ["digits", "other"], "predictor": ["spectra"]},
)  # fmt: skip


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_maps_show_accuracies_theory_and_predictions():
    trained = described(six_lengths)
    figure = trainability.trainability(trained, SIGNALS, CUTOFF, PREDICTION)
    *maps, bar = figure.axes
    assert len(maps) == 2 and bar.get_ylabel() == "mean test accuracy"
    for ax, name in zip(maps, trained.dataset.values, strict=True):
        one = trained.sel(dataset=name)
        (mesh,) = ax.collections[:1]
        expected = one.test_accuracy.mean("realisation").transpose("depth", "weight_variance")
        np.testing.assert_allclose(mesh.get_array(), expected)
        drawn = lines(ax)
        w, six = drawn["$6\\,\\xi_c$ of mean-field theory"].get_data()
        for k in (0, 40, -1):
            assert six[k] == pytest.approx(6 * fixed_point(w[k], 0.05).depth_of_c)
        assert drawn["critical by spectra (95 %)"].get_xdata()[0] == 1.8
        np.testing.assert_allclose(drawn["cutoff of the cascade"].get_ydata(), np.arange(7))
        points = np.concatenate([c.lines[0].get_ydata() for c in ax.containers])
        mean = one.trained_depth_mean.values
        np.testing.assert_allclose(sorted(points), sorted(mean[mean > 0]))
        title = ax.get_title()
        assert str(name) in title and "0.87 [0.60, 0.93]" in title and "6.0 [6.0, 6.0]" in title


def test_maps_without_theory_or_without_trained_networks():
    residual = trainability.trainability(described(six_lengths, kind="residual"))
    assert not [label for label in lines(residual.axes[0]) if "theory" in label]
    everywhere = trainability.trainability(described(lambda w, _: 100))
    assert "80 layers are trained at 0.5 to 4" in everywhere.axes[0].get_title()
    none = trainability.trainability(described(lambda w, _: 0))
    for figure in (residual, none):
        assert "nan" not in " ".join(ax.get_title() for ax in figure.axes)


def spectra():
    found = convolutions()
    layers = found.layer.values
    found["gap"] = (
        found.slope.dims + ("layer",),
        0.3 * np.exp(found.slope.values[..., None] * layers),
    )
    return found


def test_decays_and_decay_lengths_of_convolutions():
    found = spectra()
    figure = trainability.convolutions(found)
    cnn, resnet, lengths = figure.axes
    assert "residual" in resnet.get_title() and "convolutional" in cnn.get_title()
    line = lines(cnn)["1"]
    expected = found.gap.sel(network="cnn", weight_variance=1.0).mean("realisation").squeeze()
    np.testing.assert_allclose(line.get_ydata(), expected.where(expected > 1e-12))
    w, xi = lines(lengths)["cnn, theory"].get_data()
    assert xi[0] == pytest.approx(fixed_point(w[0], 0.05).depth_of_c) and w[-1] < 1.76


def test_choices_show_accuracy_and_gain():
    found = choice([0.1, 0.3], 0.05)
    for name in ("accuracy_half",):
        found[name] = found.gain_half
    figure = trainability.choice(found)
    accuracy, gain = figure.axes
    assert "chosen" in accuracy.get_title() and "1.70" in accuracy.get_title()
    drawn = np.concatenate([container.lines[0].get_ydata() for container in gain.containers])
    np.testing.assert_allclose(sorted(drawn), [10, 10, 30, 30])


def test_figures_are_saved_the_same_twice(tmp_path):
    for name, made in (
        ("map", lambda: trainability.trainability(described(six_lengths))),
        ("convolutions", lambda: trainability.convolutions(spectra())),
    ):
        for k in range(2):
            style.save(made(), tmp_path / f"{name}{k}.svg", tmp_path / f"{name}{k}.png")
        for suffix in ("svg", "png"):
            first, second = ((tmp_path / f"{name}{k}.{suffix}").read_bytes() for k in range(2))
            assert first == second
