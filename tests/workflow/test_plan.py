"""What `make plan` says: the jobs of a dry run, at the cost of earlier runs; it writes nothing."""

import re
import shutil
import subprocess
from pathlib import Path

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
    """Rule -> number of jobs."""
    rows = re.findall(r"^(\w+) +(\d+)  ", text, re.M)
    return {rule: int(jobs) for rule, jobs in rows}


def expected_seconds(text, rule):
    number, unit = re.search(rf"^{rule} .*?  (?:at least )?([\d.]+) (\w+)", text, re.M).groups()
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
    assert table(text) == dry_run | {"total": sum(dry_run.values())}
    remote = {
        "noise_dataset",
        "train_learner",
        "recommend_size",
        "compare_limits",
        "collapse_curves",
    }
    remote |= {rule for rule in dry_run if rule.startswith(("aggregate_", "fit_", "bound_"))}
    assert f"submissions to a cluster {sum(dry_run[rule] for rule in remote)}\n" in text
    assert " 4: operations of all max_iter epochs, at the speed of benchmarks/" in text
    assert "unknown" not in text and "wall time on 2 free cores: " in text


def test_data_set_of_unknown_size(workflow, plan):
    config = workflow.config
    config["datasets"]["own"] = {"source": "folder", "train": "images"}
    config["studies"]["tiny"]["datasets"].append("own")
    workflow.config = config
    text = plan(workflow, "tiny")
    remark = "unknown, own is not stored yet; make resources/datasets/own.nc first"
    assert f" 6: {remark}" in text and "at least" in text


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
    assert " 1: earlier runs at the same noise level" in text
    assert expected_seconds(text, "train_learner") == pytest.approx(1000, rel=0.02)


def test_new_step_and_new_size_are_planned_from_what_is_nearest(finished, plan):
    config = finished.config
    config["studies"]["tiny"]["steps"].append(2000)
    config["studies"]["tiny"]["models"]["other"] = {"hidden": [8], "max_iter": 3}
    finished.config = config
    text = plan(finished, "tiny")
    assert " 2: earlier runs at other noise levels" in text
    assert " 6: operations, at the speed of earlier runs on digits" in text


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
    workflow.config = workflow.config | {"weight_studies": {"binary": study}}
    both = plan(workflow, "binary")
    assert table(both)["train_binary_networks"] == 2
    assert "unknown, and not estimated beforehand" in both
    del scenarios["deep"]
    workflow.config = workflow.config | {"weight_studies": {"binary": study}}
    shallow = expected_seconds(plan(workflow, "binary"), "train_binary_networks")
    whole = expected_seconds(both, "train_binary_networks")
    assert whole / shallow == pytest.approx((675 + 200) / 200, rel=0.05)
