"""The published archive: same bytes for the same content, all of them checked, and restored."""

import json
import random
import shutil
import subprocess
import sys
import zipfile
from importlib.resources import files as package_files
from pathlib import Path

import pytest

from netphase.errors import InputError
from netphase.files import bundles

ROOT = Path(__file__).parents[2]
PAPERS = ("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md")
PAPERS += ("pyproject.toml",)
VALIDATOR = ROOT / ".venv-crate/bin"
# Fetches the context of RO-Crate from a file, so that the validator finds it without network.
CACHE_CONTEXT = """
import sys
from io import BytesIO
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3 import HTTPResponse

cache, context, url = sys.argv[1:]

class File(HTTPAdapter):
    def send(self, request, **_):
        body = BytesIO(open(context, "rb").read())
        headers = {"Content-Type": "application/ld+json"}
        answer = HTTPResponse(body, headers, 200, preload_content=False)
        return self.build_response(request, answer)

session = CachedSession(cache, backend="sqlite", expire_after=-1)
session.mount("https://", File())
session.get(url, headers={"Accept": "application/ld+json, application/json"}).raise_for_status()
"""


def archive(workflow, *args, succeeds=True):
    """What workflow/archive.py prints in a copy of the workflow."""
    command = workflow.command() | {
        "args": [sys.executable, "workflow/archive.py", *map(str, args)]
    }
    done = subprocess.run(**command)
    assert (done.returncode == 0) == succeeds, done.stdout
    if not succeeds:
        assert done.returncode == 1
        assert done.stdout.startswith("netphase: ") and done.stdout.count("\n") == 1, done.stdout
    return done.stdout


def create(workflow, **expectation):
    return archive(workflow, "create", "tiny", "--date", "2024-02-24", **expectation)


def add_papers(workflow):
    for name in PAPERS:
        shutil.copy2(ROOT / name, workflow / name)
    shutil.copytree(ROOT / "docs", workflow / "docs", dirs_exist_ok=True)
    return workflow


@pytest.fixture(scope="module")
def published(first_run, tmp_path_factory):
    """The finished tiny study with its report and its archive; only to be looked at."""
    workflow = add_papers(first_run.copy(tmp_path_factory.mktemp("published") / "netphase"))
    workflow.snakemake("--report", "results/tiny/report.html", "tiny")
    create(workflow)
    return workflow


@pytest.fixture
def study(published, tmp_path):
    """A copy of the published study, archive included."""
    return add_papers(published).copy(
        tmp_path / "study", [p.name for p in published.folder.iterdir()]
    )


@pytest.fixture
def clone(workflow):
    workflow.touch_code()
    return add_papers(workflow)


@pytest.fixture
def zipped(published, tmp_path):
    """A copy of the archive alone, without the sha256 beside it."""
    return Path(shutil.copy(published / "archives/tiny.zip", tmp_path))


def refusal(path):
    with pytest.raises(InputError, match="fetch it again") as caught, bundles.unpacked(path):
        pass
    return str(caught.value)


def test_same_content_same_bytes(study):
    before = (study / "archives/tiny.zip").read_bytes()
    study.touch_code()
    (study / "results/tiny/cubes/digits/mlp/step0").mkdir(parents=True)
    (study / "results/tiny/notes.txt").write_text("no file of the workflow")
    create(study)
    assert (study / "archives/tiny.zip").read_bytes() == before


def test_content(published):
    with zipfile.ZipFile(published / "archives/tiny.zip") as members:
        names = set(members.namelist())
    made = {name for name in published.computed_files() if name.startswith("results/tiny/")}
    assert made < names
    assert {"resources/datasets/digits.nc", "envs/lock/requirements.txt", "Snakefile"} < names
    assert not any("__pycache__" in name or "/cubes/" in name for name in names)


def test_unpacked_archive_is_a_finished_workflow(published, tmp_path):
    shutil.unpack_archive(published / "archives/tiny.zip", tmp_path / "here")
    unpacked = type(published)(tmp_path / "here")
    assert unpacked.plan() == {}
    check = ["sha256sum", "--check", "--quiet", bundles.MANIFEST]
    assert subprocess.run(check, cwd=unpacked.folder).returncode == 0


@pytest.mark.slow
def test_restored_study_runs_only_what_changed(published, clone):
    code = {path: path.read_bytes() for path in (clone / "workflow").rglob("*.py")}
    assert "files restored; `snakemake -n tiny`" in archive(
        clone, "restore", published / "archives/tiny.zip"
    )
    # Without checksums, only times tell whether a data set is newer than its results.
    assert clone.plan("--max-checksum-file-size", "0") == {}
    assert all(path.read_bytes() == content for path, content in code.items())
    assert not list(clone.folder.glob(".bundle-*"))

    with (clone / "workflow/scripts/judge_claims.py").open("a") as stream:
        stream.write("\nCHANGED = True\n")
    assert clone.plan().keys() == {"judge_claims"}
    config = clone.config
    config["studies"]["noise"]["tiny"]["models"]["mlp8"] = {"hidden": [8], "max_iter": 3}
    clone.config = config
    plan = clone.plan()
    assert "download_dataset" not in plan and "plot_example" not in plan
    assert all("/mlp8/" in output for output in plan["train_learner"] + plan["noise_dataset"])


def test_restored_study_gives_the_same_archive(published, clone):
    archive(clone, "restore", published / "archives/tiny.zip")
    create(clone)
    made = clone / "archives/tiny.zip"
    assert made.read_bytes() == (published / "archives/tiny.zip").read_bytes()


@pytest.mark.slow
def test_data_set_that_may_not_be_passed_on(study, clone):
    for workflow in (study, clone):
        listing = workflow / "workflow/crate.py"
        listing.write_text(
            listing.read_text().replace('"CC-BY-4.0", ', "").replace('"CC-BY-4.0",', "")
        )
    assert "digits.nc stays out of the archive: its licence is 'CC BY 4.0'" in create(study)
    path = study / "archives/tiny.zip"
    with zipfile.ZipFile(path) as members:
        assert not any(name.startswith("resources/") for name in members.namelist())
        described = json.loads(members.read("ro-crate-metadata.json"))["@graph"]
    (upstream,) = (entity for entity in described if entity["@id"] == "#digits")
    assert upstream["license"] == "CC BY 4.0" and "UCI" in upstream["citation"]

    assert "digits.nc is not in the archive" in archive(clone, "restore", path)
    assert clone.plan() == {}
    assert "licence" in create(clone, succeeds=False)
    # As the two lines advise: nothing is trained again, although the data set was made later.
    clone.snakemake("resources/datasets/digits.nc")
    archive(clone, "restore", path)
    assert clone.plan("--max-checksum-file-size", "0") == {}


@pytest.mark.parametrize(
    ("lost", "remedy"),
    [
        ("results/tiny/transition.csv", "make run TARGET=tiny"),
        ("results/tiny/report.html", "make report TARGET=tiny"),
        ("resources/datasets/digits.nc", "snakemake --cores 1 resources/datasets/digits.nc"),
    ],
)
def test_unfinished_study(study, lost, remedy):
    (study / lost).unlink()
    line = create(study, succeeds=False)
    assert lost in line and remedy in line


def test_outdated_study(study):
    config = study.config
    config["studies"]["noise"]["tiny"]["realisations"] = 4
    study.config = config
    assert "not finished" in create(study, succeeds=False)


def test_unknown_study(study, zipped):
    line = archive(study, "create", "mlp_tiny", succeeds=False)
    assert "no study 'mlp_tiny', there are tiny" in line
    config = study.config
    config["studies"]["noise"] = {"other": config["studies"]["noise"]["tiny"]}
    study.config = config
    assert "no study 'tiny', there are other" in archive(study, "restore", zipped, succeeds=False)


def test_date_is_needed_where_there_is_no_commit(study):
    assert "--date" in archive(study, "create", "tiny", succeeds=False)


def test_nothing_is_overwritten(published, clone):
    own = clone / "results/tiny/verdicts.json"
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    line = archive(clone, "restore", published / "archives/tiny.zip", succeeds=False)
    assert "results/tiny/verdicts.json" in line and "move it away" in line
    assert own.read_text() == "{}"
    assert clone.computed_files() == {"results/tiny/verdicts.json"}


def test_every_flipped_byte_is_noticed(zipped):
    sound = zipped.read_bytes()
    with zipfile.ZipFile(zipped) as members:
        directory = members.start_dir
    draw = random.Random(0)
    places = [draw.randrange(len(sound)) for _ in range(40)]
    # Where no content lies, and zipfile overlooks much.
    places += [draw.randrange(directory, len(sound)) for _ in range(40)]
    places += [draw.randrange(30) for _ in range(10)] + [len(sound) - 1]
    for place in places:
        flipped = bytearray(sound)
        flipped[place] ^= 1 << draw.randrange(8)
        zipped.write_bytes(flipped)
        refusal(zipped)
    zipped.write_bytes(sound)
    with bundles.unpacked(zipped):
        pass


def test_damaged_file_is_named(zipped):
    with zipfile.ZipFile(zipped) as members:
        member = members.getinfo("results/tiny/runs.nc")
    with open(zipped, "r+b") as stream:
        stream.seek(member.header_offset + 1000)
        stream.write(b"damage")
    assert "results/tiny/runs.nc is damaged;" in refusal(zipped)


def rewrite(path, change):
    """Pack an archive again, with another content of each member; none if that is None."""
    with zipfile.ZipFile(path) as members:
        contents = {name: members.read(name) for name in members.namelist()}
    with zipfile.ZipFile(path, "w") as members:
        for name, content in change(contents).items():
            members.writestr(zipfile.ZipInfo(name, bundles.OLDEST), content)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"results/tiny/runs.nc": b"other"}, "results/tiny/runs.nc is damaged"),
        ({"results/tiny/more.nc": b"more"}, "results/tiny/more.nc is not in its manifest"),
        ({"../outside": b"more"}, "../outside is damaged"),
        ({"/tmp/outside": b"more"}, "/tmp/outside is damaged"),
        ({bundles.MANIFEST: b""}, "Snakefile is not in its manifest"),
    ],
)
def test_changed_archive(zipped, changed, problem):
    rewrite(zipped, lambda contents: contents | changed)
    assert problem in refusal(zipped)
    assert not (zipped.parent / "outside").exists()


def test_lost_member(zipped):
    rewrite(zipped, lambda contents: {n: c for n, c in contents.items() if n != "Snakefile"})
    assert "Snakefile is missing;" in refusal(zipped)


@pytest.mark.parametrize("cut", [1, 1000, 1_000_000])
def test_truncated_archive(zipped, cut):
    zipped.write_bytes(zipped.read_bytes()[:-cut])
    assert "truncated" in refusal(zipped)


def test_bytes_before_and_after(zipped):
    sound = zipped.read_bytes()
    for changed in (sound + b"\n", b"\n" + sound):
        zipped.write_bytes(changed)
        refusal(zipped)


def test_sha256_beside_the_archive(study):
    assert "files are sound" in archive(study, "verify", "archives/tiny.zip")
    (study / "archives/tiny.zip.sha256").write_text(f"{'0' * 64}  tiny.zip\n")
    line = archive(study, "verify", "archives/tiny.zip", succeeds=False)
    assert "tiny.zip.sha256 is that of another file" in line
    assert "No such file" in archive(study, "verify", "archives/other.zip", succeeds=False)


@pytest.mark.skipif(
    not VALIDATOR.exists(), reason="no .venv-crate, made by `make .venv-crate/.stamp`"
)
@pytest.mark.parametrize("profile", ["ro-crate-1.1", "workflow-ro-crate-1.0"])
def test_metadata_is_a_valid_crate(published, tmp_path, profile):
    shutil.unpack_archive(published / "archives/tiny.zip", tmp_path / "crate")
    # The library ships the context of RO-Crate 1.3, which moved these terms.
    context = package_files("rocrate").joinpath("data/ro-crate.jsonld").read_text()
    (tmp_path / "context").write_text(context.replace("bioschemas.org/terms/", "bioschemas.org/"))
    url = "https://w3id.org/ro/crate/1.1/context"
    subprocess.run(
        [VALIDATOR / "python", "-c", CACHE_CONTEXT, tmp_path / "cache", tmp_path / "context", url],
        check=True,
    )
    checked = subprocess.run(
        [VALIDATOR / "rocrate-validator", "--no-interactive", "validate", "--offline"]
        + ["--cache-path", tmp_path / "cache", "--profile-identifier", profile]
        + [
            "--output-format",
            "json",
            "--output-file",
            tmp_path / "answer.json",
            tmp_path / "crate",
        ],
        capture_output=True,
        text=True,
    )
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert checked.returncode == 0 and answer["passed"], answer["issues"]
