"""Pages: links lead somewhere, commands and functions exist, numbers are those of the runs."""

import ast
import re
from pathlib import Path

import build
import pytest
import yaml

from netphase.config.check import RENAMED
from netphase.jobs.job import VERSION

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "workflow/scripts/netphase"
README = ROOT / "README.md"
FOLDERS = ("docs", "config", "resources", "results")
PAGES = [
    *ROOT.glob("*.md"),
    *(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md")),
    *(ROOT / "docs/results").glob("*.md"),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
KINDS = yaml.safe_load((ROOT / "config/config.yaml").read_text())["studies"].values()
# Another reading of the papers is compared by the study that names it.
READINGS = {name for kind in KINDS for study in kind.values() for name in study.get("readings", [])}
STUDIES = {name for kind in KINDS for name in kind} - READINGS
INTERVAL = re.compile(r"\[-?[\d.]+, -?[\d.]+\]")


def prose(page):
    """The text of a page without code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)


def links(page):
    """(file, anchor) of every relative link and image of a page."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page):
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_and_images_exist(page):
    for path, anchor in links(page):
        assert path.exists(), path
        assert not anchor or anchor in anchors(path), f"{path}#{anchor}"


def test_no_page_and_no_picture_is_orphaned():
    reached, waiting = set(), [README]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [path for path, _ in links(page) if path.suffix == ".md"]
    shown = {path for page in PAGES for path, _ in links(page)}
    pictures = {path for ext in ("svg", "png") for path in (ROOT / "docs").rglob(f"*.{ext}")}
    pages = set((ROOT / "docs").rglob("*.md"))
    assert not pages - reached and not pictures - shown


def test_readme_is_read_in_five_minutes():
    assert len(README.read_text().splitlines()) <= 200


def test_every_study_is_in_the_table_and_every_result_page_is_of_a_study():
    table = README.read_text().split("\n## Studies\n")[1].split("\n## ")[0]
    listed = "".join(re.findall(r"^\| (.*?) \|", table, re.M))
    assert set(re.findall(r"`(\w+)`", listed)) == STUDIES
    for page in (ROOT / "docs/results").glob("*.md"):
        assert page.stem in STUDIES
        text = page.read_text()
        assert f"make run TARGET={page.stem}" in text
        assert text.count(build.OPENING) == text.count(build.CLOSING) == 1
        assert "\n## Provenance\n" in text


def test_commands_exist():
    makefile = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in [README, *(ROOT / "docs").rglob("*.md")]:
        named = re.findall(r"(?:`|^|\$ )make ([a-z-]+)", page.read_text(), re.M)
        assert set(named) <= makefile, page


def test_functions_that_the_architecture_names_exist():
    named = re.findall(r"`(\w+/\w+\.py): ([\w.]+)`", (ROOT / "docs/architecture.md").read_text())
    assert len(named) > 15
    for path, name in named:
        place = ast.parse((PACKAGE / path).read_text())
        for part in name.split("."):
            found = [node for node in place.body if getattr(node, "name", None) == part]
            assert found, f"{path}: {name}"
            (place,) = found


def test_packages_that_the_architecture_names_are_those_of_the_tree():
    table = (ROOT / "docs/architecture.md").read_text().split("\n## The package\n")[1]
    rows = re.findall(r"^\| \d \| (.*?) \|", table.split("\n## ")[0], re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    there = {path.stem for path in PACKAGE.iterdir() if path.name[0].islower()}
    assert named == there


def test_intervals_of_the_readme_stand_in_a_result_page():
    quoted = set(INTERVAL.findall(prose(README)))
    assert quoted
    pages = "".join(page.read_text() for page in (ROOT / "docs/results").glob("*.md"))
    assert quoted <= set(INTERVAL.findall(pages))


def test_imports_that_the_readme_shows_exist():
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    exec("\n".join(line for line in block.splitlines() if "import" in line), {})
    ast.parse(block)


def test_performance_is_that_of_the_last_benchmarks():
    page = (ROOT / "docs/performance.md").read_text()
    assert build.replaced(page, build.benchmarks(), "performance.md") == page


def test_only_what_is_between_the_marks_is_replaced():
    page = f"above\n{build.OPENING}\nold\n{build.CLOSING}\nbelow\n"
    new = build.replaced(page, "new", "page.md")
    assert new == f"above\n{build.OPENING}\n\nnew\n\n{build.CLOSING}\nbelow\n"
    assert build.replaced(new, "new", "page.md") == new
    with pytest.raises(SystemExit, match=r"docs/page\.md: the lines .* are missing"):
        build.replaced("above\n", "new", "page.md")


def test_table_has_no_empty_column_and_escapes_bars():
    rows = [("|m|", "", 1), ("b", "", 2)]
    assert build.table("name | note | value", rows).splitlines() == [
        "| name | value |",
        "|---|---|",
        r"| \|m\| | 1 |",
        "| b | 2 |",
    ]


def test_version_is_stated_once():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == VERSION == (PACKAGE / "VERSION").read_text().strip()
    assert f"## {VERSION.partition('.dev')[0]}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("old", RENAMED)
def test_changelog_says_what_a_renamed_key_is_called(old):
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^\| `{old}`.* \| `{RENAMED[old]}` \|$", text, re.M)
