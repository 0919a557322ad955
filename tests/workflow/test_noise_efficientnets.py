"""Tiny networks trained clean, tested noisy: complete, resumed, rerun only in part."""

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from mirror import mirror_with
from studies import study_fixtures
from verdict_schema import check

MODELS = {"small": 0.0266, "large": 0.06}
STEPS = [-1, 100, 600, 1200, 2000]
FIGURES = (
    *("example", "noise_levels", "capacity", "transition", "collapse", "cost", "recommendation"),
    *("scaling", "collapse_map", "steps", "level_sets", "widths", "crossings"),
)
TABLES = (
    *("runs.nc", "costs.nc", "costs.csv", "statistics.nc", "verdicts.json", "findings.json"),
    *("transition.nc", "transition.csv", "recommendation.nc", "recommendation.csv"),
    *("families.nc", "families.csv", "realisations.nc", "scaling.nc", "scaling.csv"),
    *("sensitivity.csv", "widths.csv", "collapse.nc", "crossings.nc", "crossings.csv"),
    *("limits.nc", "limits/digits.nc"),
)
ANALYSED = {"aggregate_runs", "aggregate_costs", "fit_families", "answer_questions"}


def model(width, **changes):
    """A network of 8 x 8 images, trained for two epochs."""
    entry = {"learner": "efficientnet", "width": width, "depth": 0.25, "divisor": 4}
    return entry | {"epochs": 2, "batch_size": 64, "padding": 1, "device": "cpu"} | changes


def with_networks(workflow, **changes):
    """The workflow with a study of networks in place of perceptrons."""
    config = workflow.config
    config["schedules"]["long"] = {"beta_first": 1e-4, "beta_last": 2.01e-2, "n_steps": 5000}
    study = {
        "datasets": ["digits"],
        "schedule": "long",
        "steps": STEPS,
        "realisations": 2,
        "models": {name: model(width) for name, width in MODELS.items()},
        "example": {"class": 3, "steps": [100, 1200]},
    }
    config["studies"]["noise"] = {"nets": study | changes}
    workflow.config = config | {"default_studies": ["nets"]}
    return workflow


computed, edited = study_fixtures(with_networks, "nets")


def files(*kinds):
    return {
        f"results/nets/{kind}/digits/{name}/seed{seed}.nc"
        for kind in kinds
        for name in MODELS
        for seed in (0, 1)
    }


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_everything_is_there_and_nothing_else(computed):
    figures = {
        f"results/nets/figures/digits_{name}.{suffix}"
        for name in FIGURES
        for suffix in ("svg", "png")
    }
    expected = {"resources/datasets/digits.nc", *(f"results/nets/{name}" for name in TABLES)}
    expected |= figures | files("weights", "training_costs", "runs", "costs")
    assert computed.computed_files() == expected
    assert computed.plan() == {}


def test_runs_and_costs_hold_every_cell(computed):
    runs, costs = (
        xr.load_dataset(computed / f"results/nets/{name}.nc") for name in ("runs", "costs")
    )
    assert runs.step.values.tolist() == STEPS
    assert runs.split.values.tolist() == ["test"]
    there = runs.accuracy.notnull().all(("step", "realisation")).squeeze()
    assert there.sum() == len(MODELS)
    assert runs.attrs["protocol"] == "trained_once"
    assert (runs.n_parameters.max(("dataset", "model")) == runs["size"]).all()
    assert (costs.training_seconds.count("realisation") > 0).sum() == len(MODELS)
    np.testing.assert_allclose(
        runs.n_correct.where(runs.n_correct >= 0), runs.accuracy * runs.n_samples, atol=1e-6
    )


def test_claims_and_questions_are_answered(computed):
    for name in ("verdicts", "findings"):
        found = json.loads((computed / f"results/nets/{name}.json").read_text())
        assert found.keys() == {"digits"} and found["digits"]
        if name == "verdicts":
            check(found)


def test_a_new_network_trains_alone(edited):
    models = edited.config["studies"]["noise"]["nets"]["models"] | {"wide": model(0.1)}
    plan = with_networks(edited, models=models).plan()
    for rule in ("train_efficientnet", "evaluate_efficientnet"):
        assert all("/wide/" in output for output in plan[rule]) and len(plan[rule]) == 2
    assert plan.keys() > ANALYSED


def test_a_new_level_and_other_noise_train_nothing(edited):
    for changes in ({"steps": [*STEPS, 300]}, {"noise": {"x0_scale": "pm1"}}):
        plan = with_networks(edited, **changes).plan()
        assert "train_efficientnet" not in plan
        assert len(plan["evaluate_efficientnet"]) == 4
        assert plan.keys() > ANALYSED


def test_another_hyperparameter_trains_its_own_network_anew(edited):
    models = {"small": model(MODELS["small"]), "large": model(MODELS["large"], weight_decay=0.0)}
    plan = with_networks(edited, models=models).plan()
    assert len(plan["train_efficientnet"]) == 2
    assert all("/large/" in output for output in plan["train_efficientnet"])


@pytest.mark.parametrize(
    ("module", "again", "spared"),
    [
        (
            "learners/efficientnet_training",
            {"train_efficientnet", "evaluate_efficientnet"},
            {"download_dataset"},
        ),
        ("learners/evaluation", {"evaluate_efficientnet"}, {"train_efficientnet"}),
        ("figures/efficientnets", {"plot_steps", "plot_widths"}, {"evaluate_efficientnet"}),
        ("findings/efficientnets", {"judge_networks"}, {"fit_scaling"}),
    ],
)
def test_edited_code_runs_again_what_it_computes(edited, module, again, spared):
    path = edited / f"workflow/scripts/netphase/{module}.py"
    path.write_text(path.read_text() + "\nEDITED = 1\n")
    plan = edited.plan()
    assert plan.keys() >= again and plan.keys().isdisjoint(spared)


@pytest.fixture
def long_training(new_workflow):
    """A study with one network of many epochs, and the weights of its job."""
    models = {"small": model(MODELS["small"], epochs=12)}
    workflow = with_networks(new_workflow("kill"), models=models)
    return workflow, "results/nets/weights/digits/small/seed0.nc"


def kill_after_a_checkpoint(workflow, target):
    """Start a training, and kill it and all its kin at some moment after the first checkpoint."""
    command = workflow.command(target)
    process = subprocess.Popen(**command, start_new_session=True)
    checkpoint = workflow / target.replace("weights", "checkpoints")
    deadline = time.monotonic() + 300
    while not checkpoint.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(np.random.default_rng().uniform(0, 1))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return checkpoint


def test_a_killed_training_is_taken_up_and_ends_in_the_same_bits(long_training, tmp_path):
    workflow, target = long_training
    workflow.snakemake(target)
    undisturbed = sha256(workflow / target)
    assert not (workflow / target.replace("weights", "checkpoints")).exists()
    (workflow / target).unlink()
    kill_after_a_checkpoint(workflow, target)
    assert not (workflow / target).exists()
    workflow.snakemake("--unlock")
    workflow.snakemake(target)
    log = (workflow / "logs/nets/train_efficientnet/digits/small/seed0.log").read_text()
    assert "resumed after epoch" in log
    assert sha256(workflow / target) == undisturbed


def test_a_damaged_checkpoint_is_named(long_training):
    workflow, target = long_training
    checkpoint = kill_after_a_checkpoint(workflow, target)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    workflow.snakemake("--unlock")
    said = workflow.snakemake(target, succeeds=False).stdout
    name = str(checkpoint.relative_to(workflow.folder))
    (line,) = {line for line in said.splitlines() if line.startswith("netphase:")}
    assert name in line and "damaged" in line
    assert not (workflow / target).exists()


MIRROR = mirror_with("cifar-100-binary/train.bin")


@pytest.mark.slow
@pytest.mark.skipif(MIRROR is None, reason="NETPHASE_MIRROR holds no cifar-100-binary")
def test_real_photographs_to_figures(new_workflow):
    """Three sizes, five epochs on a fifth of CIFAR-100, end to end."""
    workflow = new_workflow("cifar")
    own = workflow / "cifar"
    own.mkdir()
    for name, n in (("train", 10_000), ("test", 1000)):
        raw = (MIRROR / f"cifar-100-binary/{name}.bin").read_bytes()
        (own / f"{name}.bin").write_bytes(raw[: n * 3074])
    config = workflow.config
    config["datasets"]["cifar"] = {
        "source": "cifar",
        "train": ["cifar/train.bin"],
        "test": ["cifar/test.bin"],
        "labels": 2,
    }
    workflow.config = config
    networks = {"small": 0.0266, "middle": 0.0924, "large": 0.1965}
    five = {"stem_stride": 2, "padding": 4, "epochs": 5}
    models = {name: model(width, **five) for name, width in networks.items()}
    steps = [-1, 7, 153, 442, 664, 904, 1130, 1332, 1513, 1826, 2332]
    example = {"class": 8, "steps": [664, 1332]}
    changes = {"models": models, "steps": steps, "example": example, "realisations": 1}
    with_networks(workflow, datasets=["cifar"], **changes)
    workflow.snakemake("--cores", "2")
    runs = xr.load_dataset(workflow / "results/nets/runs.nc")
    assert sorted(runs["size"].values) == [10_088, 31_797, 98_446]
    clean = runs.accuracy.sel(step=-1).max(("model", "size")).squeeze()
    noise = runs.accuracy.sel(step=2332).max(("model", "size")).squeeze()
    assert (clean > 0.05).all() and (noise < 0.03).all()
    for name in FIGURES:
        assert (workflow / f"results/nets/figures/cifar_{name}.png").stat().st_size > 2000
    assert workflow.plan() == {}
