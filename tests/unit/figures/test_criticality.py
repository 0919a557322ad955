"""Figures of signals show the results, and stay sound without any."""

import matplotlib as mpl
import numpy as np
import pytest
from signal_data import FULL, NO_CRITICAL, VARIANCES

from netphase.figures import criticality as signal_figures
from netphase.figures import style

CASES = {"full": FULL, "all ordered": NO_CRITICAL}


def drawn(spectra, cascade, pictures):
    one = {"dataset": "digits"}
    return [
        signal_figures.mean_field(spectra, 0.05),
        signal_figures.spectra(spectra.sel(one)),
        signal_figures.cascade(cascade.sel(one), spectra.sel(one)),
        signal_figures.strips(pictures.isel(dataset=0, decoder=0, realisation=0), 1.761),
    ]


def titles(figure):
    return " ".join(ax.get_title() for ax in figure.axes)


def test_figures_show_the_numbers():
    spectra, cascade, pictures = FULL
    mean_field, layers, maps, strips = drawn(*FULL)
    assert "1.761" in titles(mean_field)
    value = float(spectra.critical_mean.sel(dataset="digits"))
    assert f"critical: {value:.3f}" in titles(layers)
    entropies = [line for line in layers.axes[0].get_lines() if len(line.get_xdata()) == 40]
    for line, variance in zip(entropies, VARIANCES, strict=True):
        one = spectra.entropy.sel(dataset="digits", weight_variance=variance).mean("realisation")
        np.testing.assert_allclose(line.get_ydata(), one)
    shown = maps.axes[2].collections[0].get_array()
    error = cascade.error.sel(dataset="digits", decoder="ridge 0.001").mean("realisation")
    np.testing.assert_allclose(shown, error.transpose("layer", "weight_variance")[1:])
    texts = [part.get_suptitle() for part in strips.subfigs]
    assert [text.split(",")[0] for text in texts] == list(signal_figures.SHOWN)
    assert "= 1," in f"{texts[0]}," and "= 1.9," in f"{texts[1]}," and "= 4," in f"{texts[2]},"
    images = [ax.images[0] for ax in strips.axes]
    np.testing.assert_array_equal(images[0].get_array(), pictures.original[0, 0])
    assert all(image.get_clim() == (0, 1) for image in images)


@pytest.mark.parametrize("case", CASES)
def test_everything_written_lies_on_the_page(case, tmp_path):
    for figure in drawn(*CASES[case]):
        with mpl.rc_context(style.STYLE):
            figure.draw_without_rendering()
        width, height = figure.get_size_inches() * figure.dpi
        assert figure.get_size_inches()[0] == style.PAGE
        for ax in figure.axes:
            for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
                box = text.get_window_extent()
                assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
        assert "nan" not in titles(figure)
    pair = [[tmp_path / f"{k}.{suffix}" for suffix in ("svg", "png")] for k in "ab"]
    for paths in pair:
        style.save(signal_figures.mean_field(CASES[case][0], 0.05), *paths)
    assert [path.read_bytes() for path in pair[0]] == [path.read_bytes() for path in pair[1]]
