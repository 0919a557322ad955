"""A tiny study of Ising lattices by Snakemake: complete, repeatable, and refused where unsound."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image
from studies import study_fixtures
from verdict_schema import check

from netphase.lattices.calibration import EXPONENTS
from netphase.lattices.exact import T_C
from netphase.lattices.ising import STATUS

LEVELS = (22200, 22700, 23200)
LATTICES = {4: 1000, 6: 1000, 8: 1000}
TABLES = ("runs.nc", "costs.nc", "calibration.nc", "calibration.csv")
TABLES += ("findings.json", "verdicts.json")
FIGURES = ("figures/calibration.svg", "figures/calibration.png")
ONCE = {"aggregate_lattices", "calibrate_analysis", "plot_calibration"}


def with_lattices(workflow, **changes):
    entry = {"temperatures": [level / 10_000 for level in LEVELS], "lattices": LATTICES}
    entry |= {"realisations": 2, "smallest": 4}
    workflow.add_study("lattices", "ising", entry | changes)
    return workflow


computed, edited = study_fixtures(with_lattices, "ising")


def files(levels):
    return {
        f"results/ising/{kind}/level{level}.nc" for kind in ("runs", "costs") for level in levels
    }


def test_everything_is_there_and_nothing_of_other_studies(computed):
    expected = {f"results/ising/{name}" for name in (*TABLES, *FIGURES)}
    assert computed.computed_files() == files(LEVELS) | expected
    assert computed.plan("ising") == {}
    assert computed.plan().keys().isdisjoint(ONCE | {"simulate_ising"})


def test_runs_hold_every_cell(computed):
    runs, costs = (
        xr.load_dataset(computed / f"results/ising/{name}.nc") for name in ("runs", "costs")
    )
    shape = {"model": 1, "size": 3, "temperature": 3, "realisation": 2}
    assert dict(runs.sizes) == dict(costs.sizes) == shape
    assert runs.model.item() == "ising" and runs["size"].values.tolist() == list(LATTICES)
    np.testing.assert_allclose(runs.temperature, np.array(LEVELS) / 10_000)
    assert runs.level.values.tolist() == list(LEVELS)
    assert (runs.status == STATUS.index("measured")).all() and np.isfinite(runs.binder).all()
    one = xr.load_dataset(computed / f"results/ising/runs/level{LEVELS[1]}.nc")
    xr.testing.assert_equal(runs.sel(temperature=[2.27]).energy, one.energy)
    assert json.loads(one.attrs["parameters"])["level"] == LEVELS[1]


def test_findings_and_table_say_what_was_found(computed):
    findings = json.loads((computed / "results/ising/findings.json").read_text())
    (entries,) = findings.values()
    assert list(findings) == ["ising"] and len(entries) == 4
    assert re.match(r"(Yes|No): the instrument is (not )?calibrated\.", entries[0]["answer"])
    found = xr.load_dataset(computed / "results/ising/calibration.nc")
    assert entries[0]["answer"].startswith("Yes" if found.calibrated else "No")
    verdicts = json.loads((computed / "results/ising/verdicts.json").read_text())
    check(verdicts)
    assert len(verdicts["ising"]) == 4
    table = pd.read_csv(computed / "results/ising/calibration.csv")
    assert len(table) == 3 + len(EXPONENTS) + 3
    assert (table.exact[table.quantity == "t_c"] == T_C).all()


def test_figure_is_an_image(computed):
    svg, png = (computed / f"results/ising/{name}" for name in FIGURES)
    assert ElementTree.parse(svg).getroot().tag.endswith("}svg")
    with Image.open(png) as image:
        assert min(image.size) > 900 and len(np.unique(np.asarray(image.convert("L")))) > 20


def test_a_new_temperature_simulates_that_alone(edited):
    levels = (*LEVELS, 22650)
    with_lattices(edited, temperatures=[level / 10_000 for level in levels])
    plan = edited.plan("ising")
    assert plan.keys() == ONCE | {"simulate_ising"}
    (made,) = plan["simulate_ising"]
    assert set(made.split(", ")) == files([22650])


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"lattices": LATTICES | {8: 1200}}, ONCE | {"simulate_ising"}),
        ({"realisations": 3}, ONCE | {"simulate_ising"}),
        ({"smallest": 6}, ONCE - {"aggregate_lattices"}),
    ],
)
def test_what_a_change_of_the_config_makes_anew(edited, change, again):
    with_lattices(edited, **change)
    plan = edited.plan("ising")
    assert plan.keys() == again
    assert len(plan.get("simulate_ising", LEVELS)) == len(LEVELS)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"temperatures": [2.26918]}, r"ising\.temperatures: temperature 2\.26918"),
        ({"lattices": {2: 400}}, r"ising\.lattices: 2 "),
        ({"smallest": 5}, r"ising\.smallest: no lattice 5; there are 4, 6, 8"),
        ({"steps": [0]}, r"ising: .*'steps'"),
    ],
)
def test_unsound_config_is_refused_in_one_line(workflow, change, named):
    run = with_lattices(workflow, **change).snakemake("ising", succeeds=False)
    (line,) = (said for said in run.stdout.splitlines() if said.startswith("netphase: "))
    assert re.match(rf"netphase: config key studies\.lattices\.{named}", line)
    assert workflow.computed_files() == set()
