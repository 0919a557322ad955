"""The environments agree with the lock, are complete, and cover what their rules import."""

import ast
import re
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from netphase.learners import registry

ROOT = Path(__file__).parents[2]
ENVS = ROOT / "envs"
SCRIPTS = ROOT / "workflow" / "scripts"
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
LOCKS = sorted((ENVS / "lock").glob("*.txt"))
CONDA = sorted(ENVS.glob("*.yaml"))


def pins_of(lines):
    """Canonical name -> version of the lines that are exact pins."""
    pins = (re.fullmatch(r"([\w.-]+)==([\w.+]+)(?: \\)?", line) for line in lines)
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
# Optional programs: three that share the project's versions, one that cannot.
BESIDE, APART = ("crosscheck", "ising", "networks", "tracking"), ("crate", "maxent")


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_has_hashed_pins_and_nothing_else(path):
    entries = path.read_text().replace(" \\\n    ", " ").splitlines()
    hashed = re.compile(r"[\w.-]+==[\w.+]+( --hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not hashed.fullmatch(entry)] == []


@pytest.mark.parametrize("kind", BESIDE)
def test_one_version_of_a_package_in_all_locks(kind):
    lock = lock_of(ENVS / "lock" / f"{kind}.txt")
    shared = COMMON.keys() & lock.keys()
    assert {name: lock[name] for name in shared} == {name: COMMON[name] for name in shared}
    assert lock.keys() - COMMON.keys()


def test_lock_is_the_closure_of_the_direct_requirements():
    optional = {ENVS / f"{kind}.in" for kind in (*BESIDE, *APART)}
    sources = set(ENVS.glob("*.in")) - optional
    requirements = [r for source in sources for r in direct_requirements(source)]
    assert COMMON.keys() | TORCH_CPU.keys() == closure(requirements)


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
    needed = closure(direct_requirements(path.with_suffix(".in")))
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
