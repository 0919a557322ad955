"""A tiny study of signals by Snakemake: complete, repeatable, and grown by new realisations."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr
from PIL import Image
from studies import study_fixtures
from verdict_schema import check

CASCADE = {"depth": 4, "samples": 60, "images": 12, "shown": [1, 4], "penalties": [1e-3, 1e-2]}
STUDY = {
    "datasets": ["digits"],
    "weight_variances": [0.6, 1.0, 1.4, 1.8, 3.0],
    "realisations": 2,
    "spectra": {"images": 6, "width": 60, "depth": 20},
    "cascade": CASCADE | {"trained": {"datasets": ["digits"], "epochs": 2}},
}
FIGURES = ("mean_field", "digits_spectra", "digits_cascade", "digits_strips")
DRAWN = {"plot_mean_field", "plot_spectra", "plot_cascade", "plot_strips"}
OF_SPECTRA = {"propagate_signals", "join_signals", "judge_signals", *DRAWN}
OF_CASCADES = {
    "reconstruct_cascade", "train_decoders", "join_cascades", "judge_signals", "plot_cascade",
    "plot_strips",
}  # fmt: skip


def with_signals(workflow, **changes):
    workflow.add_study("criticality", "deep", STUDY | changes)
    return workflow


computed, edited = study_fixtures(with_signals, "deep")


def files(*seeds):
    """Spectra and cascades of these realisations, with their costs."""
    return {
        f"results/deep/{kind}/digits/seed{seed}.nc"
        for kind in ("spectra", "costs/spectra", "cascades/ridge", "costs/ridge")
        for seed in seeds
    }


def test_everything_is_there(computed):
    names = ("signals.nc", "cascade.nc", "findings.json", "verdicts.json")
    expected = files(0, 1) | {f"results/deep/{name}" for name in names}
    expected |= {f"results/deep/{kind}/adam/digits/seed0.nc" for kind in ("cascades", "costs")}
    expected |= {
        f"results/deep/figures/{name}.{suffix}" for name in FIGURES for suffix in ("svg", "png")
    }
    assert computed.computed_files() == expected | {"resources/datasets/digits.nc"}
    assert computed.plan("deep") == {}


def test_results_hold_every_network_and_decoder(computed):
    signals = xr.load_dataset(computed / "results/deep/signals.nc")
    shape = {"dataset": 1, "realisation": 2, "weight_variance": 5, "layer": 20}
    assert dict(signals.sizes) == shape and signals.gap.notnull().all()
    one = xr.load_dataset(computed / "results/deep/spectra/digits/seed1.nc")
    xr.testing.assert_equal(signals.sel(realisation=[1]).entropy, one.entropy)
    cascade = xr.load_dataset(computed / "results/deep/cascade.nc")
    assert cascade.decoder.values.tolist() == ["ridge 0.001", "ridge 0.01", "adam"]
    there = cascade.error.notnull().all(["weight_variance", "layer", "dataset"])
    assert there.sum("decoder").values.tolist() == [3, 2]


def test_findings_and_verdicts(computed):
    (answers,) = json.loads((computed / "results/deep/findings.json").read_text()).values()
    verdicts = json.loads((computed / "results/deep/verdicts.json").read_text())
    check(verdicts)
    (claims,) = verdicts.values()
    assert {answer["ladder"] for answer in answers} == {"digits"} and len(answers) == 5
    assert {claim["system"] for claim in claims} == {"digits"} and len(claims) == 4
    assert "nan" not in json.dumps([answers, claims])
    signals = xr.load_dataset(computed / "results/deep/signals.nc")
    assert f"mean field: {float(signals.critical_weight_variance):.3f}" in answers[0]["answer"]


def test_figures_are_images(computed):
    for name in FIGURES:
        svg, png = (computed / f"results/deep/figures/{name}.{end}" for end in ("svg", "png"))
        assert ElementTree.parse(svg).getroot().tag.endswith("}svg")
        with Image.open(png) as image:
            assert len(np.unique(np.asarray(image.convert("L")))) > 20


def test_a_new_realisation_computes_that_alone(edited):
    plan = with_signals(edited, realisations=3).plan("deep")
    made = plan["propagate_signals"] + plan["reconstruct_cascade"]
    assert {file for files in made for file in files.split(", ")} == files(2)
    assert "train_decoders" not in plan


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"spectra": STUDY["spectra"] | {"width": 50}}, OF_SPECTRA),
        ({"cascade": STUDY["cascade"] | {"depth": 5}}, OF_CASCADES),
        (
            {"cascade": STUDY["cascade"] | {"tolerance": 0.01}},
            {"join_cascades", "judge_signals", "plot_cascade"},
        ),
        ({"bias_variance": 0.1}, OF_SPECTRA | OF_CASCADES),
        ({"cascade": CASCADE}, {"join_cascades", "judge_signals", "plot_cascade"}),
    ],
)
def test_what_a_change_of_the_config_makes_anew(edited, change, again):
    assert with_signals(edited, **change).plan("deep").keys() == again
