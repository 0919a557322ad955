"""A tiny study in a copy of the workflow, run by Snakemake as a user runs it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config", "envs", "profiles", "slurm", "workflow")
COMPUTED = ("resources", "results", ".snakemake/metadata")

# Two steps, since they are packed differently; three realisations in chunks of two and one.
TINY = """
default_studies: [tiny]
datasets:
  digits: {source: digits, test_samples: 1400, seeds_per_job: 2}
schedules:
  ddpm: {beta_first: 1.0e-4, beta_last: 0.02, n_steps: 3000}
studies:
  noise:
    tiny:
      datasets: [digits]
      schedule: ddpm
      steps: [0, 1000]
      realisations: 3
      models:
        mlp: {hidden: [2, 4], max_iter: 3}
      example: {class: 3, steps: [0, 1000]}
"""


class Workflow:
    """A folder that holds the workflow and perhaps its results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __truediv__(self, path: str) -> Path:
        return self.folder / path

    @property
    def config(self) -> dict:
        return yaml.safe_load((self / "config/config.yaml").read_text())

    @config.setter
    def config(self, config: dict) -> None:
        (self / "config/config.yaml").write_text(yaml.safe_dump(config))

    def add_study(self, kind: str, name: str, entry: dict) -> None:
        """Make a study the only one of its kind."""
        config = self.config
        config["studies"][kind] = {name: entry}
        self.config = config

    def computed_files(self) -> set[str]:
        """Every file under resources/ and results/, temporary ones included."""
        return {
            str(path.relative_to(self.folder))
            for part in ("resources", "results")
            for path in (self / part).rglob("*")
            if path.is_file()
        }

    def command(self, *args: str) -> dict:
        """What subprocess needs to run Snakemake here, by default with one job at a time."""
        # Without bytecode every job would import the scientific stack six times as slowly; a
        # profile or a mirror of the user must not change what is tested.
        hidden = {"PYTHONDONTWRITEBYTECODE", "SNAKEMAKE_PROFILE", "NETPHASE_MIRROR"}
        environment = {key: value for key, value in os.environ.items() if key not in hidden}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        local = [] if "--profile" in args else ["--cores", "1"]
        return {
            "args": [sys.executable, "-m", "snakemake", *local, *args],
            "cwd": self.folder,
            "env": environment,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "text": True,
        }

    def snakemake(
        self, *args: str, succeeds: bool = True, within: Sequence[str] = ()
    ) -> subprocess.CompletedProcess:
        """Run Snakemake to its end, perhaps within another command that is put before it."""
        command = self.command(*args)
        command["args"] = [*within, *command["args"]]
        done = subprocess.run(**command)
        assert (done.returncode == 0) == succeeds, done.stdout
        return done

    def plan(self, *args: str) -> dict[str, list[str]]:
        """Rule -> outputs of each of the jobs that a run would do, found by a dry run."""
        text = self.snakemake("--dry-run", *args).stdout
        jobs = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", text, re.M)
        if not jobs:
            assert "Nothing to be done" in text, text
            return {}
        assert len(jobs) == int(re.search(r"^total +(\d+)$", text, re.M)[1]), text
        outputs: dict[str, list[str]] = {}
        for rule, block in jobs:
            found = re.search(r"^    output: (.*)$", block, re.M)
            if found:  # a target has none
                outputs.setdefault(rule, []).append(found[1])
        return outputs

    def copy(self, folder: Path, parts: Sequence[str] = PARTS + COMPUTED) -> "Workflow":
        """Parts of this one in another folder, with the same time stamps."""
        folder.mkdir(exist_ok=True)
        for part in filter(lambda part: (self / part).exists(), parts):
            if (self / part).is_dir():
                # numba keeps compiled code beside its source, under passing names at first.
                shutil.copytree(
                    self / part, folder / part, ignore=shutil.ignore_patterns("*.tmp.*")
                )
            else:
                shutil.copy2(self / part, folder / part)
        return Workflow(folder)

    def move(self, folder: Path) -> None:
        self.folder = self.folder.rename(folder)

    def touch_code(self) -> None:
        """Give the time stamps of a fresh clone to everything but results."""
        for part in PARTS:
            for path in [self / part, *(self / part).rglob("*")]:
                path.touch()


@pytest.fixture(scope="session")
def new_workflow(tmp_path_factory):
    """Make the workflow of this repository with the tiny study and nothing computed."""

    def make(name: str) -> Workflow:
        # Compiled code comes along where there is some: numba keeps it beside the sources.
        workflow = Workflow(ROOT).copy(tmp_path_factory.mktemp(name) / "netphase", PARTS)
        workflow.config = yaml.safe_load(TINY)
        return workflow

    return make


@pytest.fixture
def workflow(new_workflow) -> Workflow:
    return new_workflow("workflow")


@pytest.fixture(scope="session")
def first_run(new_workflow) -> Workflow:
    """The tiny study, computed from nothing on two cores; only to be looked at."""
    workflow = new_workflow("first_run")
    workflow.snakemake("--cores", "2")
    return workflow


@pytest.fixture
def finished(first_run, tmp_path) -> Workflow:
    """A copy of the finished tiny study."""
    return first_run.copy(tmp_path / "netphase")
