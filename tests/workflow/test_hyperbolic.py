"""A tiny study of hyperbolic tilings by Snakemake: complete, repeatable, refused where unsound."""

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

LEVELS = (26000, 27500, 29000)
STUDY = {
    "realisations": 2,
    "tilings": {
        "pentagons": {
            "p": 5,
            "q": 4,
            "surfaces": {5: 1500, 11: 1500, 19: 1500},
            "temperatures": [level / 10_000 for level in LEVELS],
            "smallest": 5,
        }
    },
    "corners": {"polygons": [5], "temperatures": [2.0, 2.6], "square": [1.8], "states": [2, 3]},
    "disc": {"p": 5, "q": 4, "layers": 4, "temperatures": [2.0, 2.6, 3.4], "sweeps": 2000},
    "gravity": {
        "q": 7,
        "layers": 8,
        "couplings": [0.5, 2],
        "temperatures": [0.1, 0.2],
        "sweeps": 1000,
    },
}
FIGURES = [
    f"figures/{name}.{suffix}"
    for name in ("pentagons_transition", "bulk_and_boundary", "poincare_discs", "universes")
    for suffix in ("svg", "png")
]
TABLES = ["runs.nc", "costs.nc", "corners.nc", "disc.nc", "gravity.nc", "transitions/pentagons.nc"]
TABLES += ["tilings.csv", "findings.json", "verdicts.json"]
JOINED = {"aggregate_surfaces", "locate_transition"}
SAID = {"judge_tilings", "plot_tiling_transition", "plot_bulk_and_boundary"}
OF_BULK = SAID | {"plot_poincare_discs"}
DRAWN = OF_BULK | {"plot_universes"}


def with_tilings(workflow, part="", **changes):
    """The study with other values at a dotted place."""
    study = json.loads(json.dumps(STUDY))
    for tiling in study["tilings"].values():
        tiling["surfaces"] = {int(prime): n for prime, n in tiling["surfaces"].items()}
    place = study
    for key in filter(None, part.split(".")):
        place = place[key]
    place |= changes
    workflow.add_study("hyperbolic", "hyperbolic", study)
    return workflow


computed, edited = study_fixtures(with_tilings, "hyperbolic")


def files(levels):
    return {
        f"results/hyperbolic/{kind}/pentagons/level{level}.nc"
        for kind in ("runs", "costs")
        for level in levels
    }


def test_everything_is_there_and_nothing_of_other_studies(computed):
    expected = {f"results/hyperbolic/{name}" for name in (*TABLES, *FIGURES)}
    assert computed.computed_files() == files(LEVELS) | expected
    assert computed.plan("hyperbolic") == {}
    assert computed.plan().keys().isdisjoint(DRAWN | JOINED | {"simulate_surfaces"})


def test_runs_hold_every_surface(computed):
    runs, costs = (
        xr.load_dataset(computed / f"results/hyperbolic/{name}.nc") for name in ("runs", "costs")
    )
    shape = {"model": 1, "size": 3, "temperature": 3, "realisation": 2}
    assert dict(runs.sizes) == dict(costs.sizes) == shape
    assert runs["size"].values.tolist() == [30, 330, 1710]
    one = xr.load_dataset(computed / f"results/hyperbolic/runs/pentagons/level{LEVELS[1]}.nc")
    xr.testing.assert_equal(runs.sel(temperature=[2.75]).energy, one.energy)


def test_report_says_the_findings_as_they_stand(edited):
    path = edited / "results/hyperbolic/findings.json"
    words = "Where is the |m| of *every* T_c?"
    path.write_text(path.read_text().replace("Where is the transition?", words))
    done = edited.snakemake("--report", "report.html", "hyperbolic")
    assert "(ERROR" not in done.stdout and "(WARNING" not in done.stdout
    assert words in (edited / "report.html").read_text()


def test_findings_verdicts_and_table_agree(computed):
    folder = computed / "results/hyperbolic"
    found = xr.load_dataset(folder / "transitions/pentagons.nc")
    findings = json.loads((folder / "findings.json").read_text())["hyperbolic"]
    assert len(findings) == 5 and all(set(entry.values()) for entry in findings)
    said = f"T_c = {float(found.t_c.sel(smallest=30)):.4f} ["
    assert findings[0]["ladder"] == "pentagons, {5, 4}" and said in findings[0]["answer"]
    verdicts = json.loads((folder / "verdicts.json").read_text())
    check(verdicts)
    (there,) = verdicts["hyperbolic"][0]["readings"]
    assert there["ours"] == pytest.approx(float(found.t_c.sel(smallest=30) / found.bethe), rel=1e-5)
    table = pd.read_csv(folder / "tilings.csv")
    assert (table.value[table.method == "crossings"] == found.t_c.values).all()


def test_figures_are_images(computed):
    for name in FIGURES:
        path = computed / f"results/hyperbolic/{name}"
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("}svg")
        else:
            with Image.open(path) as image:
                assert min(image.size) > 700
                assert len(np.unique(np.asarray(image.convert("L")))) > 20


def test_a_new_temperature_simulates_that_alone(edited):
    levels = (*LEVELS, 28250)
    temperatures = [level / 10_000 for level in levels]
    with_tilings(edited, "tilings.pentagons", temperatures=temperatures)
    plan = edited.plan("hyperbolic")
    assert plan.keys() == JOINED | SAID | {"simulate_surfaces"}
    (made,) = plan["simulate_surfaces"]
    assert set(made.split(", ")) == files([28250])


@pytest.mark.parametrize(
    ("part", "change", "again"),
    [
        ("tilings.pentagons", {"smallest": 11}, SAID | {"locate_transition"}),
        ("corners", {"square": [1.9]}, OF_BULK | {"grow_corners"}),
        ("disc", {"sweeps": 2001}, OF_BULK - {"plot_tiling_transition"} | {"simulate_disc"}),
        (
            "gravity",
            {"sweeps": 1001},
            {"simulate_universes", "judge_tilings", "plot_universes"},
        ),
        ("", {"realisations": 3}, JOINED | SAID | {"simulate_surfaces"}),
    ],
)
def test_what_a_change_of_the_config_makes_anew(edited, part, change, again):
    assert with_tilings(edited, part, **change).plan("hyperbolic").keys() == again


@pytest.mark.parametrize(
    ("part", "change", "named"),
    [
        ("tilings.pentagons", {"p": 4}, r"tilings\.pentagons: \{4, 4\} is no hyperbolic"),
        ("tilings.pentagons", {"smallest": 31}, r"tilings\.pentagons\.smallest: no surface of 31"),
        ("tilings.pentagons", {"temperatures": [2.1, 2.50001]}, r".*temperatures: .*2\.50001"),
        (
            "tilings.pentagons",
            {"surfaces": {5: 200, 11: 200, 13: 200}},
            r"tilings\.pentagons\.surfaces: no surface of \{5, 4\} comes of the prime 13",
        ),
        ("disc", {"q": 3}, r"disc: \{5, 3\} is no hyperbolic tiling"),
        ("gravity", {"q": 6}, r"gravity: \{3, 6\} is no hyperbolic tiling"),
        ("corners", {"polygons": [4]}, r"corners\.polygons\.0: 4 "),
    ],
)
def test_unsound_config_is_refused_in_one_line(workflow, part, change, named):
    run = with_tilings(workflow, part, **change).snakemake("hyperbolic", succeeds=False)
    (line,) = (said for said in run.stdout.splitlines() if said.startswith("netphase: "))
    assert re.match(rf"netphase: config key studies\.hyperbolic\.hyperbolic\.{named}", line)
    assert workflow.computed_files() == set()


def test_a_disc_too_large_for_memory_is_refused_by_its_job(workflow):
    with_tilings(workflow, "disc", layers=80)
    run = workflow.snakemake("results/hyperbolic/disc.nc", succeeds=False)
    assert re.search(r"netphase: layers: 80 of \{4, 5\} have .* GiB of memory", run.stdout)
