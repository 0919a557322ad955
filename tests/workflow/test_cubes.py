"""Run cubes beside the page of a study: small, and enough for everything but training."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
import yaml

from netphase.files import netcdf
from netphase.runs import committed

ROOT = Path(__file__).parents[2]
ANALYSE = ("tiny", "--config", "analyse=tiny")
CUBES = {f"results/tiny/{name}.nc" for name in ("runs", "costs", "limits/digits")}
# One study of each kind, and what stands in the place of its runs.
SHIPPED = {
    "efficientnet_cifar100": {"runs", "costs", "limits/cifar100_binary"},
    "readings_digits": {"runs", "costs", "limits/digits"},
    "ising_square": {"runs", "costs"},
    "hyperbolic_ising": {"runs", "costs", "corners", "disc", "gravity"},
    "criticality": {
        "signals", "cascade", "convolutions", "choice", "cascades/ridge/digits/seed0",
        "cascades/ridge/fashion_mnist/seed0", "costs/perceptrons", "costs/convolutions",
        "costs/residual", "trainability/perceptrons", "trainability/convolutions",
        "trainability/residual",
    },
    "spectral_functions": {"inversions", "costs"},
    "liquid_fashion_mnist_few_images": None,
}  # fmt: skip
# What only those may do who have time, or data sets.
RUNNING = ("train", "evaluate", "simulate", "grow", "invert", "propagate", "reconstruct")
RUNNING += ("download", "convert", "noise", "project", "bound", "aggregate", "join", "select")


def keep(workflow, study, succeeds=True):
    command = workflow.command()
    command["args"] = [sys.executable, "workflow/keep.py", study]
    done = subprocess.run(**command)
    assert (done.returncode == 0) == succeeds, done.stdout
    return done.stdout


def refusal(workflow, *args):
    """The one line by which a run is refused, said perhaps by the log of its job, too."""
    output = workflow.snakemake(*args, succeeds=False).stdout
    (line,) = {line for line in output.splitlines() if line.startswith("netphase: ")}
    return line


def change(workflow, **keys):
    config = workflow.config
    config["studies"]["noise"]["tiny"] |= keys
    workflow.config = config


@pytest.fixture(scope="module")
def clone(first_run, new_workflow, tmp_path_factory):
    """A clone with the committed cubes of the tiny study and nothing computed."""
    kept = first_run.copy(tmp_path_factory.mktemp("kept") / "netphase")
    assert "docs/results/tiny: 3 run cubes, 0.0" in keep(kept, "tiny")
    return kept.copy(tmp_path_factory.mktemp("clone") / "netphase", ("docs", *WORKFLOW))


WORKFLOW = ("Snakefile", "config", "envs", "profiles", "workflow")


@pytest.fixture(scope="module")
def analysed(clone, tmp_path_factory):
    """The study of that clone, analysed; only to be looked at."""
    workflow = clone.copy(tmp_path_factory.mktemp("analysed") / "netphase", ("docs", *WORKFLOW))
    plan = workflow.plan(*ANALYSE)
    assert not [rule for rule in plan if rule.startswith(RUNNING)]
    assert {"take_cubes", "answer_questions", "judge_claims", "plot_scaling"} < plan.keys()
    workflow.snakemake(*ANALYSE)
    return workflow


@pytest.fixture
def fresh(clone, tmp_path):
    return clone.copy(tmp_path / "netphase", ("docs", *WORKFLOW))


def test_analysis_of_committed_cubes_finds_what_the_study_found(analysed, first_run):
    made = analysed.computed_files()
    assert made < first_run.computed_files()
    assert made > CUBES
    assert not [path for path in made if "/runs/" in path or path.startswith("resources/")]
    for path in made:
        if path.endswith(".nc"):
            xr.testing.assert_equal(*(xr.load_dataset(at / path) for at in (analysed, first_run)))
        else:
            assert (analysed / path).read_bytes() == (first_run / path).read_bytes(), path
    missing = {path.split("/")[-1] for path in first_run.computed_files() - made}
    assert {name for name in missing if not name.startswith("seed")} == {
        "digits.nc",
        *(f"digits_{name}.{end}" for name in ("example", "noise_levels") for end in ("svg", "png")),
    }


def test_nothing_is_analysed_twice(analysed):
    assert analysed.plan(*ANALYSE) == {}


def test_images_are_drawn_where_their_data_set_lies(fresh, first_run):
    fresh = first_run.copy(fresh.folder, ("resources", ".snakemake/metadata"))
    plan = fresh.plan(*ANALYSE)
    assert {"plot_example", "plot_noise_levels"} < plan.keys()
    assert "download_dataset" not in plan


def test_cubes_say_what_they_are(clone, first_run):
    for cube in CUBES:
        netcdf.check(clone / f"docs/{cube}")
        kept, whole = xr.load_dataset(clone / f"docs/{cube}"), xr.load_dataset(first_run / cube)
        added = {"history", committed.ENTRY}
        assert {key: kept.attrs[key] for key in kept.attrs.keys() - added} == {
            key: whole.attrs[key] for key in whole.attrs.keys() - added
        }
        entry = json.loads(kept.attrs[committed.ENTRY])
        assert (entry["steps"], entry["schedule"]["n_steps"]) == ([0, 1000], 3000)
        assert "example" not in entry


def test_a_run_afterwards_trains_as_if_nothing_had_been_there(analysed, workflow):
    after, first = (
        {rule: sorted(jobs) for rule, jobs in one.plan().items()} for one in (analysed, workflow)
    )
    assert after == first


def test_runs_of_its_own_are_never_mixed_with_committed_ones(finished, clone):
    clone.copy(finished.folder, ("docs",))
    before = finished.computed_files()
    assert "results/tiny/runs.nc: not that of docs/" in refusal(finished, *ANALYSE)
    for cube in CUBES:
        (finished / cube).unlink()
    named = (
        r"results/tiny/costs/digits/mlp/step0/seed0.nc: a run of its own; move results/tiny away"
    )
    assert named in refusal(finished, *ANALYSE)
    assert finished.computed_files() == before - CUBES


def test_committed_runs_of_other_parameters_are_refused(fresh):
    change(fresh, example={"class": 5, "steps": [0]})
    assert "take_cubes" in fresh.plan(*ANALYSE)
    change(fresh, realisations=4)
    assert "realisations: 3, the config asks for 4; set it back" in refusal(fresh, *ANALYSE)
    assert fresh.computed_files() == set()


def test_a_damaged_a_missing_and_an_unknown_cube_are_refused(fresh):
    page = fresh / "docs/results/tiny/runs.nc"
    page.write_bytes(page.read_bytes()[:-100])
    assert "docs/results/tiny/runs.nc: damaged" in refusal(fresh, *ANALYSE)
    page.unlink()
    assert "docs/results/tiny/runs.nc: missing; tiny has to be trained" in refusal(fresh, *ANALYSE)
    assert "config key analyse: unknown study 'tin'" in refusal(fresh, "--config", "analyse=tin")
    assert fresh.computed_files() == set()


def test_only_a_finished_study_is_kept(finished):
    change(finished, realisations=4)
    said = keep(finished, "tiny", succeeds=False)
    assert said.startswith("netphase: study tiny is not finished, results/tiny/")
    assert not (finished / "docs").exists()


@pytest.mark.parametrize("study", SHIPPED)
def test_no_kind_of_study_trains_once_its_cubes_are_committed(workflow, study):
    workflow.config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    (pages,) = workflow.plan("keep_cubes", "--config", f"keep={study}")["keep_cubes"]
    pages = pages.split(", ")
    if SHIPPED[study] is not None:
        assert set(pages) == {f"docs/results/{study}/{name}.nc" for name in SHIPPED[study]}
    for page in pages:
        (workflow / page).parent.mkdir(parents=True, exist_ok=True)
        (workflow / page).touch()
    plan = workflow.plan(study, "--config", f"analyse={study}")
    assert not [rule for rule in plan if rule.startswith(RUNNING)]
    made = {path for outputs in plan.values() for one in outputs for path in one.split(", ")}
    assert f"results/{study}/findings.json" in made
    assert "report" in plan or any(path.endswith(".svg") for path in made)


def test_committed_cubes_are_sound_and_small():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    known = {name for studies in config["studies"].values() for name in studies}
    folders = [folder for folder in (ROOT / "docs/results").iterdir() if folder.is_dir()]
    total = 0
    for folder in folders:
        pages = list(folder.rglob("*.nc"))
        committed.check_size(pages)
        total += sum(page.stat().st_size for page in pages)
        assert folder.name in known or not pages
        for page in pages:
            netcdf.check(page)
    assert 0 < total <= 15_000_000
