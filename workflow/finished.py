"""Completeness of a study and its output files, by Snakemake."""

import subprocess
import sys
from pathlib import Path

import yaml

sys.path.append(str(Path(__file__).parent / "scripts"))
from netphase.errors import InputError

ROOT = Path(__file__).resolve().parents[1]


def entry(study: str) -> dict:
    """The study's entry in the config of this clone."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    kinds = config["studies"].values()
    studies = {name: entry for studies in kinds for name, entry in studies.items()}
    if study not in studies:
        raise InputError(
            f"config/config.yaml: no study {study!r}, there are {', '.join(studies)}; an archive "
            "holds the config that describes its own"
        )
    return studies[study]


def outputs(study: str) -> list[str]:
    """Every file that Snakemake makes for a study that is finished, temporary ones included."""
    entry(study)
    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", study, "--summary"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise InputError(answer.stderr.strip().splitlines()[-1].removeprefix("netphase: "))
    made = [line.split("\t") for line in answer.stdout.splitlines()[1:]]
    pending = [name for name, *_, plan in made if plan != "no update"]
    missing = [name for name in pending if not (ROOT / name).exists() and "/cubes/" not in name]
    if pending:
        raise InputError(
            f"study {study} is not finished, {[*missing, *pending][0]} is missing or outdated; "
            f"run `make run TARGET={study}`"
        )
    return [name for name, *_ in made]
