"""Make, verify and restore the archive of a study that is published with a paper.

It unpacks to a working copy of the workflow with one finished study, of which Snakemake plans
nothing: results, data sets that may be passed on, Snakemake's records, code, config, locks, and a
description of it all (RO-Crate).
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from datetime import date as calendar_date
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "scripts"))
import finished

from netphase.errors import InputError
from netphase.files import bundles

ROOT = Path(__file__).resolve().parents[1]
CODE = (
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "Snakefile", "config", "docs", "envs", "profiles", "pyproject.toml", "slurm", "workflow",
)  # fmt: skip
CRATE = "ro-crate-metadata.json"
DATASETS = "resources/datasets"
RECORDS = ".snakemake/metadata"
LONGEST_NAME = 255


def create(study: str, date: str | None) -> None:
    """Write archives/STUDY.zip from the finished study, and its sha256 beside it.

    Raises
    ------
    InputError : unknown or unfinished study, no report, a data set that was deleted, no date
    """
    import crate  # a second that verify and restore need not spend

    made = finished.outputs(study)
    datasets = [name for name in made if name.startswith(f"{DATASETS}/")]
    for name in datasets:
        if not (ROOT / name).exists():
            raise InputError(
                f"{name}: missing, but the archive quotes its licence and source; make it by "
                f"`snakemake --cores 1 {name}`, then `touch -d 1980-01-01 {name}`"
            )
        licence = crate.attributes(ROOT / name)["licence"]
        if crate.open_licence(licence) is None:
            print(f"netphase: {name} stays out of the archive: its licence is {licence!r}")
            made.remove(name)
    report = f"results/{study}/report.html"
    if not (ROOT / report).exists():
        raise InputError(f"{report}: missing; run `make report TARGET={study}`")
    commit = _git("describe", "--always", "--dirty", "--abbrev=40", "--match=") or "unknown"
    date = date or _git("log", "-1", "--format=%cs")
    if not date:
        raise InputError("no git commit to take the date from; add --date YYYY-MM-DD")

    kept = [name for name in made if not name.startswith(f"results/{study}/cubes/")]
    # Temporary cubes have records too, by which Snakemake sees a change of the noise.
    records = [name for name in map(_record, made) if (ROOT / name).exists()]
    target = ROOT / "archives" / f"{study}.zip"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in [*kept, report, *records, *_code()]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
        text = crate.describe(folder, study, {n: ROOT / n for n in datasets}, commit, date)
        (folder / CRATE).write_text(text)
        bundles.write(folder, target)
    print(f"netphase: {target.relative_to(ROOT)}, {target.stat().st_size / 2**20:.1f} MiB")


def verify(archive: Path) -> None:
    """Check every byte of an archive.

    Raises
    ------
    InputError : naming each file that is damaged, missing or added
    """
    with bundles.unpacked(archive) as folder:
        print(f"netphase: {archive}: all {len(bundles.names(folder))} files are sound")


def restore(archive: Path) -> None:
    """Restore results, data sets and Snakemake's records of them into this clone; nothing else.

    Raises
    ------
    InputError : a damaged archive, a study that the config lacks, a file that differs from ours
    """
    with bundles.unpacked(archive, ROOT) as folder:
        every = bundles.names(folder)
        files = [name for name in every if name.startswith(("results/", f"{DATASETS}/"))]
        study = next(name.split("/")[1] for name in files if name.startswith("results/"))
        entry = finished.entry(study)
        named = [entry["dataset"]] if "dataset" in entry else entry.get("datasets", [])
        datasets = [f"{DATASETS}/{name}.nc" for name in named]
        for name in files:
            if (ROOT / name).exists() and not filecmp.cmp(ROOT / name, folder / name, False):
                raise InputError(f"{name}: differs from that in {archive}; move it away first")
        now = time.time()
        for name in files:
            # No data set may look newer than a result, be it of another study.
            stamp = now if name.startswith("results/") else time.mktime((*bundles.OLDEST, 0, 0, -1))
            os.utime(folder / name, (stamp, stamp))
        # Records first: a result without its record would be made again.
        records = [name for name in every if name.startswith(f"{RECORDS}/")]
        for name in [*records, *files]:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder / name, ROOT / name)
    for name in datasets:
        if not (ROOT / name).exists():
            print(
                f"netphase: {name} is not in the archive; to train more, make it by "
                f"`snakemake --cores 1 {name}` and restore once more"
            )
    print(f"netphase: {len(files)} files restored; `snakemake -n {study}` shows what is left to do")


def _record(name: str) -> str:
    """Path of Snakemake's record of a file, as in snakemake.persistence.file."""
    code = urlsafe_b64encode(name.encode()).decode()
    step = LONGEST_NAME - 1
    *folders, last = [code[start : start + step] for start in range(0, len(code), step)]
    return "/".join([RECORDS, *(f"@{folder}" for folder in folders), last])


def _code() -> list[str]:
    files = [
        f"{part}/{name}" if name != "." else part
        for part in CODE
        for name in (bundles.names(ROOT / part) if (ROOT / part).is_dir() else ["."])
    ]
    return [name for name in files if "__pycache__" not in name]


def _git(*command: str) -> str:
    """Output of a git command, empty without repository or git."""
    if shutil.which("git") is None:
        return ""
    answer = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True)
    return answer.stdout.strip()


def _iso_date(text: str) -> str:
    return calendar_date.fromisoformat(text).isoformat()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    creator = commands.add_parser("create", help="write archives/STUDY.zip")
    creator.add_argument("study")
    creator.add_argument("--date", type=_iso_date, help="of publication; else of the last commit")
    creator.set_defaults(command=create)
    for command, purpose in ((verify, "check every byte"), (restore, "bring the results back")):
        reader = commands.add_parser(command.__name__, help=purpose)
        reader.add_argument("archive", type=Path)
        reader.set_defaults(command=command)
    arguments = vars(parser.parse_args())
    try:
        arguments.pop("command")(**arguments)
    except InputError as error:
        sys.exit(f"netphase: {error}")
    except OSError as error:
        sys.exit(f"netphase: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
