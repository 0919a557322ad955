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
LOCKED = ["data.in", "train.in", "torch.in", "spectral.in", "analysis.in", "workflow.in", "test.in"]
CONDA = ["data", "train", "torch", "spectral", "analysis"]
# torch comes as two builds, each with a lock of its own: the one for processors alone, of which the
# index of PyPI knows nothing, and the one that brings CUDA.
TORCH = "2.13.0"
TORCH_CPU_SHA256 = "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"
TORCH_CPU = "lock/torch-cpu.txt"
# Optional: installed beside the project, each into a folder of its own.
BESIDE = ["crosscheck", "ising", "networks", "tracking"]
# Their requirements cannot be met together with the project's.
APART = ["crate", "maxent"]

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
Path(TORCH_CPU).write_text(f"torch=={TORCH}+cpu \\\n    --hash=sha256:{TORCH_CPU_SHA256}\n")
found = os.environ.get("PIP_FIND_LINKS")
SMALL_TORCH = ["--constraint", TORCH_CPU]
SMALL_TORCH += ["--find-links", found] if found else ["--torch-backend", "cpu"]
WITHOUT_TORCH = [*SMALL_TORCH, "--no-emit-package", "torch", "--no-emit-find-links"]
lock(LOCK, *LOCKED, *WITHOUT_TORCH)
lock("lock/torch-cuda.txt", "torch.in", "--constraint", LOCK)
for kind in BESIDE:
    lock(f"lock/{kind}.txt", f"{kind}.in", "--constraint", LOCK, *WITHOUT_TORCH)
for kind in APART:
    lock(f"lock/{kind}.txt", f"{kind}.in")
for kind in CONDA:
    source = f"{kind}.in"
    requirements = resolve(source, "--constraint", LOCK, *SMALL_TORCH, "--no-emit-find-links")
    # pip chooses the build that suits the machine.
    requirements = requirements.replace("+cpu", "").splitlines()
    pins = "\n".join(f"      - {requirement}" for requirement in requirements)
    environment = CONDA_ENVIRONMENT.format(source=source, lock=LOCK, python=PYTHON, pins=pins)
    Path(f"{kind}.yaml").write_text(environment)
