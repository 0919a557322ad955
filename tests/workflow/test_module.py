"""Another workflow takes this one as a module, and a notebook takes the package alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

ROOT = Path(__file__).parents[2]
IMPORTER = """
configfile: "config/config.yaml"

module netphase:
    snakefile: "{snakefile}"
    config: config

use rule * from netphase {prefix}

rule count:
    default_target: True
    input: "results/tiny/runs.nc"
    output: "counted.txt"
    shell: "ls {{input}} > {{output}}"
"""


@pytest.fixture
def importer(workflow, tmp_path):
    """A workflow of its own folder that imports ours, with or without a prefix."""

    def make(prefix=""):
        folder = tmp_path / "importer"
        importing = workflow.copy(folder, ("config",))
        snakefile = workflow / "workflow/Snakefile"
        (folder / "Snakefile").write_text(IMPORTER.format(snakefile=snakefile, prefix=prefix))
        return importing

    return make


def test_all_rules_come_with_a_prefix_and_run(importer):
    workflow = importer("as noise_*")
    plan = workflow.plan()
    assert {"count", "noise_train_learner", "noise_aggregate_runs"} <= plan.keys()
    workflow.snakemake()
    assert (workflow / "counted.txt").read_text() == "results/tiny/runs.nc\n"
    assert xr.load_dataset(workflow / "results/tiny/runs.nc").accuracy.notnull().all()
    assert workflow.plan() == {}
    study = workflow.plan("noise_tiny")
    assert "noise_fit_families" in study and "noise_train_learner" not in study


def test_all_rules_come_without_a_prefix(importer):
    workflow = importer()
    assert {"count", "train_learner", "aggregate_runs"} <= workflow.plan().keys()
    assert "fit_families" in workflow.plan("tiny")


def test_package_is_installed_for_notebooks(workflow, tmp_path):
    shutil.copy2(ROOT / "pyproject.toml", workflow.folder)
    # Without the network: the build tool is among the locked packages.
    install = ["uv", "pip", "install", "--no-deps", "--no-build-isolation", "--offline"]
    target = ["--python", sys.executable, "--target", tmp_path / "site", workflow.folder]
    subprocess.run([sys.executable, "-m", *install, *target], check=True)
    program = "import netphase.transitions.fits as m; print(m.__file__)"
    found = subprocess.check_output(
        [sys.executable, "-c", program], env={"PYTHONPATH": tmp_path / "site"}, text=True
    )
    assert found.strip() == str(tmp_path / "site/netphase/transitions/fits.py")
    shipped = {path.relative_to(tmp_path / "site") for path in (tmp_path / "site").rglob("*.py")}
    scripts = workflow / "workflow/scripts"
    assert shipped == {p.relative_to(scripts) for p in (scripts / "netphase").rglob("*.py")}
    assert (tmp_path / "site/netphase/VERSION").read_text() == (
        scripts / "netphase/VERSION"
    ).read_text()
