"""Resolve envs/*.in into hashed locks and into conda environments (`make lock`).

Every kind of work lists its direct requirements in envs/<kind>.in. All of them are locked
together, so that a package has one version in the whole project, whichever environment a job
runs in. Versions already locked stay as they are: delete envs/lock/*.txt first to move them all.

One lock serves every Python and platform of PYTHONS and PLATFORMS: it is resolved for the first of
each, and then held against the others. Packages without wheels for a platform have a marker in
their .in file.
"""

import os
import subprocess
import sys
from pathlib import Path

PYTHONS = ["3.11", "3.12", "3.13"]
PLATFORMS = ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28"]
LOCK = "lock/requirements.txt"
LOCKED = ["data.in", "train.in", "torch.in", "spectral.in", "analysis.in", "workflow.in", "test.in"]
CONDA = ["data", "train", "torch", "spectral", "analysis"]
# torch comes as two builds, each with a lock of its own: the one for processors alone, of which the
# index of PyPI knows nothing, and the one that brings CUDA. Here are the wheels of the former, as
# PyTorch's own index lists them.
TORCH_CPU_WHEELS = "torch-cpu.sha256"
TORCH_CPU = "lock/torch-cpu.txt"
TORCH_CUDA = "lock/torch-cuda.txt"
# Published as source alone, in Python alone: every machine can build them.
SOURCES = {"connection-pool", "promise"}
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


def resolve(*arguments: str, python: str = PYTHONS[0], platform: str = PLATFORMS[0]) -> str:
    """Standard output of `uv pip compile` for one Python and platform."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header"]
    command += ["--no-annotate", "--python-version", python, "--python-platform", platform]
    return subprocess.check_output([*command, *arguments], text=True)


def lock(path: str, *arguments: str) -> None:
    """Write the hashed pins of the given requirements to `path`, moving as few as possible."""
    resolve(*arguments, "--generate-hashes", "--output-file", path)


def lock_torch_cpu() -> None:
    """Write the lock of torch for processors alone from the listed wheels, all of one version.

    Raises ValueError where they are of several.
    """
    listed = [line.split() for line in Path(TORCH_CPU_WHEELS).read_text().splitlines()]
    (version,) = {wheel.split("-")[1] for _, wheel in listed}
    hashes = " \\\n".join(f"    --hash=sha256:{sha256}" for sha256, _ in sorted(listed))
    Path(TORCH_CPU).write_text(f"torch=={version} \\\n{hashes}\n")


def check_every_python() -> None:
    """Exit with a line if the lock lacks a package, or the index a wheel, for a Python or platform.

    Of the two builds of torch this looks at the one with CUDA, the one that PyPI knows.
    """
    lines = [line for path in (LOCK, TORCH_CUDA) for line in Path(path).read_text().splitlines()]
    pins = {line.split(" ")[0] for line in lines if "==" in line}
    wheels = [f"--only-binary={pin.split('==')[0]}" for pin in sorted(pins)]
    wheels = [option for option in wheels if option.partition("=")[2] not in SOURCES]
    constraints = ["--constraint", LOCK, "--constraint", TORCH_CUDA]
    for python in PYTHONS:
        for platform in PLATFORMS:
            needed = resolve(*LOCKED, *constraints, *wheels, python=python, platform=platform)
            if lacking := set(needed.split()) - pins:
                sys.exit(f"{LOCK}: Python {python} on {platform} needs {sorted(lacking)} besides")


os.chdir(Path(__file__).parent)
lock_torch_cpu()
found = os.environ.get("PIP_FIND_LINKS")
SMALL_TORCH = ["--constraint", TORCH_CPU]
SMALL_TORCH += ["--find-links", found] if found else ["--torch-backend", "cpu"]
WITHOUT_TORCH = [*SMALL_TORCH, "--no-emit-package", "torch", "--no-emit-find-links"]
lock(LOCK, *LOCKED, *WITHOUT_TORCH, "--no-strip-markers")
lock(TORCH_CUDA, "torch.in", "--constraint", LOCK)
check_every_python()
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
    environment = CONDA_ENVIRONMENT.format(source=source, lock=LOCK, python=PYTHONS[0], pins=pins)
    Path(f"{kind}.yaml").write_text(environment)
