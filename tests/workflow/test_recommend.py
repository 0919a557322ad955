"""Output of `make recommend` for a study of known sizes, and refusals."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from netphase.files import netcdf
from netphase.scaling.recommendation import recommend
from netphase.streams import stream

PROGRAM = Path(__file__).parents[2] / "workflow/recommend.py"
# Sizes 4, 8, 16 at kappa 0.5, 2, 8: the best are 16, 8 and, at chance, none.
ACCURACY = ((0.6, 0.8, 0.9), (0.5, 0.7, 0.6), (0.1, 0.1, 0.1))


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """A folder with results/known/recommendation.nc."""
    n, realisations = 10_000, 4
    dims = ("dataset", "model", "size", "step", "realisation", "split")
    p = np.broadcast_to(np.transpose(ACCURACY)[..., np.newaxis], (3, 3, realisations))
    accuracy = np.random.default_rng(0).binomial(n, p)[None, None, ..., None] / n
    runs = xr.Dataset(
        {"accuracy": (dims, accuracy)},
        coords={
            "dataset": ["letters"],
            "model": ["mlp"],
            "size": [4, 8, 16],
            "step": [300, 600, 900],
            "split": ["test"],
            "kappa": ("step", [0.5, 2.0, 8.0]),
            "n_parameters": (("dataset", "model", "size"), [[[50, 100, 200]]]),
            "n_samples": (("dataset", "split"), [[n]]),
            "n_classes": ("dataset", [10]),
        },
    )
    folder = tmp_path_factory.mktemp("study")
    path = folder / "results/known/recommendation.nc"
    path.parent.mkdir(parents=True)
    netcdf.write(recommend(runs, stream("test of make recommend")), path, {})
    return folder


def ask(folder, *arguments, succeeds=True):
    done = subprocess.run(
        [sys.executable, PROGRAM, *arguments], cwd=folder, capture_output=True, text=True
    )
    assert (done.returncode == 0) == succeeds, done.stderr
    return done.stdout if succeeds else done.stderr


def test_table_of_all_levels(study):
    lines = ask(study, "known", "--accuracy", "0.65").splitlines()
    assert lines[0] == "letters: sizes with their 95 % intervals"
    assert lines[1].split("  ")[0] == "kappa" and lines[1].endswith("reaches 0.65")
    rows = [line.split() for line in lines[2:] if not line.startswith(" ")]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("0.5", "16", "8"),
        ("2", "8", "8"),
        ("8", "-", "-"),
    ]
    remarks = [line.strip() for line in lines[2:] if line.startswith(" ")]
    assert re.match(r"accuracy falls by 0\.\d+ from size 8 to 16 \(p = 0\.0005 ", remarks[0])
    assert remarks[1:] == [
        "every size is at chance: no best size",
        "accuracy 0.65: no size reaches it",
    ]


def test_kappa_between_two_levels(study):
    lines = ask(study, "known", "--kappa", "1", "--accuracy", "0.75").splitlines()
    rows = {line.split()[0]: line.split() for line in lines[2:] if not line.startswith(" ")}
    # Half way in ln(kappa) the sizes 8 and 16 have the same accuracy, 0.75.
    assert list(rows) == ["0.5", "1", "2"] and rows["1"][1] in {"8", "16"}
    assert rows["1"][2:5] == ["(8", "to", "16)"]
    assert "    interpolated between the levels above and below" in lines
    assert "interpolated" not in ask(study, "known", "--kappa", "2.000")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["unknown"], "results/unknown/recommendation.nc is missing; make it: make run TARGET="),
        (["known", "--accuracy", "1.5"], "ACCURACY=1.5: give a number from 0 to 1"),
        (["known", "--accuracy", "high"], "ACCURACY=high: give a number from 0 to 1"),
        (["known", "--kappa", "nan"], "KAPPA=nan: give a number from 0 up"),
        (["known", "--kappa", "9"], "KAPPA=9 lies outside the noise levels; choose one from 0.5"),
    ],
)
def test_refusals_take_one_line(study, arguments, said):
    text = ask(study, *arguments, succeeds=False)
    assert text.startswith(f"netphase: {said}") and text.count("\n") == 1


def test_damaged_recommendation_is_named(study, tmp_path):
    whole = (study / "results/known/recommendation.nc").read_bytes()
    path = tmp_path / "results/known/recommendation.nc"
    path.parent.mkdir(parents=True)
    path.write_bytes(whole[:1000] + b"x" + whole[1001:])
    text = ask(tmp_path, "known", succeeds=False)
    assert text.startswith("netphase: results/known/recommendation.nc: damaged")
