"""The tiny study from nothing to figures: complete, traceable, repeatable, safe to interrupt."""

import hashlib
import json
import os
import signal
import subprocess
import time
from xml.etree import ElementTree

import build
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from compliance_checker.runner import CheckSuite, ComplianceChecker
from PIL import Image
from verdict_schema import check

from netphase.findings.papers import SEIDLER_ABEL_2024
from netphase.noise.schedule import levels

FIGURES = (
    "example",
    "noise_levels",
    "capacity",
    "transition",
    "collapse",
    "cost",
    "recommendation",
    "scaling",
    "collapse_map",
)
TABLES = (
    "costs.csv",
    "verdicts.json",
    "findings.json",
    "transition.nc",
    "transition.csv",
    "recommendation.nc",
    "recommendation.csv",
    "families.nc",
    "families.csv",
    "realisations.nc",
    "scaling.nc",
    "scaling.csv",
    "sensitivity.csv",
    "widths.csv",
    "collapse.nc",
    "crossings.nc",
    "crossings.csv",
    "limits.nc",
    "limits/digits.nc",
)
CHUNKS = {0: [0, 1], 2: [2]}  # seed in the path: realisations in the file
STEPS = (0, 1000)
RUNS = [f"results/tiny/runs/digits/mlp/step{t}/seed{seed}.nc" for t in STEPS for seed in CHUNKS]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_outputs_are_complete_and_nothing_temporary_is_left(first_run):
    expected = {"resources/datasets/digits.nc", *RUNS}
    expected |= {run.replace("/runs/", "/costs/") for run in RUNS}
    expected |= {
        f"results/tiny/{name}" for name in ("runs.nc", "costs.nc", "statistics.nc", *TABLES)
    }
    expected |= {
        f"results/tiny/figures/digits_{figure}.{suffix}"
        for figure in FIGURES
        for suffix in ("svg", "png")
    }
    assert first_run.computed_files() == expected


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_is_an_image(first_run, figure):
    stem = first_run / f"results/tiny/figures/digits_{figure}"
    assert ElementTree.parse(stem.with_suffix(".svg")).getroot().tag.endswith("}svg")
    with Image.open(stem.with_suffix(".png")) as image:
        shades = np.asarray(image.convert("L"))
    assert min(shades.shape) > 200 and len(np.unique(shades)) > 20


def test_every_claim_has_a_verdict(first_run):
    verdicts = json.loads((first_run / "results/tiny/verdicts.json").read_text())
    assert verdicts.keys() == {"digits"}
    check(verdicts)
    assert len(verdicts["digits"]) == len(SEIDLER_ABEL_2024)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("seed", CHUNKS)
def test_run_file_says_what_it_is(first_run, step, seed):
    run = xr.load_dataset(first_run / f"results/tiny/runs/digits/mlp/step{step}/seed{seed}.nc")
    coordinates = {
        "dataset": ["digits"],
        "model": ["mlp"],
        "size": [2, 4],
        "step": [step],
        "realisation": CHUNKS[seed],
        "split": ["train", "test"],
        "kappa": [level.kappa for level in levels([step], **first_run.config["schedules"]["ddpm"])],
        "n_samples": [[397, 1400]],
        "n_classes": [10],
        "n_parameters": [[[65 * 2 + 3 * 10, 65 * 4 + 5 * 10]]],
    }
    for name, values in coordinates.items():
        assert run[name].values.tolist() == values
    for name in ("accuracy", "precision", "recall", "f1"):
        assert ((run[name] >= 0) & (run[name] <= 1)).all()
    np.testing.assert_array_equal(run.n_correct, np.rint(run.accuracy * run.n_samples))
    assert (run.epochs == 3).all() and run.loss_curve.sizes["epoch"] == 3

    parameters = json.loads(run.parameters)
    assert parameters["realisations"] == CHUNKS[seed]
    assert (parameters["level"]["step"], parameters["model"]["max_iter"]) == (step, 3)
    assert run.parameters_sha256 == hashlib.sha256(run.parameters.encode()).hexdigest()
    cube = f"results/tiny/cubes/digits/mlp/step{step}/seed{seed}.nc"
    assert json.loads(run.input_sha256).keys() == {cube}
    assert {"python", "numpy", "numba", "scikit-learn"} <= json.loads(run.library_versions).keys()
    assert run.netphase_version and run.code_sha256 and run.git_commit


def test_data_set_is_traced_through_the_cube(finished):
    cube = "results/tiny/cubes/digits/mlp/step0/seed0.nc"
    finished.snakemake("--notemp", cube)
    made_of = json.loads(xr.load_dataset(finished / cube).input_sha256)
    dataset = "resources/datasets/digits.nc"
    assert made_of == {dataset: sha256(finished / dataset)}
    run = xr.load_dataset(finished / RUNS[0])
    assert json.loads(run.input_sha256) == {cube: sha256(finished / cube)}


def test_run_cube_holds_every_run(first_run):
    cube = xr.load_dataset(first_run / "results/tiny/runs.nc")
    assert cube.accuracy.sizes == {
        "dataset": 1, "model": 1, "size": 2, "step": 2, "realisation": 3, "split": 2
    }  # fmt: skip
    for path in RUNS:
        run = xr.load_dataset(first_run / path)
        part = cube.sel(step=run.step, realisation=run.realisation)
        for name in cube.data_vars:
            xr.testing.assert_equal(part[name], run[name])


def test_cost_table_adds_up(first_run):
    table = pd.read_csv(first_run / "results/tiny/costs.csv")
    assert list(table["size"]) == ["2", "4", "all"] and list(table.networks) == [6, 6, 12]
    seconds = xr.load_dataset(first_run / "results/tiny/costs.nc").cpu_seconds
    np.testing.assert_allclose(
        3600 * table.cpu_hours[:2], seconds.sum(("step", "realisation"))[0, 0], rtol=1e-5
    )
    np.testing.assert_allclose(3600 * table.cpu_hours[2], seconds.sum(), rtol=1e-5)
    assert list(table.epochs[:2]) == [3, 3]


def test_second_run_does_nothing(first_run):
    before = {path: (first_run / path).stat().st_mtime_ns for path in first_run.computed_files()}
    assert "Nothing to be done" in first_run.snakemake().stdout
    assert before == {p: (first_run / p).stat().st_mtime_ns for p in first_run.computed_files()}


def test_deleted_run_file_comes_back_alone(finished):
    lost, *others = RUNS
    before = {path: sha256(finished / path) for path in RUNS}
    written = {path: (finished / path).stat().st_mtime_ns for path in others}
    (finished / lost).unlink()
    plan = finished.plan()
    assert plan.pop("noise_dataset") == ["results/tiny/cubes/digits/mlp/step0/seed0.nc"]
    assert [output.split(", ")[0] for output in plan.pop("train_learner")] == [lost]
    assert plan.keys() == {
        "aggregate_runs", "summarise_runs", "aggregate_costs", "tabulate_costs", "fit_transition",
        "judge_claims", "recommend_size", "fit_families", "fit_scaling", "collapse_curves",
        "compare_limits", "answer_questions",
        "plot_capacity", "plot_transition", "plot_collapse", "plot_cost", "plot_recommendation",
        "plot_scaling", "plot_collapse_map",
    }  # fmt: skip

    finished.snakemake("--until", "aggregate_runs")
    assert before == {path: sha256(finished / path) for path in RUNS}
    assert written == {path: (finished / path).stat().st_mtime_ns for path in others}


def test_one_job_at_once_gives_what_two_jobs_gave(first_run, workflow):
    # Between them they use every random stream of the analysis.
    names = ("runs", "statistics", "transition", "recommendation", "scaling", "collapse")
    analysis = [f"results/tiny/{name}.nc" for name in names]
    workflow.snakemake("--cores", "1", *analysis)
    for path in ["resources/datasets/digits.nc", *RUNS, *analysis]:
        assert sha256(workflow / path) == sha256(first_run / path)


def test_virtual_cubes_give_the_same_runs(first_run, finished):
    config = finished.config
    config["datasets"]["digits"]["materialise"] = False
    finished.config = config
    remade = [run for run in RUNS if run.endswith("seed0.nc")]
    plan = finished.plan(*remade)
    assert plan.keys() == {"train_learner"}
    finished.snakemake(*remade)
    for path in remade:
        virtual, stored = (xr.load_dataset(where / path) for where in (finished, first_run))
        assert json.loads(virtual.input_sha256).keys() == {"resources/datasets/digits.nc"}
        xr.testing.assert_equal(virtual, stored)


def test_reference_engine(finished):
    config = finished.config
    models = config["studies"]["noise"]["tiny"]["models"]
    models["reference"] = models["mlp"] | {"learner": "sklearn_perceptron", "dtype": "float64"}
    finished.config = config
    path = "results/tiny/runs/digits/reference/step0/seed2.nc"
    finished.snakemake(path)
    run, wide = xr.load_dataset(finished / path), xr.load_dataset(finished / RUNS[1])
    assert (run.learner, run.dtype, run.model.item()) == (
        "sklearn_perceptron",
        "float64",
        "reference",
    )
    assert run.sizes == wide.sizes and set(run) == set(wide)
    assert (run.epochs == 3).all() and (run.loss_curve.diff("epoch") < 0).all()


def test_killed_job_leaves_nothing_and_is_done_again(finished):
    config = finished.config
    # Long enough to be killed in the middle.
    long = {"hidden": [64], "max_iter": 3000, "tol": 0, "n_iter_no_change": 3000}
    config["studies"]["noise"]["tiny"]["models"]["long"] = long
    finished.config = config
    path = "results/tiny/runs/digits/long/step0/seed2.nc"
    log = finished / "logs/tiny/train_learner/digits/long/step0/seed2.log"
    before = finished.computed_files()
    process = subprocess.Popen(**finished.command(path), start_new_session=True)
    deadline = time.monotonic() + 120
    while not log.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert finished.computed_files() - before == {"results/tiny/cubes/digits/long/step0/seed2.nc"}

    finished.snakemake("--unlock")
    finished.snakemake(path)
    resumed = sha256(finished / path)
    finished.snakemake("--forcerun", "train_learner", "--", path)
    assert sha256(finished / path) == resumed


@pytest.fixture(scope="module")
def netcdf_files(first_run, tmp_path_factory):
    workflow = first_run.copy(tmp_path_factory.mktemp("netcdf") / "netphase")
    cubes = [f"results/tiny/cubes/digits/mlp/step{step}/seed2.nc" for step in STEPS]
    workflow.snakemake("--cores", "2", "--notemp", *cubes)
    CheckSuite.load_all_available_checkers()
    return workflow


@pytest.mark.filterwarnings("ignore:The ioos_sos checker is deprecated")
@pytest.mark.parametrize(
    "path",
    [
        "resources/datasets/digits.nc",
        "results/tiny/cubes/digits/mlp/step0/seed2.nc",
        "results/tiny/cubes/digits/mlp/step1000/seed2.nc",
        RUNS[0],
        RUNS[0].replace("runs", "costs"),
        "results/tiny/runs.nc",
        "results/tiny/costs.nc",
        "results/tiny/statistics.nc",
        *(f"results/tiny/{name}" for name in TABLES if name.endswith(".nc")),
    ],
)
def test_netcdf_follows_the_cf_conventions(netcdf_files, tmp_path, path):
    report = tmp_path / "report.json"
    ComplianceChecker.run_checker(
        str(netcdf_files / path), ["cf:1.11"], 0, "strict", output_filename=str(report),
        output_format="json",
    )  # fmt: skip
    found = json.loads(report.read_text())["cf:1.11"]
    assert found["scored_points"] > 0
    assert [message for result in found["all_priorities"] for message in result["msgs"]] == []


def test_result_page_quotes_the_run(first_run):
    page = build.described(first_run / "results/tiny")
    verdicts = json.loads((first_run / "results/tiny/verdicts.json").read_text())
    assert all(f"| {claim['claim']}" in page for claim in verdicts["digits"])
    runs = xr.open_dataset(first_run / "results/tiny/runs.nc")
    sizes = page.split("\n## Sizes\n")[1].split("\n## ")[0]
    assert all(f"\n| {size} |" in sizes for size in runs["size"].values)
    assert "2 sizes x 2 noise levels x 3 realisations." in page
    assert f"| `{runs.git_commit}` |" in page.split("\n## Provenance\n")[1]
