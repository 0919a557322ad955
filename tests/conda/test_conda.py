"""The tiny study under `snakemake --sdm conda`, in real environments made from envs/*.yaml.

A job in a conda environment still sees, behind its own, the packages of the Python that runs
Snakemake. Here that Python has Snakemake alone, and no library of a job can come from there.
"""

import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import conda_channel
import pytest
import xarray as xr
import yaml
from packaging.utils import canonicalize_name

from netphase.jobs.job import RECORDED

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STATIC = SimpleNamespace(**run_path(str(ROOT / "tests/workflow/test_environments.py")))
JOBS = [(conda.stem, script) for conda, script in (job.values for job in STATIC.JOBS)]
PINS = {path.stem: STATIC.pins_of(STATIC.pip_section(path)) for path in STATIC.CONDA}
# Every rule has a job in one of the studies.
NETWORK = {"learner": "efficientnet", "head": "closed"}
NETWORKS = {
    "datasets": ["digits"],
    "schedule": "ddpm",
    "steps": [-1, 0, 600, 1200],
    "realisations": 1,
    "models": {
        "own": NETWORK | {"width": 0.0266, "depth": 0.25, "divisor": 4, "epochs": 1},
        "others": NETWORK | {"pretrained": "lite0"},
    },
    "example": {"class": 3, "steps": [0, 600]},
}
LATTICES = {
    "temperatures": [2.22, 2.27, 2.32],
    "lattices": {4: 400, 6: 400, 8: 400},
    "realisations": 2,
    "smallest": 4,
}
WEIGHTS = {
    "dataset": "digits",
    "components": 3,
    "references": 1,
    "fields": 3,
    "starts": 2,
    "sweeps": 2,
    "parts": 2,
    "methods": {"closed_form": {}},
    "iso_energy": {"fields": 3},
    "renaming": {"ratios": [0], "methods": ["closed_form"]},
    "triples": {"weights": 3, "samples": 5},
    "frozen_interior": {"hidden": [2, 2], "runs": 1, "epochs": 1, "samples": 64},
    "depth": {"widths": [2, 3], "repeats": 2, "steps": 5, "marks": 1},
    "double_descent": {
        "samples": 16,
        "repeats": 1,
        "binary": {"widths": [1, 2], "steps": 4, "rate": 0.5},
        "real": {"widths": [1, 2], "steps": 4, "rate": 0.01},
    },
    "scenarios": {
        "deep": {"hidden": [2, 2], "networks": 9, "accept": 0, "steps": 20, "batch_size": 16},
        "shallow": {"networks": 9, "accept": 0, "steps": 20, "batch_size": 16},
    },
}
TILINGS = {
    "realisations": 1,
    "tilings": {
        "pentagons": {
            "p": 5,
            "q": 4,
            "surfaces": {5: 1500, 11: 1500, 19: 1500},
            "temperatures": [2.6, 2.75, 2.9],
            "smallest": 5,
        }
    },
    "corners": {"polygons": [5], "temperatures": [2, 2.6], "square": [1.8], "states": [2, 3]},
    "disc": {"p": 5, "q": 4, "layers": 3, "temperatures": [2, 2.6, 3], "sweeps": 1000},
    "gravity": {"q": 7, "layers": 8, "couplings": [1, 2], "temperatures": [0.2], "sweeps": 500},
}
SPECTRA = {
    "times": [9],
    "levels": [400, 300, 200, 100],
    "realisations": 1,
    "frequencies": 61,
    "spectra": 3,
    "quoted": {"times": 9, "level": 300},
    "network": {"spectra": 512, "epochs": 1},
}
TRAINING = {"samples": 32, "scored": 20, "steps": 2, "marks": 1, "batch_size": 16}
DEEP = {"depths": [2], "width": 3, "realisations": 2, "training": TRAINING}
SIGNALS = {
    "datasets": ["digits"],
    "weight_variances": [0.5, 1.0, 1.8, 3.0],
    "realisations": 2,
    "side": 4,
    "spectra": {"images": 6, "width": 30, "depth": 12},
    "cascade": {
        "depth": 3,
        "samples": 40,
        "images": 10,
        "shown": [1, 3],
        "trained": {"datasets": ["digits"], "epochs": 1},
    },
    "networks": {
        "dense": DEEP,
        "resnet": DEEP | {"kind": "residual", "signals": {"images": 4, "channels": 3, "depth": 9}},
    },
    "choice": DEEP,
}
TRAINED = ("step0/seed0", "step0/seed2", "step1000/seed0", "step1000/seed2")
NETCDF = [
    ("data", "resources/datasets/digits.nc"),
    *(("train", f"results/tiny/runs/digits/mlp/{job}.nc") for job in TRAINED),
    *(("analysis", f"results/tiny/{name}.nc") for name in ("runs", "statistics", "transition")),
]
# What an environment's Python does first: leave a line about itself and the script that it runs.
RECORDER = """
import sys
if sys.orig_argv[-1].endswith(".py"):
    with open("started.txt", "a") as stream:
        print(sys.executable, sys.orig_argv[-1], file=stream)
"""


@pytest.fixture(scope="module")
def conda(tmp_path_factory) -> Path:
    """A conda installation that holds Snakemake, and the local channel that is its conda-forge."""
    folder = tmp_path_factory.mktemp("base")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--allow-existing", folder], check=True)
    install = [*uv, "pip", "install", "--python", folder / "bin/python"]
    install += ["--constraint", ROOT / "envs/lock/requirements.txt"]
    subprocess.run([*install, "snakemake", "py-rattler"], check=True)
    shutil.copy2(HERE / "conda_shim.py", folder / "bin/conda")
    shutil.copy2(HERE / "activate", folder / "bin/activate")
    conda_channel.build(folder / "channels/conda-forge", tmp_path_factory.mktemp("packages"))
    return folder


@contextmanager
def driven_by(conda: Path) -> Iterator[None]:
    """Run Snakemake by the Python of the conda installation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(conda / "bin/python"))
        yield


@pytest.fixture(scope="module")
def created(conda, new_workflow):
    """Tiny studies of all kinds with nothing computed, but with their environments."""
    workflow = new_workflow("conda")
    config = workflow.config
    config["default_studies"] += ["nets", "ising", "binary", "hyperbolic", "spectra", "deep"]
    studies = config["studies"]["noise"]
    studies["nets"] = NETWORKS
    studies["other"] = studies["tiny"] | {"noise": {"share_levels": True}}
    studies["tiny"] |= {"readings": ["other"]}
    shipped = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config["pretrained"] = {"lite0": shipped["pretrained"]["lite0"]}
    config["studies"]["lattices"] = {"ising": LATTICES}
    config["studies"]["weights"] = {"binary": WEIGHTS}
    config["studies"]["hyperbolic"] = {"hyperbolic": TILINGS}
    config["studies"]["spectral"] = {"spectra": SPECTRA}
    config["studies"]["criticality"] = {"deep": SIGNALS}
    workflow.config = config
    with driven_by(conda):
        workflow.snakemake("--sdm", "conda", "--conda-create-envs-only")
    return workflow


@pytest.fixture(scope="module")
def environments(created) -> dict[str, Path]:
    """Name of each file in envs/ -> the environment that Snakemake made from it."""
    names = {path.read_text(): path.stem for path in STATIC.CONDA}
    copies = (created / ".snakemake/conda").glob("*.yaml")
    return {names[copy.read_text()]: copy.with_suffix("") for copy in copies}


@pytest.fixture(scope="module")
def conda_run(conda, created, environments):
    """The same, computed; started.txt lists every script with the Python that ran it."""
    for prefix in environments.values():
        (site,) = prefix.glob("lib/python*/site-packages")
        (site / "sitecustomize.py").write_text(RECORDER)
    # Kernels are compiled by the numba of the environment.
    for compiled in list((created / "workflow/scripts/netphase").rglob("__pycache__")):
        shutil.rmtree(compiled)
    with driven_by(conda):
        created.snakemake("--sdm", "conda", "--cores", "2")
        created.snakemake("keep_cubes", "--sdm", "conda", "--config", "keep=tiny")
    return created


def isolated(prefix: Path, *args: str) -> str:
    """Output of the environment's Python, which sees nothing but the environment."""
    command = [prefix / "bin/python", "-I", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", PINS)
def test_environment_holds_its_pins_and_nothing_else(environments, name):
    frozen = isolated(environments[name], "-m", "pip", "freeze", "--all", "--exclude", "pip")
    # pip says which build of torch it took.
    found = {key: pin.partition("+")[0] for key, pin in STATIC.pins_of(frozen.splitlines()).items()}
    assert found == PINS[name]


@pytest.mark.parametrize("name", PINS)
def test_environment_has_every_module_that_its_jobs_import(environments, name):
    scripts = [script for environment, script in JOBS if environment == name]
    modules = set().union(*map(STATIC.imported_modules, scripts))
    isolated(environments[name], "-c", f"import {', '.join(sorted(modules))}")


def test_every_job_ran_in_its_own_environment(conda_run, environments):
    started = [line.split() for line in (conda_run / "started.txt").read_text().splitlines()]
    # Snakemake runs a copy whose name ends in that of the script.
    ran = {(python, Path(script).name.partition(".")[2]) for python, script in started}
    # Committed cubes are taken only where a study has no runs of its own.
    jobs = {(name, script.name) for name, script in JOBS} - {("analysis", "take_cubes.py")}
    assert ran == {(str(environments[name] / "bin/python"), script) for name, script in jobs}


@pytest.mark.parametrize(("name", "path"), NETCDF)
def test_output_records_the_pinned_libraries(conda_run, name, path):
    pins = PINS[name]
    pinned = {library: pins.get(canonicalize_name(library)) for library in RECORDED}
    expected = {library: version for library, version in pinned.items() if version}
    versions = json.loads(xr.load_dataset(conda_run / path).library_versions)
    # torch says which build it is.
    recorded = {library: version.partition("+")[0] for library, version in versions.items()}
    assert recorded == expected | {"python": platform.python_version()}


@pytest.mark.parametrize("path", [path for _, path in NETCDF])
def test_numbers_are_those_of_the_one_environment(conda_run, first_run, path):
    made, usual = (xr.load_dataset(run / path) for run in (conda_run, first_run))
    assert made.dtypes == usual.dtypes
    for data in (made, usual):
        # The one environment holds all libraries, and these lists enter the digests of inputs.
        del data.attrs["library_versions"], data.attrs["input_sha256"]
    xr.testing.assert_identical(made, usual)


def test_tables_and_figures_are_those_of_the_one_environment(conda_run, first_run):
    # Costs are times, which no two runs share.
    paths = {path for path in first_run.computed_files() if not re.search(r"cost|\.nc$", path)}
    assert "results/tiny/figures/digits_collapse.svg" in paths
    for path in paths:
        assert (conda_run / path).read_bytes() == (first_run / path).read_bytes(), path


def test_going_to_conda_and_back_reruns_nothing(conda, conda_run, finished):
    assert conda_run.plan() == {}
    with driven_by(conda):
        assert finished.plan("--sdm", "conda") == {}
