"""A uniform noise is added from outside the tree: two files, with all that Gaussian noise has."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from netphase.information.posteriors import template_scores
from netphase.noise import cubes, schedule
from netphase.noise.families import FAMILIES

ROOT = Path(__file__).parents[2]
DDPM = {"beta_first": 1e-4, "beta_last": 0.02, "n_steps": 3000}
STEPS = [-1, 300, 600, 900, 1200, 1500]
STUDY = {
    "datasets": ["digits"],
    "schedule": "ddpm",
    "steps": STEPS,
    "realisations": 2,
    "models": {"mlp": {"hidden": [4, 8], "max_iter": 5}},
    "example": {"class": 3, "steps": [300, 1200]},
}
# What is written into netphase/noise/families.py, before the table of families ...
FUNCTIONS = '''
def _draw_uniform(x_0, kappa, rng):
    return rng.uniform(-np.sqrt(3), np.sqrt(3), x_0.shape).astype(np.float32)


def _uniform_log_likelihood(z, x, kappa):
    """0 where |z - x| <= sqrt(3) kappa in every pixel, up to the rounding of z, else -inf."""
    distance = cdist(z, x, "chebyshev")
    return np.where(distance <= (np.sqrt(3) + 1e-5) * kappa, 0.0, -np.inf)


'''
# ... and as its first entry.
ENTRY = """
    "uniform": Family(
        "independent uniform noise in every pixel",
        _draw_uniform,
        _uniform_log_likelihood,
        float(np.sqrt(3)),
    ),"""


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} in {path}"
    path.write_text(text.replace(old, new))


def add_uniform_noise(folder: Path) -> None:
    """What a user does: the two files."""
    families = folder / "workflow/scripts/netphase/noise/families.py"
    replaced(families, "import numpy as np\n", FIRST_LINES)
    replaced(families, "\nFAMILIES = {", f"{FUNCTIONS}FAMILIES = {{{ENTRY}")
    (schema,) = (
        path
        for path in (folder / "workflow/schemas").iterdir()
        if "enum: [gaussian]" in path.read_text()
    )
    replaced(schema, "enum: [gaussian]", "enum: [gaussian, uniform]")


FIRST_LINES = "import numpy as np\nfrom scipy.spatial.distance import cdist\n"


def git(folder: Path, *args: str) -> str:
    names = ("-c", "user.name=netphase", "-c", "user.email=netphase@localhost")
    return subprocess.run(
        ["git", *names, *args], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def copied(new_workflow):
    """The workflow with a study of uniform noise, which it does not have yet, under git."""
    workflow = new_workflow("uniform")
    config = workflow.config
    config["studies"]["noise"]["tiny"] = STUDY | {"noise": {"family": "uniform"}}
    workflow.config = config
    (workflow / ".gitignore").write_text("__pycache__\n.snakemake\nresources\nresults\nlogs\n")
    git(workflow.folder, "init", "--quiet")
    git(workflow.folder, "add", "--all")
    git(workflow.folder, "commit", "--quiet", "--message", "Before uniform noise")
    return workflow


@pytest.fixture(scope="module")
def extended(copied):
    """The refusal before, the files that were touched, and the workflow run to its end."""
    refusal = copied.snakemake("--dry-run", succeeds=False).stdout
    add_uniform_noise(copied.folder)
    touched = git(copied.folder, "status", "--porcelain", "--untracked-files=all")
    copied.snakemake("--cores", "2")
    return refusal, touched, copied


@pytest.fixture
def uniform(copied, extended, monkeypatch):
    """The family as the copy defines it, known to the package of this test, too."""
    path = copied / "workflow/scripts/netphase/noise/families.py"
    spec = importlib.util.spec_from_file_location("families_of_the_copy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(FAMILIES, "uniform", module.FAMILIES["uniform"])
    return module.FAMILIES["uniform"]


def test_two_files_are_touched(extended):
    refusal, touched, _ = extended
    assert "noise.family: 'uniform' is not one of ['gaussian']" in refusal
    files = [line[3:] for line in touched.splitlines()]
    assert len(files) == 2, touched
    assert {Path(file).parts[1] for file in files} == {"schemas", "scripts"}


def test_the_laws_of_all_families_hold_for_it(extended):
    """The unit tests of the families, of which the table alone says which there are."""
    tests = ROOT / "tests/unit/noise/test_families.py"
    path = os.pathsep.join([str(extended[-1] / "workflow/scripts"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-c", os.devnull]
        + ["-p", "no:cacheprovider", "--rootdir", str(tests.parent), str(tests)],
        env=os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "uniform" in subprocess.run(
        [sys.executable, "-c", "from netphase.noise.families import FAMILIES; print(*FAMILIES)"],
        env=os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


@pytest.mark.parametrize("step", [300, 1200])
def test_the_cube_holds_noise_of_variance_one_and_says_kappa(extended, uniform, step):
    (level,) = schedule.levels([step], **DDPM)
    dataset = xr.load_dataset(extended[-1] / "resources/datasets/digits.nc")
    image, split = dataset.image.values, dataset.split.values
    cube = cubes.build(dataset, "digits", level, [0, 1], family="uniform")
    assert float(cube.kappa) == level.kappa
    mean, deviation = cubes.standardisation(image, split)
    x_t = cube.image.values * cube.image.attrs["scale_factor"]
    epsilon = (x_t - level.signal * (image - mean) / deviation) / level.noise
    rounding = cube.image.attrs["scale_factor"] / level.noise
    assert np.abs(epsilon).max() <= np.sqrt(3) + rounding
    # Var(epsilon^2) = 9/5 - 1.
    bound = 4 * np.sqrt(0.8 / epsilon.size) + rounding**2 / 12
    assert abs(epsilon.mean()) < 4 / np.sqrt(epsilon.size)
    assert abs(epsilon.var() - 1) < bound
    gaussian = cubes.build(dataset, "digits", level, [0, 1])
    other = gaussian.image.values * gaussian.image.attrs["scale_factor"]
    other = (other - level.signal * (image - mean) / deviation) / level.noise
    assert abs(np.mean(epsilon * other)) < 4 / np.sqrt(epsilon.size)


@pytest.mark.parametrize("kappa", [0.4, 0.8, 2.0, 10.0])
def test_two_templates_are_told_apart_as_often_as_their_ranges_do_not_overlap(uniform, kappa):
    """Templates -1 and 1: accuracy 1/2 + 1 / (2 sqrt(3) kappa), and 1 below kappa = 1 / sqrt(3)."""
    n = 200_000
    x = np.array([[-1.0], [1.0]], np.float32)
    label = np.arange(n) % 2
    rng = np.random.default_rng(0)
    z = x[label] + np.float32(kappa) * uniform.draw(x[label], kappa, rng)
    scores = template_scores(z, kappa, [x[:1], x[1:]], "uniform")
    accuracy = np.mean(scores.argmax(axis=1) == label)
    expected = min(1, 0.5 + 1 / (2 * np.sqrt(3) * kappa))
    assert accuracy == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


def test_the_study_has_the_limit_of_its_noise(extended):
    """The posterior over the test images lies between chance and 1, and above that of Gaussian."""
    workflow = extended[-1]
    limit = xr.load_dataset(workflow / "results/tiny/limits/digits.nc").isel(dataset=0)
    levels = schedule.levels(STEPS, **DDPM)
    assert limit.kappa.values.tolist() == [level.kappa for level in levels]
    oracle = limit.accuracy.sel(reference="oracle")
    assert oracle.sel(step=-1) == 1
    assert (limit.accuracy_high.sel(reference="oracle") > 0.1).all() and (oracle <= 1).all()
    assert (np.diff(oracle) <= 0).all()
    runs = xr.load_dataset(workflow / "results/tiny/runs.nc").isel(dataset=0)
    assert runs.kappa.values.tolist() == [level.kappa for level in levels]
    test = runs.accuracy.sel(split="test").isel(model=0).mean("realisation")
    assert (test.max("size") <= limit.accuracy_high.sel(reference="oracle")).all()
    # Gaussian noise of kappa 3.9 leaves .34 at most: bounded noise rules most images out.
    assert oracle.sel(step=900) > 0.6
