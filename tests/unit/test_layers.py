"""Allowed imports: packages to the left, no analysis in trainings, no private names.

Imports are read from the source, the way the digest of code reads them.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
PACKAGE = SCRIPTS / "netphase"
ORDER = (
    ("errors", "streams"),
    ("files", "statistics", "runs"),
    ("jobs", "noise", "data"),
    ("learners", "criticality", "transitions"),
    ("information", "weights", "scaling", "spectral"),
    ("lattices", "inverse_ising", "tables"),
    ("hyperbolic", "findings"),
    ("figures", "config"),
)
"""A package imports what stands in an earlier group, and members of its own one without circles."""
RANK = {name: rank for rank, group in enumerate(ORDER) for name in group}
ENGINES = {"learners", "jobs"}
"""What draws or trains: figures show what is saved."""
ANALYSES = (
    "findings", "figures", "scaling", "transitions.fits", "transitions.fit_kernels",
    "transitions.sigmoid", "transitions.model_selection", "transitions.widths", "runs.aggregation",
    "statistics.intervals", "statistics.means", "statistics.resampling", "files.attributes",
    "criticality.signals", "criticality.cascades", "criticality.convolution_phases",
    "criticality.trainability", "weights.depth_crossing", "weights.loss_peak",
    "weights.frozen_gap", "weights.selection", "weights.overlaps", "inverse_ising",
    "information.comparison", "spectral.recoverability", "lattices.calibration",
    "hyperbolic.critical_point",
)  # fmt: skip
"""Packages and modules that compare, fit or judge what was trained, simulated or evaluated."""
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
COMPUTING = [
    path
    for path in sorted(SCRIPTS.glob("*.py"))
    if path.stem.startswith(("train_", "simulate_", "evaluate_"))
]


def name_of(path: Path) -> str:
    """Name of a module within the package: learners.perceptrons."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def package_of(path: Path) -> str:
    return name_of(path).partition(".")[0]


@cache
def imports(path: Path) -> tuple[tuple[Path, str], ...]:
    """Modules of netphase that a file imports, and the name that it takes from each, if any."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[Path, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or node.module.partition(".")[0] != "netphase":
            continue
        folder = SCRIPTS.joinpath(*node.module.split("."))
        for alias in node.names:
            inner = folder / f"{alias.name}.py"
            yield (inner, "") if inner.is_file() else (folder.with_suffix(".py"), alias.name)


def closure(path: Path) -> set[Path]:
    """All modules that a file imports, directly or not."""
    known, left = set(), [path]
    while left:
        new = {module for module, _ in imports(left.pop())} - known
        known |= new
        left += new
    return known


def test_every_package_has_a_place():
    assert {package_of(path) for path in MODULES} <= RANK.keys()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_packages_import_what_is_further_left(path):
    own = RANK[package_of(path)]
    right = [name_of(m) for m in [m for m, _ in imports(path)] if RANK[package_of(m)] > own]
    assert not right


def test_packages_of_a_group_import_each_other_without_circles():
    edges = {
        (package_of(path), package_of(m)) for path in MODULES for m in [m for m, _ in imports(path)]
    }
    edges = {(one, other) for one, other in edges if one != other}
    left = {name for edge in edges for name in edge}
    while left:
        ends = {name for name in left if not any(a == name and b in left for a, b in edges)}
        assert ends, f"packages import each other in a circle: {sorted(left)}"
        left -= ends


@pytest.mark.parametrize("path", COMPUTING, ids=lambda path: path.stem)
def test_what_trains_or_simulates_imports_no_analysis(path):
    names = [name_of(module) for module in closure(path)]
    assert not [name for name in names if f"{name}.".startswith(tuple(f"{a}." for a in ANALYSES))]


@pytest.mark.parametrize("name", ANALYSES)
def test_the_analyses_exist(name):
    path = PACKAGE.joinpath(*name.split("."))
    assert path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize(
    "path", [p for p in MODULES if package_of(p) == "findings"], ids=lambda path: path.stem
)
def test_findings_import_no_figures(path):
    assert not [name_of(m) for m in [m for m, _ in imports(path)] if package_of(m) == "figures"]


@pytest.mark.parametrize(
    "path", [p for p in MODULES if package_of(p) == "figures"], ids=lambda path: path.stem
)
def test_figures_import_no_engines(path):
    assert not [name_of(m) for m, _ in imports(path) if package_of(m) in ENGINES]


@pytest.mark.parametrize(
    "path", [*MODULES, *sorted(SCRIPTS.glob("*.py"))], ids=lambda path: path.stem
)
def test_every_name_that_is_taken_from_a_module_exists(path):
    """By `from module import name`, and as `module.name` where no local variable hides it."""
    tree = ast.parse(path.read_text())
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("netphase"):
            for alias in node.names:
                file = SCRIPTS.joinpath(*node.module.split("."), f"{alias.name}.py")
                if file.is_file():
                    name = f"{node.module}.{alias.name}"
                    modules[alias.asname or alias.name] = import_module(name)
                else:
                    assert hasattr(import_module(node.module), alias.name), alias.name
    local = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    local |= {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module is not None and node.value.id not in local:
                assert hasattr(module, node.attr), f"{node.value.id}.{node.attr}"
