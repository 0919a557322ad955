"""Context of a job: its log, one BLAS thread, plain refusals, its output's provenance."""

import hashlib
import json
import logging
import platform
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

from threadpoolctl import threadpool_info

from netphase.errors import InputError
from netphase.files import netcdf

# A text, not a constant of the code: a release changes no digest and computes nothing again.
VERSION = resources.files("netphase").joinpath("VERSION").read_text().strip()
RECORDED = ("numpy", "scipy", "scikit-learn", "numba", "torch", "xarray", "netCDF4", "matplotlib")


@contextmanager
def job(snakemake) -> Iterator[dict[str, str]]:
    """Run the body of a script as one job of the workflow; yields the provenance of its outputs.

    Damaged inputs are refused before the body runs. A refusal (InputError) or a failing file
    system ends the job with one line and exit code 1; any other exception is a defect of ours and
    keeps its traceback. Either stands in the job's log, where Snakemake and Slurm send the reader,
    and on stderr.

    Raises
    ------
    RuntimeError : a BLAS or OpenMP pool has more threads than the rule asked for
    """
    record = logging.FileHandler(snakemake.log[0], mode="w")
    logging.basicConfig(
        format="%(asctime)s %(message)s",
        level=logging.INFO,
        handlers=[record, logging.StreamHandler()],
    )
    try:
        _check_threads(snakemake.threads)
        for path in snakemake.input:
            if path.endswith(".nc"):
                netcdf.check(path)
        yield provenance(snakemake)
    except InputError as error:
        _refuse(f"netphase: {error}", record)
    except OSError as error:
        place = error.filename or snakemake.output[0]
        _refuse(f"netphase: {place}: {error.strerror or error}", record)
    except Exception:
        # Python prints it to stderr by itself.
        print(traceback.format_exc(), end="", file=record.stream, flush=True)
        raise


def _refuse(line: str, record: logging.FileHandler) -> NoReturn:
    print(line, file=record.stream, flush=True)
    sys.exit(line)


def _check_threads(allowed: int) -> None:
    wide = [pool for pool in threadpool_info() if pool["num_threads"] > allowed]
    if wide:
        raise RuntimeError(
            f"{wide[0]['prefix']} runs {wide[0]['num_threads']} threads; set "
            f"OMP_NUM_THREADS and OPENBLAS_NUM_THREADS to {allowed}"
        )


def provenance(snakemake) -> dict[str, str]:
    """Code, parameters, inputs and libraries that determine an output; no time, no host."""
    parameters = {key: value for key, value in snakemake.params.items() if key != "code"}
    return {
        "netphase_version": VERSION,
        "history": f"netphase {VERSION}, rule {snakemake.rule}",
        "git_commit": _git_commit(),
        "code_sha256": snakemake.params.code,
        "parameters": _canonical(parameters),
        "parameters_sha256": hashlib.sha256(_canonical(parameters).encode()).hexdigest(),
        "input_sha256": _canonical({path: _sha256(path) for path in sorted(snakemake.input)}),
        "library_versions": _canonical(_versions()),
    }


def _canonical(value) -> str:
    return json.dumps(value, sort_keys=True, default=list)


def _sha256(path: str) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in RECORDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _git_commit() -> str:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--match="],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()
