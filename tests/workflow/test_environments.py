"""The environments agree with the lock, are complete, and cover what their rules import.

The lock serves every Python and platform that is supported, and `make setup` refuses any other.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

from netphase.learners import registry

ROOT = Path(__file__).parents[2]
ENVS = ROOT / "envs"
SCRIPTS = ROOT / "workflow" / "scripts"
RULES = sorted((ROOT / "workflow" / "rules").rglob("*.smk"))
LOCKS = sorted((ENVS / "lock").glob("*.txt"))
CONDA = sorted(ENVS.glob("*.yaml"))


def pins_of(lines):
    """Canonical name -> version of the lines that are exact pins."""
    pins = (re.fullmatch(r"([\w.-]+)==([\w.+]+)(?: ;.*)?(?: \\)?", line) for line in lines)
    return {canonicalize_name(pin[1]): pin[2] for pin in pins if pin}


def lock_of(path):
    return pins_of(path.read_text().splitlines())


def pip_section(path):
    """The pip requirements of a conda environment."""
    return yaml.safe_load(path.read_text())["dependencies"][-1]["pip"]


def direct_requirements(path):
    """The requirements listed in an .in file and in the files that it includes."""
    for line in path.read_text().splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("-r "):
            yield from direct_requirements(path.parent / text.removeprefix("-r "))
        elif text:
            yield Requirement(text)


def closure(requirements):
    """All packages that the requirements bring in, read from the installed metadata."""
    seen = set()
    pending = [(canonicalize_name(r.name), frozenset(r.extras)) for r in requirements]
    while pending:
        name, extras = package = pending.pop()
        if package in seen:
            continue
        seen.add(package)
        for text in requires(name) or []:
            needed = Requirement(text)
            contexts = [{"extra": extra} for extra in extras | {""}]
            if needed.marker is None or any(map(needed.marker.evaluate, contexts)):
                pending.append((canonicalize_name(needed.name), frozenset(needed.extras)))
    return {name for name, _ in seen}


def imported_modules(path):
    """Top-level third-party modules that a file imports, directly or through netphase."""
    third_party, pending, seen = set(), [path], set()
    while pending:
        file = pending.pop()
        if file in seen:
            continue
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                top, *rest = name.split(".")
                if top == "netphase":
                    module = SCRIPTS.joinpath(top, *rest).with_suffix(".py")
                    pending.append(module if module.is_file() else module.parent.with_suffix(".py"))
                elif top not in sys.stdlib_module_names:
                    third_party.add(top)
    return third_party


def jobs():
    """(conda file, script file) of every rule that has both."""
    for file in RULES:
        for rule in re.split(r"^(?:rule|checkpoint) ", file.read_text(), flags=re.M)[1:]:
            paths = dict(re.findall(r'^ +(conda|script):\s+"([^"]+)"', rule, flags=re.M))
            if len(paths) == 2:
                conda, script = file.parent / paths["conda"], file.parent / paths["script"]
                yield pytest.param(conda, script, id=rule.split(":")[0])


JOBS = list(jobs())
# Learners are imported by their name in the registry, which no import statement of a script tells.
LEARNERS = sorted({shipped.path.split(":")[0] for shipped in registry.LEARNERS.values()})
COMMON = lock_of(ENVS / "lock" / "requirements.txt")
# torch comes in two builds of one version, each with a lock of its own.
TORCH_CPU, TORCH_CUDA = (lock_of(ENVS / "lock" / f"torch-{kind}.txt") for kind in ("cpu", "cuda"))
EVERYTHING = COMMON | {"torch": TORCH_CUDA["torch"]}
# What one of the builds brings besides, where it is the one installed.
CUDA = TORCH_CUDA.keys() - EVERYTHING.keys()
# Optional programs: four that share the project's versions, two that cannot.
BESIDE, APART = ("crosscheck", "ising", "networks", "tracking"), ("crate", "maxent")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PYTHONS = [
    f"3.{minor}" for minor in range(99) if f"3.{minor}" in SpecifierSet(PROJECT["requires-python"])
]
PLATFORMS = [(python, machine) for python in PYTHONS for machine in ("x86_64", "aarch64")]
BASE_PYTHON = os.path.realpath(sys.executable)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_has_hashed_pins_and_nothing_else(path):
    entries = path.read_text().replace(" \\\n    ", " ").splitlines()
    hashed = re.compile(r"[\w.-]+==[\w.+]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not hashed.fullmatch(entry)] == []


@pytest.mark.parametrize("kind", BESIDE)
def test_one_version_of_a_package_in_all_locks(kind):
    lock = lock_of(ENVS / "lock" / f"{kind}.txt")
    shared = COMMON.keys() & lock.keys()
    assert {name: lock[name] for name in shared} == {name: COMMON[name] for name in shared}
    assert lock.keys() - COMMON.keys()


def project_requirements():
    optional = {ENVS / f"{kind}.in" for kind in (*BESIDE, *APART)}
    sources = set(ENVS.glob("*.in")) - optional
    return [r for source in sources for r in direct_requirements(source)]


def test_lock_is_the_closure_of_the_direct_requirements():
    assert EVERYTHING.keys() == closure(project_requirements()) - CUDA


@pytest.mark.parametrize(("python", "machine"), PLATFORMS)
def test_lock_holds_on_every_platform_what_is_required_there(python, machine):
    platform = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
    }
    taken = set()
    for line in (ENVS / "lock" / "requirements.txt").read_text().splitlines():
        pin, _, marker = line.removesuffix(" \\").partition(" ; ")
        if "==" in pin and (not marker or Marker(marker).evaluate(platform)):
            taken.add(canonicalize_name(pin.split("==")[0]))
    required = [
        r for r in project_requirements() if r.marker is None or r.marker.evaluate(platform)
    ]
    assert taken | {"torch"} == closure(required) - CUDA


def test_torch_has_one_locked_wheel_for_every_python_and_platform():
    listed = [line.split() for line in (ENVS / "torch-cpu.sha256").read_text().splitlines()]
    tags = []
    for _, wheel in listed:
        name, version, _, (tag,) = parse_wheel_filename(wheel)
        assert (name, str(version)) == ("torch", TORCH_CPU["torch"])
        tags.append((tag.interpreter, tag.platform))
    expected = [
        (f"cp{python.replace('.', '')}", f"manylinux_2_28_{machine}")
        for python, machine in PLATFORMS
    ]
    assert sorted(tags) == sorted(expected)
    lock = (ENVS / "lock" / "torch-cpu.txt").read_text()
    assert re.findall(r"sha256:(\w+)", lock) == sorted(sha256 for sha256, _ in listed)


@pytest.fixture
def setup(tmp_path):
    """A copy of what setup needs, with an empty lock, and a function that runs make in it."""
    for path in ("Makefile", "pyproject.toml", "envs/interpreter.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    (tmp_path / "envs" / "lock").mkdir()
    for lock in LOCKS:
        (tmp_path / "envs" / "lock" / lock.name).touch()

    def make(*arguments):
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "MAKEFLAGS")}
        return subprocess.run(
            ["make", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return tmp_path, make


def pretend(path, version, prefix):
    """An interpreter at `path` that takes itself for another."""
    path.write_text(
        f"#!{BASE_PYTHON}\nimport runpy, sys\n"
        f"sys.version_info, sys.base_prefix = {version}, {prefix!r}\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    path.chmod(0o755)
    return path


def beyond(step):
    """The version that lies `step` after the newest, or before the oldest, supported one."""
    nearest = PYTHONS[-1] if step > 0 else PYTHONS[0]
    return 3, int(nearest.split(".")[1]) + step, 7


@pytest.mark.parametrize(("step", "fault"), [(-1, "too old"), (1, "too new")])
def test_unsuitable_python_is_refused_in_one_line_before_anything_is_made(setup, step, fault):
    folder, make = setup
    version = beyond(step)
    python = pretend(folder / "python", version, "/elsewhere")
    refused = make("setup", f"PYTHON={python}")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    said = f"netphase: Python {'.'.join(map(str, version))} is {fault}: "
    said += f"{PYTHONS[0]} to {PYTHONS[-1]} is needed; make setup PYTHON=python{PYTHONS[-1]}"
    assert said in line
    assert not (folder / ".venv").exists()


def test_missing_python_is_named_in_one_line(setup):
    folder, make = setup
    refused = make("setup", "PYTHON=python-of-nobody")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert "python-of-nobody: not found" in line
    assert not (folder / ".venv").exists()


def plans_new_venv(make, *arguments):
    planned = make("--dry-run", "setup", *arguments)
    assert planned.returncode == 0, planned.stderr
    return "-m venv --clear" in planned.stdout


def test_venv_is_kept_until_another_python_is_named(setup):
    folder, make = setup
    (folder / ".venv").symlink_to(sys.prefix)
    assert not plans_new_venv(make)
    assert not plans_new_venv(make, f"PYTHON={BASE_PYTHON}")
    other = pretend(folder / "python", sys.version_info[:3], "/elsewhere")
    assert plans_new_venv(make, f"PYTHON={other}")
    refused = make("setup", f"PYTHON={pretend(folder / 'python', beyond(1), '/elsewhere')}")
    assert refused.returncode == 2
    assert Path(sys.prefix, "pyvenv.cfg").exists()


def test_venv_of_a_vanished_or_changed_python_is_made_anew(setup):
    folder, make = setup
    venv = folder / ".venv"
    subprocess.run([BASE_PYTHON, "-m", "venv", "--without-pip", venv], check=True)
    for name in ("uv", "left-over"):
        (venv / "bin" / name).touch()
    (venv / ".stamp").touch()
    assert plans_new_venv(make, f"PYTHON={BASE_PYTHON}")  # as after an update in place: no uv
    for link in venv.glob("bin/python*"):
        link.unlink()
    (venv / "bin" / "python").symlink_to("/nowhere/python")
    made = make(".venv/bin/uv", f"PYTHON={BASE_PYTHON}")
    assert made.returncode == 0, made.stderr
    assert not (venv / "bin" / "left-over").exists()
    subprocess.run([venv / "bin" / "python", "-c", ""], check=True)


def test_builds_of_torch_are_of_one_version_and_change_no_other_pin():
    assert {"torch": f"{TORCH_CUDA['torch']}+cpu"} == TORCH_CPU
    shared = COMMON.keys() & TORCH_CUDA.keys()
    assert {name: TORCH_CUDA[name] for name in shared} == {name: COMMON[name] for name in shared}
    assert "nvidia-cublas" in TORCH_CUDA.keys() - COMMON.keys()


@pytest.mark.parametrize("kind", [*BESIDE, *APART])
def test_optional_lock_pins_its_direct_requirements(kind):
    direct = {canonicalize_name(r.name) for r in direct_requirements(ENVS / f"{kind}.in")}
    lock = lock_of(ENVS / "lock" / f"{kind}.txt")
    assert direct - TORCH_CPU.keys() <= lock.keys()
    assert not TORCH_CPU.keys() & lock.keys()


@pytest.mark.parametrize("path", CONDA, ids=lambda path: path.stem)
def test_conda_environment_pins_the_closure_of_its_requirements_as_locked(path):
    needed = closure(direct_requirements(path.with_suffix(".in"))) - CUDA
    pins = pins_of(pip_section(path))
    assert len(pins) == len(pip_section(path))
    assert pins == {name: EVERYTHING[name] for name in needed}


@pytest.mark.parametrize("path", CONDA, ids=lambda path: path.stem)
def test_conda_environment_has_one_channel_and_the_python_of_the_lock(path):
    environment = yaml.safe_load(path.read_text())
    assert environment.keys() == {"channels", "dependencies"}
    assert environment["channels"] == ["conda-forge"]
    assert environment["dependencies"][:-1] == ["python=3.11", "pip"]


def test_every_script_of_the_workflow_is_checked_below():
    scripts = {script.resolve() for _, script in (job.values for job in JOBS)}
    assert scripts == set(SCRIPTS.glob("*.py"))


def uncovered_by(conda, file):
    """Modules that a file imports and a conda environment does not hold."""
    distributions, pins = packages_distributions(), pins_of(pip_section(conda))
    return {
        module
        for module in imported_modules(file)
        if not pins.keys() & map(canonicalize_name, distributions.get(module, [module]))
    }


@pytest.mark.parametrize(("conda", "script"), JOBS)
def test_environment_covers_what_its_rule_imports(conda, script):
    assert uncovered_by(conda, script) == set()


@pytest.mark.parametrize("module", LEARNERS)
def test_environment_of_training_covers_what_every_learner_imports(module):
    file = SCRIPTS.joinpath(*module.split(".")).with_suffix(".py")
    (training,) = [
        conda for conda, script in (job.values for job in JOBS) if script.stem == "train_learner"
    ]
    assert uncovered_by(training, file) == set()


@pytest.mark.parametrize("path", RULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_rules_are_read_where_there_is_snakemake_alone(path):
    """Where every rule has an environment of its own, the one that reads them has no numerics."""
    for package, names in re.findall(r"^from (netphase[\w.]*) import (.+)", path.read_text(), re.M):
        folder = SCRIPTS.joinpath(*package.split("."))
        for name in names.split(", "):
            module = folder / f"{name.split(' as ')[0]}.py"
            file = module if module.is_file() else folder.with_suffix(".py")
            assert imported_modules(file) <= {"jsonschema", "referencing", "yaml"}, file
