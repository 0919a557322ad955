"""A tiny study of trained deep networks by Snakemake: complete, repeatable, grown by new depths."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr
from PIL import Image
from studies import study_fixtures
from verdict_schema import check

TRAINING = {"samples": 64, "scored": 50, "steps": 6, "marks": 2, "batch_size": 16}
NETWORK = {"width": 4, "realisations": 2, "training": TRAINING}
STUDY = {
    "datasets": ["digits"],
    "weight_variances": [0.5, 1.0, 1.4, 1.8, 3.0],
    "realisations": 2,
    "side": 4,
    "spectra": {"images": 6, "width": 30, "depth": 12},
    "cascade": {"depth": 3, "samples": 40, "images": 10, "shown": [1, 3]},
    "networks": {
        "dense": NETWORK | {"depths": [1, 3]},
        "resnet": NETWORK
        | {
            "kind": "residual",
            "depths": [2],
            "bias_variance": 0.1,
            "signals": {"images": 4, "channels": 3, "depth": 9},
        },
    },
    "choice": NETWORK | {"depths": [2]},
}
TRAINED = {
    *(f"dense/digits/depth{depth}/seed{seed}" for depth in (1, 3) for seed in (0, 1)),
    *(f"resnet/digits/depth2/seed{seed}" for seed in (0, 1)),
}
CHOSEN = {f"digits/depth2/seed{seed}" for seed in (0, 1)}
ANALYSIS = {"map_trainability", "compare_trainability", "plot_trainability", "judge_signals"}


def with_signals(workflow, **changes):
    workflow.add_study("criticality", "deep", STUDY | changes)
    return workflow


computed, edited = study_fixtures(with_signals, "deep")


def test_everything_of_trained_networks_is_there(computed):
    expected = {f"deep_networks/{name}.nc" for name in TRAINED}
    expected |= {f"costs/deep_networks/{name}.nc" for name in TRAINED}
    expected |= {f"{part}choice/{name}.nc" for name in CHOSEN for part in ("", "costs/")}
    expected |= {f"convolutions/resnet/digits/seed{seed}.nc" for seed in (0, 1)}
    expected |= {
        f"{part}/{name}.nc" for name in ("dense", "resnet") for part in ("trainability", "costs")
    }
    expected |= {"predictions/dense.nc", "choice.nc", "convolutions.nc"}
    for name in ("trainability_dense", "trainability_resnet", "choice", "convolutions"):
        expected |= {f"figures/{name}.{suffix}" for suffix in ("svg", "png")}
    found = {file.removeprefix("results/deep/") for file in computed.computed_files()}
    assert expected <= found
    rest = {"findings.json", "verdicts.json", "signals.nc", "cascade.nc"}
    other = re.compile(
        r"figures/(mean_field|digits_)|(costs/)?(spectra|cascades|ridge)/|resources/"
    )
    assert all(other.match(file) for file in found - expected - rest)
    assert computed.plan("deep") == {}


def test_what_is_joined_is_what_the_jobs_found(computed):
    trained = xr.load_dataset(computed / "results/deep/trainability/dense.nc")
    assert dict(trained.sizes) == {
        "dataset": 1, "weight_variance": 5, "depth": 2, "realisation": 2,
    }  # fmt: skip
    one = xr.load_dataset(computed / "results/deep/deep_networks/dense/digits/depth3/seed1.nc")
    assert one.attrs["n_train"] == 64 and one.step.values.tolist() == [3, 6]
    np.testing.assert_array_equal(
        trained.test_accuracy.sel(depth=3, realisation=1).squeeze(),
        one.test_accuracy.isel(step=-1).squeeze(),
    )
    choice = xr.load_dataset(computed / "results/deep/choice.nc")
    cascade = xr.load_dataset(computed / "results/deep/cascade.nc")
    best = cascade.optimum_mean.sel(decoder=cascade.attrs["quoted"], metric="error")
    assert choice.chosen.item() == best.isel(layer=-1).item()
    for path in (
        "trainability/dense",
        "predictions/dense",
        "choice",
        "convolutions",
        "costs/dense",
    ):
        data = xr.load_dataset(computed / f"results/deep/{path}.nc")
        assert all("long_name" in variable.attrs for variable in data.variables.values()), path


def test_findings_and_verdicts_are_about_all_networks(computed):
    findings, verdicts = (
        json.loads((computed / f"results/deep/{name}.json").read_text())
        for name in ("findings", "verdicts")
    )
    check(verdicts)
    questions = [finding["question"] for finding in findings["deep"]]
    for asked in ("How deep can they be trained (dense)?", "How deep can they be trained (resnet)?",
                  "What predicts the depth?", "Does a signal decay exponentially?",
                  "Does a weight variance chosen by information flow help?"):  # fmt: skip
        assert asked in questions
    assert {"perceptrons", "resnet"} <= {verdict["system"] for verdict in verdicts["deep"]}


def test_figures_are_images(computed):
    for name in ("trainability_dense", "trainability_resnet", "choice", "convolutions"):
        svg, png = (computed / f"results/deep/figures/{name}.{kind}" for kind in ("svg", "png"))
        assert ElementTree.parse(svg).getroot().tag.endswith("}svg")
        with Image.open(png) as image:
            assert min(image.size) > 500 and len(np.unique(np.asarray(image.convert("L")))) > 20


def test_a_new_depth_trains_its_networks_alone(edited):
    networks = STUDY["networks"] | {"dense": STUDY["networks"]["dense"] | {"depths": [1, 2, 3]}}
    plan = with_signals(edited, networks=networks).plan("deep")
    assert plan.keys() == ANALYSIS | {"train_deep_networks"}
    made = set(", ".join(plan["train_deep_networks"]).split(", "))
    stems = [f"deep_networks/dense/digits/depth2/seed{seed}.nc" for seed in (0, 1)]
    assert made == {f"results/deep/{part}{stem}" for stem in stems for part in ("", "costs/")}


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"threshold": 0.3}, ANALYSIS),
        ({"training": TRAINING | {"double_softmax": True}}, ANALYSIS | {"train_deep_networks"}),
    ],
)
def test_what_a_change_of_the_networks_makes_anew(edited, change, again):
    networks = STUDY["networks"] | {"dense": STUDY["networks"]["dense"] | change}
    plan = with_signals(edited, networks=networks).plan("deep")
    assert plan.keys() == again
    assert len(plan.get("train_deep_networks", range(4))) == 4
