"""A tiny study of binary networks by Snakemake: complete, repeatable, and grown by new networks."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image
from studies import study_fixtures
from verdict_schema import check

from netphase.weights.symmetry import blocks

LAYERS = [4, 3, 3, 10]
DEEP = {"hidden": LAYERS[1:-1], "networks": 40, "accept": 0.1}
DEEP |= {"steps": 100, "batch_size": 16, "draws": 4}
STUDY = {
    "dataset": "digits",
    "components": 4,
    "networks_per_job": 20,
    "references": 1,
    "fields": 5,
    "starts": 5,
    "sweeps": 3,
    "parts": 2,
    "methods": {"persistent_chains": {"n_chains": 20, "updates": 50}},
    "iso_energy": {"fields": 3},
    "renaming": {"ratios": [0], "methods": ["persistent_chains"]},
    "triples": {"weights": 5, "samples": 20},
    "frozen_interior": {"hidden": [3, 3], "runs": 1, "epochs": 1, "samples": 64},
    "depth": {"widths": [2, 3], "repeats": 2, "steps": 10, "marks": 2},
    "double_descent": {
        "samples": 32,
        "repeats": 1,
        "binary": {"widths": [2, 3], "steps": 8, "rate": 0.5},
        "real": {"widths": [2, 3], "steps": 8, "rate": 0.01},
    },
    "scenarios": {"deep": DEEP},
}
VIEWS = {
    "parameters", "quality", "landscapes", "distances", "states", "relaxation", "entropies",
    "iso_energy", "triples",
}  # fmt: skip
OTHERS = {
    "frozen_interior": {"run0"},
    "depth": {"width0", "width2", "width3"},
    "double_descent": {"binary2", "binary3", "real2", "real3"},
}
FOLDERS = ("models", "landscapes", "states", "entropies", "iso_energy")


def with_weights(workflow, **changes):
    workflow.add_study("weights", "binary", STUDY | changes)
    return workflow


computed, edited = study_fixtures(with_weights, "binary")


def figures():
    names = ["accuracies", "clouds", *OTHERS, *(f"deep_{view}" for view in (*VIEWS, "renaming"))]
    return {
        f"results/binary/figures/{name}.{suffix}" for name in names for suffix in ("svg", "png")
    }


def test_everything_is_there(computed):
    names = (
        "findings.json",
        "verdicts.json",
        "models.csv",
        "inputs.nc",
        "ensembles/deep.nc",
        "clouds/deep.nc",
    )
    expected = figures() | {f"results/binary/{name}" for name in (*names, "costs/deep.nc")}
    expected |= {
        f"results/binary/{part}/deep/{block}_persistent_chains.nc"
        for part in FOLDERS
        for block in blocks(LAYERS)
    }
    expected.add("results/binary/triples/deep/full_persistent_chains.nc")
    expected.add("results/binary/renaming/deep/persistent_chains.nc")
    expected.add("resources/datasets/digits.nc")
    for name, jobs in OTHERS.items():
        expected.add(f"results/binary/{name}.nc")
        for job in jobs:
            expected |= {f"results/binary/{part}{name}/{job}.nc" for part in ("", "costs/")}
    found = computed.computed_files()
    chunks = {file for file in found if re.search(r"/(networks|costs)/\w+/from", file)}
    assert found - chunks == expected and len(chunks) == 2 * 2
    assert computed.plan("binary") == {}


def test_ensemble_holds_the_networks_of_all_chunks(computed):
    one = xr.load_dataset(computed / "results/binary/ensembles/deep.nc")
    assert one.attrs["n_trained"] == DEEP["networks"] and one.attrs["layers"].tolist() == LAYERS
    assert one.sizes["trial"] <= DEEP["networks"] and (np.diff(one.trial) > 0).all()
    cost = xr.load_dataset(computed / "results/binary/costs/deep.nc")
    assert int(cost.networks) == DEEP["networks"] and float(cost.train_seconds) > 0


def test_findings_verdicts_and_table(computed):
    (answers,) = json.loads((computed / "results/binary/findings.json").read_text()).values()
    assert {entry["ladder"] for entry in answers} == {"deep"}
    judged = json.loads((computed / "results/binary/verdicts.json").read_text())
    check(judged)
    (verdicts,) = judged.values()
    assert {claim["system"] for claim in verdicts} == {"deep", "other networks"}
    table = pd.read_csv(computed / "results/binary/models.csv")
    assert len(table) == 4


def test_figures_are_images(computed):
    for name in figures():
        if name.endswith("svg"):
            assert ElementTree.parse(computed / name).getroot().tag.endswith("}svg")
        else:
            with Image.open(computed / name) as image:
                assert len(np.unique(np.asarray(image.convert("L")))) > 20


def test_more_networks_train_the_new_ones_alone(edited):
    plan = with_weights(edited, scenarios={"deep": DEEP | {"networks": 60}}).plan("binary")
    (made,) = plan["train_binary_networks"]
    assert "deep/from40.nc" in made
    assert "project_images" not in plan and len(plan["infer_model"]) == 4


def test_shallow_networks_have_one_block_and_no_names_to_exchange(edited):
    shallow = DEEP | {"hidden": [], "networks": 20}
    plan = with_weights(edited, scenarios={"deep": DEEP, "shallow": shallow}).plan("binary")
    made = {file for files in plan.values() for file in ", ".join(files).split(", ")}
    views = {*VIEWS, "field_sweeps"}
    drawn = {file for file in made if "figures/" in file and file.endswith(".svg")}
    drawn = {file.rpartition("/")[2].removesuffix(".svg") for file in drawn}
    assert drawn - {"accuracies", "clouds"} == {f"shallow_{view}" for view in views}
    models = {file for file in made if "/models/" in file}
    assert models == {"results/binary/models/shallow/full_persistent_chains.nc"}


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({"references": 2}, "explore_landscape"),
        ({"starts": 6}, "find_states"),
        ({"parts": 3}, "integrate_entropy"),
        ({"symmetrise": False}, "infer_model"),
        ({"triples": {"weights": 6, "samples": 20}}, "compare_triples"),
        ({"depth": STUDY["depth"] | {"widths": [2, 4]}}, "train_depth"),
        ({"renaming": {"ratios": [0, 0.3], "methods": ["persistent_chains"]}}, "rename_units"),
    ],
)
def test_what_a_change_of_the_config_makes_anew(edited, change, first):
    plan = with_weights(edited, **change).plan("binary")
    assert first in plan and "judge_weights" in plan
    assert plan.keys().isdisjoint({"project_images", "train_binary_networks", "select_networks"})


def test_networks_that_are_all_refused_are_said_in_one_line(workflow):
    scenarios = {"deep": DEEP | {"accept": 1.0}}
    run = with_weights(workflow, scenarios=scenarios).snakemake(
        "results/binary/ensembles/deep.nc", succeeds=False
    )
    (line,) = {said for said in run.stdout.splitlines() if said.startswith("netphase: ")}
    assert re.match(r"netphase: accept: none of 40 networks has an accuracy of 1\.0", line)
    assert not (workflow / "results/binary/ensembles").exists() or not list(
        (workflow / "results/binary/ensembles").iterdir()
    )
