"""Output of `make plan`: the jobs of a dry run, at the cost of earlier runs, without writing."""

import re
import shutil
import subprocess
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

BENCHMARKS = "benchmarks/summary.json"
COST = "results/tiny/costs/digits/mlp/step1000/seed2.nc"
UNITS = {"s": 1, "min": 60, "h": 3600}


@pytest.fixture
def plan():
    """Make the plan of a workflow: its text, or what is said of a refusal."""

    def make(workflow, *targets, succeeds=True):
        (workflow / BENCHMARKS).parent.mkdir(exist_ok=True)
        shutil.copyfile(Path(__file__).parents[2] / BENCHMARKS, workflow / BENCHMARKS)
        command = workflow.command()
        command["args"] = [command["args"][0], "workflow/plan.py", "--cores", "2", *targets]
        done = subprocess.run(**command | {"stderr": subprocess.PIPE})
        assert (done.returncode == 0) == succeeds, done.stderr
        return done.stdout if succeeds else done.stderr

    return make


def table(text):
    """Rule -> number of jobs; of short rules together, their number before the name."""
    rows = re.findall(r"^(\w+|\d+ short rules) +(\d+)  ", text, re.M)
    return {rule: int(jobs) for rule, jobs in rows}


def expected_seconds(text, rule):
    number, unit = re.search(rf"^{rule} +\d+  ([\d.]+) (\w+)", text, re.M).groups()
    return float(number) * UNITS[unit]


def everything(workflow):
    files = (path for path in workflow.folder.rglob("*") if path.is_file())
    # Python may keep compiled code beside what it imports.
    return {path: path.stat().st_mtime_ns for path in files if path.suffix != ".pyc"}


def test_fresh_clone(workflow, plan):
    before = everything(workflow)
    text = plan(workflow)
    assert everything(workflow).keys() - before.keys() == {workflow / BENCHMARKS}
    assert before.items() <= everything(workflow).items()
    dry_run = {rule: len(outputs) for rule, outputs in workflow.plan().items()}
    planned = table(text)
    (short,) = (name for name in planned if name.endswith("short rules"))
    named = planned.keys() - {short, "total"}
    assert {rule: planned[rule] for rule in named} == {rule: dry_run[rule] for rule in named}
    others = [jobs for rule, jobs in dry_run.items() if rule not in named]
    assert short == f"{len(others)} short rules" and planned[short] == sum(others)
    assert planned["total"] == sum(dry_run.values())
    remote = {
        "noise_dataset",
        "train_learner",
        "recommend_size",
        "compare_limits",
        "collapse_curves",
        "summarise_runs",
        "tabulate_costs",
    }
    remote |= {rule for rule in dry_run if rule.startswith(("aggregate_", "fit_", "bound_"))}
    assert f"submissions to a cluster {sum(dry_run[rule] for rule in remote)}\n" in text
    assert " 4: operations of all max_iter epochs, at the rates of benchmarks/" in text
    assert "unknown" not in text and "wall time on 2 free cores: " in text


def test_total_is_unknown_where_a_data_set_is(workflow, plan):
    config = workflow.config
    config["datasets"]["own"] = {"source": "folder", "train": "images"}
    config["studies"]["noise"]["tiny"]["datasets"].append("own")
    workflow.config = config
    text = plan(workflow, "tiny")
    assert re.search(
        r"^total +\d+  unknown: own is not stored and cannot be sized: datasets.own.train: images "
        r"is missing; put it at",
        text,
        re.M,
    )
    assert re.search(r"^train_learner +10  \d+ s and 6 unknown$", text, re.M)
    assert re.search(r"^download_dataset +2  3 s and 1 unknown$", text, re.M)
    assert "at least" not in text
    assert {"wall time on 2 free cores: unknown", "disk, kept: unknown"} <= set(text.split("\n"))


def test_published_data_set_is_planned_before_it_is_stored_as_after(workflow, plan):
    config = workflow.config
    config["datasets"]["fashion"] = {"source": "tfds", "builder": "fashion_mnist"}
    config["studies"]["noise"]["tiny"]["datasets"] = ["fashion"]
    workflow.config = config
    before = plan(workflow, "tiny")
    stored = workflow / "resources/datasets/fashion.nc"
    stored.parent.mkdir(parents=True)
    with netCDF4.Dataset(stored, "w") as data:
        for name, n in (("sample", 70_000), ("y", 28), ("x", 28)):
            data.createDimension(name, n)
        data.createVariable("image", "u1", ("sample", "y", "x"), compression="zlib")
        data.createVariable("label", "i2", "sample").flag_values = np.arange(10, dtype=np.int16)
        data.createVariable("split", "i1", "sample")[:] = np.repeat([0, 1], [60_000, 10_000])
    after = plan(workflow, "tiny")
    assert "unknown" not in before + after
    for rule in ("train_learner", "bound_information", "total"):
        ratio = expected_seconds(before, rule) / expected_seconds(after, rule)
        assert 1 / 3 < ratio < 3


def test_a_rule_without_a_cost_is_refused(workflow, plan):
    added = workflow / "workflow/rules/noise/costs.smk"
    added.write_text(added.read_text().replace('"aggregate_runs",', ""))
    said = plan(workflow, "tiny", succeeds=False).splitlines()
    assert said[-1] == "netphase: COSTS has no entry for aggregate_runs; declare one in costs.smk"


def test_finished_study(finished, plan):
    assert plan(finished, "tiny") == "tiny: nothing to do\n"


def test_deleted_run_is_planned_at_its_recorded_cost(finished, plan):
    for path in (finished / COST).parent.iterdir():
        cost = xr.load_dataset(path)
        # Beside these, what any job costs is small.
        cost["cpu_seconds"] = cost.cpu_seconds * 0 + 500
        cost.to_netcdf(path)
    (finished / COST.replace("costs", "runs")).unlink()
    text = plan(finished, "tiny")
    assert " 1: an earlier run\n" in text
    assert expected_seconds(text, "train_learner") == pytest.approx(1000, rel=0.02)


def test_new_step_and_new_size_are_planned_from_what_is_nearest(finished, plan):
    config = finished.config
    config["studies"]["noise"]["tiny"]["steps"].append(2000)
    config["studies"]["noise"]["tiny"]["models"]["other"] = {"hidden": [8], "max_iter": 3}
    finished.config = config
    text = plan(finished, "tiny")
    assert " 2: earlier runs, other step\n" in text
    assert " 4: earlier runs, other hidden, model\n" in text


def test_unknown_target_is_refused_in_one_line(workflow, plan):
    said = plan(workflow, "nonsense", succeeds=False).splitlines()
    assert re.match(r"netphase: nonsense: No rule to produce nonsense", said[-1])
    assert "Traceback" not in "".join(said)


def test_binary_networks_are_planned_by_their_weights(workflow, plan):
    scenarios = {
        name: {"hidden": hidden, "networks": 5000, "accept": 0.5}
        for name, hidden in {"deep": [15, 15], "shallow": []}.items()
    }
    study = {"dataset": "digits", "networks_per_job": 5000, "scenarios": scenarios}
    workflow.add_study("weights", "binary", study)
    both = plan(workflow, "binary")
    assert table(both)["train_binary_networks"] == 2
    assert "unknown" not in both
    del scenarios["deep"]
    workflow.add_study("weights", "binary", study)
    shallow = expected_seconds(plan(workflow, "binary"), "train_binary_networks")
    whole = expected_seconds(both, "train_binary_networks")
    assert whole / shallow == pytest.approx((675 + 200) / 200, rel=0.05)
