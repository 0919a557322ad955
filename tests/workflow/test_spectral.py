"""A tiny study of analytic continuation by Snakemake: complete, extended cheaply, and refused."""

import json
import re
from xml.etree import ElementTree

import pytest
import xarray as xr
from studies import study_fixtures
from verdict_schema import check

LEVELS, TIMES = (400, 300, 200, 100), (9, 17)
TABLES = ("inversions.nc", "costs.nc", "recoverability.nc", "recoverability.csv")
TABLES += ("findings.json", "verdicts.json")
DRAWN = ("examples", "comparison", "recoverability", "exact_systems")
FIGURES = tuple(f"figures/{name}.{suffix}" for name in DRAWN for suffix in ("svg", "png"))
ONCE = {"join_inversions": 1, "compare_inversions": 1, "plot_inversions": 1}


def with_spectra(workflow, **changes):
    entry = {"times": list(TIMES), "levels": list(LEVELS), "realisations": 1, "spectra": 4}
    entry |= {"frequencies": 61, "quoted": {"times": 17, "level": 300}}
    entry |= {"network": {"spectra": 512, "epochs": 2}}
    workflow.add_study("spectral", "spectra", entry | changes)
    return workflow


def counts(plan):
    return {rule: len(jobs) for rule, jobs in plan.items()}


computed, edited = study_fixtures(with_spectra, "spectra")


def test_everything_is_there_and_nothing_more_to_do(computed):
    runs = {
        f"results/spectra/{kind}/{solver}/times{n}/level{level}/seed0.nc"
        for kind in ("runs", "costs")
        for solver in ("entropy", "network")
        for n in TIMES
        for level in LEVELS
    }
    joined = {f"results/spectra/{name}" for name in (*TABLES, *FIGURES)}
    assert computed.computed_files() == runs | joined
    assert computed.plan("spectra") == {}


def test_inversions_hold_every_cell(computed):
    data = xr.load_dataset(computed / "results/spectra/inversions.nc")
    assert dict(data.sizes) == {
        "times": 2, "level": 4, "realisation": 1, "solver": 5, "case": 17, "omega": 61,
    }  # fmt: skip
    assert data.wasserstein.notnull().all()
    for variable in data.variables.values():
        assert {"long_name", "units"} <= variable.attrs.keys() or variable.dtype.kind in "UOT"


def test_findings_and_figures_are_readable(computed):
    (answers,) = json.loads((computed / "results/spectra/findings.json").read_text()).values()
    assert {"question", "answer", "trust"} <= answers[0].keys()
    verdicts = json.loads((computed / "results/spectra/verdicts.json").read_text())
    check(verdicts)
    (claims,) = verdicts.values()
    assert len(claims) == 6
    for name in FIGURES[::2]:
        ElementTree.parse(computed / "results/spectra" / name)


@pytest.mark.parametrize(
    ("changes", "new"),
    [
        ({"levels": [*LEVELS, 50]}, 2),
        ({"realisations": 2}, 8),
        ({"times": [*TIMES, 33]}, 4),
    ],
)
def test_only_new_cells_are_computed(edited, changes, new):
    expected = {"invert_by_entropy": new, "invert_by_network": new} | ONCE
    assert counts(with_spectra(edited, **changes).plan("spectra")) == expected


def test_other_networks_leave_maximum_entropy_alone(edited):
    changed = with_spectra(edited, network={"spectra": 512, "epochs": 3})
    assert counts(changed.plan("spectra")) == {"invert_by_network": 8} | ONCE


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"beta": 0}, "beta"),
        ({"quoted": {"times": 5, "level": 300}}, "quoted.times: 5 is not among 9, 17"),
        ({"quoted": {"times": 9, "level": 10}}, "quoted.level: 10 is not among"),
        ({"noise": 1}, ": .*'noise'"),
        ({"levels": [-1]}, "levels"),
    ],
)
def test_unsound_studies_are_refused(workflow, changes, named):
    run = with_spectra(workflow, **changes).snakemake("spectra", succeeds=False)
    (line,) = (said for said in run.stdout.splitlines() if said.startswith("netphase: "))
    assert re.match(rf"netphase: config key studies\.spectral\.spectra.*{named}", line)
    assert workflow.computed_files() == set()
