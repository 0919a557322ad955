"""Figures and findings of signals show what was found, and stay sound where nothing was."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from image_batches import digits

from netphase.criticality import cascades, propagation, reconstruction, signals
from netphase.figures import criticality as signal_figures
from netphase.figures import noise
from netphase.findings import criticality as signal_findings
from netphase.findings.criticality import REFUTED, REPRODUCED, UNDECIDED, UNTESTED, judge
from netphase.streams import stream

VARIANCES = [0.6, 1.0, 1.4, 1.6, 1.9, 2.5, 4.0]
NETWORK = {"weight_variances": VARIANCES, "bias_variance": 0.05, "side": 8}
ORDERED = NETWORK | {"weight_variances": VARIANCES[:4]}
SPECTRA = {"images": 15, "width": 200, "depth": 40, "flat": 0.01, "least": 0.2}
SETTINGS = {"depth": 9, "samples": 200, "images": 20, "penalties": [1e-3, 1e-2]}
SETTINGS |= {"min_shift": False, "shown": [1, 9]}


def study(network):
    """Spectra and cascades of two data sets, and pictures of one."""
    data = digits(300, 40)
    spectra, images = [], []
    for name in ("digits", "other_digits"):
        for realisation in range(3):
            job = {"name": name, "realisation": realisation}
            spectra.append(propagation.propagate(data, **job, network=network, spectra=SPECTRA)[0])
            job |= {"setting": network, "settings": SETTINGS}
            images.append(reconstruction.reconstruct(data, **job)[0])
    rng = stream("test")
    return signals.join(spectra, 0.05, rng), cascades.join(images, 0.005, rng), images[0]


FULL = study(NETWORK)
NO_CRITICAL = study(ORDERED)
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
        with mpl.rc_context(noise.STYLE):
            figure.draw_without_rendering()
        width, height = figure.get_size_inches() * figure.dpi
        assert figure.get_size_inches()[0] == noise.PAGE
        for ax in figure.axes:
            for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
                box = text.get_window_extent()
                assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
        assert "nan" not in titles(figure)
    pair = [[tmp_path / f"{k}.{suffix}" for suffix in ("svg", "png")] for k in "ab"]
    for paths in pair:
        noise.save(signal_figures.mean_field(CASES[case][0], 0.05), *paths)
    assert [path.read_bytes() for path in pair[0]] == [path.read_bytes() for path in pair[1]]


def test_findings_quote_what_was_found():
    spectra, cascade, _ = FULL
    findings, verdicts = judge("deep", spectra, cascade)
    assert findings.keys() == verdicts.keys() == {"deep"}
    answers = [entry for entry in findings["deep"] if entry["ladder"] == "digits"]
    assert f"{float(spectra.critical_mean[0]):.2f} [" in answers[0]["answer"]
    assert "Subcritical up to 1" in answers[1]["answer"]
    assert answers[2]["answer"].startswith("No: at the last layer")
    assert (
        "6 steps between neighbouring variances 6 surely rise, 0 surely fall"
        in (answers[2]["trust"])
    )
    for entry in (*findings["deep"], *verdicts["deep"]):
        assert all(isinstance(value, str) and value for value in entry.values())


def test_nothing_found_is_said():
    findings, verdicts = judge("deep", *NO_CRITICAL[:2])
    assert "none by Gram spectra" in findings["deep"][0]["answer"]
    assert "supercritical from none on" in findings["deep"][1]["answer"]
    assert "nan" not in f"{findings}{verdicts}"
    by_claim = {claim["claim"]: claim["verdict"] for claim in verdicts["deep"]}
    assert by_claim["The critical point of wide networks is that of mean-field theory."] == UNTESTED


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ((1, 0.9, 1.1), REPRODUCED),
        ((1, 0.5, 1.1), UNDECIDED),
        ((3, 2.5, 3.5), REFUTED),
        ((0.1, 0.0, 0.2), REFUTED),
        ((np.nan, np.nan, np.nan), UNTESTED),
    ],
)
def test_a_verdict_minds_the_interval(ends, verdict):
    assert signal_findings._within(ends, (0.8, 1.2)) == verdict


def test_cutoffs_are_measured_in_units_of_the_correlation_length():
    """All networks lose the image after exactly twice xi_c, but for those that never do."""
    spectra, cascade, _ = FULL
    cascade = cascade.sel(dataset="digits")
    xi = spectra.depth_of_c.where(spectra.weight_variance < 1.2, np.inf)
    known = (2 * xi).clip(max=float(cascade.layer[-1]) - 1)
    cascade = cascade.assign(cutoff=xr.zeros_like(cascade.cutoff) + known)
    np.testing.assert_allclose(signal_findings._loss(spectra.sel(dataset="digits"), cascade), 2)
