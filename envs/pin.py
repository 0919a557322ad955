"""Resolve envs/*.in into hashed locks and into conda environments (`make lock`).

Every kind of work lists its direct requirements in envs/<kind>.in. All of them are locked
together, so that a package has one version in the whole project, whichever environment a job
runs in. Versions already locked stay as they are: delete envs/lock/*.txt first to move them all.
"""

import os
import subprocess
import sys
from pathlib import Path

PYTHON = "3.11"
LOCK = "lock/requirements.txt"
LOCKED = ["data.in", "train.in", "analysis.in", "workflow.in", "test.in"]
CONDA = ["data", "train", "analysis"]
# Optional: installed beside the project, each into a folder of its own.
BESIDE = ["crosscheck", "tracking"]
# Its requirements cannot be met together with the project's.
APART = "crate"

# Snakemake copies an environment file away from its folder, so the pins stand in the file itself.
CONDA_ENVIRONMENT = """\
# Generated from {source} and {lock} by `make lock`: do not edit.
channels:
  - conda-forge
dependencies:
  - python={python}
  - pip
  - pip:
{pins}
"""


def resolve(*arguments: str) -> str:
    """Standard output of `uv pip compile` for the one Python and platform that are locked."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header"]
    command += ["--no-annotate", "--python-version", PYTHON, "--python-platform", "linux"]
    return subprocess.check_output([*command, *arguments], text=True)


def lock(path: str, *arguments: str) -> None:
    """Write the hashed pins of the given requirements to `path`, moving as few as possible."""
    resolve(*arguments, "--generate-hashes", "--output-file", path)


os.chdir(Path(__file__).parent)
lock(LOCK, *LOCKED)
for kind in BESIDE:
    lock(f"lock/{kind}.txt", f"{kind}.in", "--constraint", LOCK)
lock(f"lock/{APART}.txt", f"{APART}.in")
for kind in CONDA:
    source = f"{kind}.in"
    requirements = resolve(source, "--constraint", LOCK).splitlines()
    pins = "\n".join(f"      - {requirement}" for requirement in requirements)
    environment = CONDA_ENVIRONMENT.format(source=source, lock=LOCK, python=PYTHON, pins=pins)
    Path(f"{kind}.yaml").write_text(environment)
