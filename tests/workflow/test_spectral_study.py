"""A tiny study of analytic continuation by Snakemake: complete, extended cheaply, and refused."""

import json
import re
from xml.etree import ElementTree

import pytest
import xarray as xr
from verdict_schema import check

LEVELS, TIMES = (400, 300, 200, 100), (9, 17)
TABLES = ("inversions.nc", "recoverability.nc", "recoverability.csv")
TABLES += ("findings.json", "verdicts.json")
DRAWN = ("examples", "comparison", "recoverability", "exact_systems")
FIGURES = tuple(f"figures/{name}.{suffix}" for name in DRAWN for suffix in ("svg", "png"))
ONCE = {"compare_inversions": 1, "plot_inversions": 1}


def with_spectra(workflow, **changes):
    entry = {"times": list(TIMES), "levels": list(LEVELS), "realisations": 1, "spectra": 4}
    entry |= {"frequencies": 61, "quoted": {"times": 17, "level": 300}}
    entry |= {"network": {"spectra": 512, "epochs": 2}}
    workflow.config = workflow.config | {"spectral_studies": {"spectra": entry | changes}}
    return workflow


def counts(plan):
    return {rule: len(jobs) for rule, jobs in plan.items()}


@pytest.fixture(scope="module")
def inverted(new_workflow):
    """The tiny study, computed from nothing; only to be looked at."""
    workflow = with_spectra(new_workflow("spectra"))
    workflow.snakemake("spectra")
    return workflow


@pytest.fixture
def edited(inverted, tmp_path):
    """A copy of the computed study."""
    parts = ("Snakefile", "config", "envs", "profiles", "slurm", "workflow")
    return inverted.copy(tmp_path / "netphase", (*parts, "results", ".snakemake/metadata"))


def test_everything_is_there_and_nothing_more_to_do(inverted):
    runs = {
        f"results/spectra/{kind}/{solver}/times{n}/level{level}/seed0.nc"
        for kind in ("runs", "costs")
        for solver in ("entropy", "network")
        for n in TIMES
        for level in LEVELS
    }
    joined = {f"results/spectra/{name}" for name in (*TABLES, *FIGURES)}
    assert inverted.computed_files() == runs | joined
    assert inverted.plan("spectra") == {}


def test_inversions_hold_every_cell(inverted):
    data = xr.load_dataset(inverted / "results/spectra/inversions.nc")
    assert dict(data.sizes) == {
        "times": 2, "level": 4, "realisation": 1, "solver": 5, "case": 17, "omega": 61,
    }  # fmt: skip
    assert data.wasserstein.notnull().all()
    for variable in data.variables.values():
        assert {"long_name", "units"} <= variable.attrs.keys() or variable.dtype.kind in "UOT"


def test_findings_and_figures_are_readable(inverted):
    (answers,) = json.loads((inverted / "results/spectra/findings.json").read_text()).values()
    assert {"question", "answer", "trust"} <= answers[0].keys()
    verdicts = json.loads((inverted / "results/spectra/verdicts.json").read_text())
    check(verdicts)
    (claims,) = verdicts.values()
    assert len(claims) == 6
    for name in FIGURES[::2]:
        ElementTree.parse(inverted / "results/spectra" / name)


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
    assert re.match(rf"netphase: config key spectral_studies\.spectra.*{named}", line)
    assert workflow.computed_files() == set()
