"""The frame of every job, run as a script of its own: threads, refusals, provenance."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "workflow" / "scripts"
FRAME = """
import numpy
from types import SimpleNamespace
from netphase.errors import InputError
from netphase.jobs.job import job

class Params(dict):
    code = "digest of the code"

snakemake = SimpleNamespace(
    rule="toy", log=["job.log"], threads=1, input={inputs}, output=["out.nc"],
    params=Params(code="digest of the code", steps=[1, 2]),
)
with job(snakemake) as provenance:
    {body}
"""


@pytest.fixture
def run_job(tmp_path):
    (tmp_path / "in.txt").write_text("content")

    def run(body, threads=1, inputs=("in.txt",)):
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(FRAME).format(body=body, inputs=inputs)],
            cwd=tmp_path,
            env=os.environ
            | {"PYTHONPATH": str(PACKAGE)}
            | {f"{pool}_NUM_THREADS": str(threads) for pool in ("OMP", "OPENBLAS", "MKL")},
            capture_output=True,
            text=True,
        )

    return run


def test_a_second_blas_thread_is_refused(run_job, tmp_path):
    if os.cpu_count() < 2:
        pytest.skip("one core: BLAS cannot start a second thread")
    assert run_job("pass").returncode == 0
    refused = run_job("pass", threads=2)
    assert refused.returncode != 0 and "runs 2 threads" in refused.stderr
    assert "runs 2 threads" in (tmp_path / "job.log").read_text()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("raise InputError('datasets.x.train: no such file')", "datasets.x.train: no such file"),
        ("open('missing.nc')", "missing.nc: No such file or directory"),
    ],
)
def test_a_refusal_is_one_line_on_stderr_and_in_the_log(run_job, tmp_path, body, line):
    refused = run_job(body)
    assert refused.returncode == 1
    assert refused.stderr == (tmp_path / "job.log").read_text() == f"netphase: {line}\n"


def test_a_damaged_input_is_named_before_the_body_runs(run_job, tmp_path):
    (tmp_path / "in.nc").write_text("no NetCDF")
    refused = run_job("open('reached', 'w')", inputs=["in.nc"])
    assert refused.stderr.startswith("netphase: in.nc: damaged") and refused.returncode == 1
    assert not (tmp_path / "reached").exists()


def test_a_defect_keeps_its_traceback_on_stderr_and_in_the_log(run_job, tmp_path):
    failed = run_job("1 / 0")
    assert failed.returncode == 1
    for said in (failed.stderr, (tmp_path / "job.log").read_text()):
        assert said.count("Traceback") == 1 and said.endswith(
            "ZeroDivisionError: division by zero\n"
        )


def test_provenance_names_code_parameters_inputs_and_libraries(run_job):
    attributes = json.loads(run_job("import json; print(json.dumps(provenance))").stdout)
    assert attributes["code_sha256"] == "digest of the code"
    assert json.loads(attributes["parameters"]) == {"steps": [1, 2]}
    digest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert json.loads(attributes["input_sha256"]) == {"in.txt": digest}
    assert {"python", "numpy"} <= json.loads(attributes["library_versions"]).keys()
