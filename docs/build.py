"""The generated pages (`make docs`): results by study, performance, reference of the configuration.

The page of a study, docs/results/STUDY.md, has a part between two marks that is made from
results/STUDY: answers, sizes, claims, cost and provenance. What is written above it stays, and so
does the part of a study that is not named. Figures that a page shows are copied beside it.
"""

import csv
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import configuration
import xarray as xr

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "results"
OPENING, CLOSING = "<!-- made by `make docs` -->", "<!-- end of what `make docs` makes -->"


def main(studies: list[str]) -> None:
    """Write config/README.md, docs/performance.md and the pages of these studies."""
    reference = configuration.reference(ROOT / "workflow" / "schemas")
    (ROOT / "config" / "README.md").write_text(reference)
    performance = ROOT / "docs" / "performance.md"
    performance.write_text(replaced(performance.read_text(), benchmarks(), performance.name))
    for study in studies:
        results = ROOT / "results" / study
        if not (results / "findings.json").exists():
            sys.exit(f"{results}/findings.json: missing; run `make run TARGET={study}` first")
        page = PAGES / f"{study}.md"
        text = page.read_text() if page.exists() else new_page(study, results / "figures")
        page.write_text(replaced(text, described(results), page.name))
        copy_figures(results / "figures", PAGES / study, text)


def replaced(text: str, content: str, name: str) -> str:
    """The text with new content between its marks."""
    before, _, rest = text.partition(f"{OPENING}\n")
    _, closing, after = rest.partition(CLOSING)
    if not closing:
        sys.exit(f"docs/{name}: the lines {OPENING} and {CLOSING} are missing")
    return f"{before}{OPENING}\n\n{content}\n\n{closing}{after}"


def new_page(study: str, figures: Path) -> str:
    """The page of a study that has none, with all its figures."""
    shown = (f"![{figure.stem}]({study}/{figure.name})" for figure in sorted(figures.glob("*.png")))
    command = f"```\nmake run TARGET={study}\n```"
    return "\n\n".join([f"# {study}", command, *shown, f"{OPENING}\n{CLOSING}\n"])


def copy_figures(figures: Path, folder: Path, page: str) -> None:
    """Copy those figures of a study that its page shows."""
    for figure in sorted(figures.glob("*.png")):
        if f"({folder.name}/{figure.name})" in page:
            folder.mkdir(exist_ok=True)
            shutil.copyfile(figure, folder / figure.name)


def table(heads: str, rows: Iterable) -> str:
    """A Markdown table, without columns that are empty in all rows."""
    # A bare | in a cell would begin another one.
    cells = [[str(cell).replace("|", r"\|") for cell in row] for row in rows]
    columns = [
        (head, *column)
        for head, *column in zip(heads.split(" | "), *cells, strict=True)
        if any(column)
    ]
    head, *body = zip(*columns, strict=True)
    rule = "|" + "---|" * len(head)
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(row)} |" for row in body)])


def benchmarks() -> str:
    """The table of benchmarks/summary.json."""
    rows = json.loads((ROOT / "benchmarks" / "summary.json").read_text())
    return table(
        "what | value | goal | holds | measured against, or on",
        (
            (
                f"`{name}`",
                f"{row['value']:.3g} {row['unit'].replace('ratio', '')}",
                row["goal"] or "",
                {True: "yes", False: "no", None: ""}[row["holds"]],
                row["reference"],
            )
            for name, row in rows.items()
        ),
    )


def described(results: Path) -> str:
    """What a finished study found: every part of it that its kind of study has."""
    findings = json.loads((results / "findings.json").read_text())
    verdicts = results / "verdicts.json"
    claims = json.loads(verdicts.read_text()) if verdicts.exists() else {}
    parts = []
    for system, entries in findings.items():
        of_system = f" ({system})" if len(findings) > 1 else ""
        parts += [f"## Answers{of_system}", answers_table(entries)]
        if (results / "scaling.csv").exists():
            parts += [f"## Sizes{of_system}", sizes_table(results, system)]
        if system in claims:
            parts += [f"## Claims{of_system}", claims_table(claims[system])]
    parts += ["## Cost", cost(results), "## Provenance", provenance(results)]
    return "\n\n".join(parts)


def answers_table(findings: list[dict[str, str]]) -> str:
    """What was asked, what was found and how far to trust it."""
    return table(
        "question | answer | how far to trust it",
        (
            (": ".join(filter(None, (row["ladder"], row["question"]))), row["answer"], row["trust"])
            for row in findings
        ),
    )


def claims_table(claims: list[dict]) -> str:
    """Each claim of the source document beside what the runs say, and the verdict."""
    keys = ("system", "claim", "evidence", "sentence", "depends_on", "verdict")
    rows = ([claim[key] or "–" for key in keys] for claim in claims)
    return table("system | claim | in the source | here | depends on | verdict", rows)


def sizes_table(results: Path, dataset: str) -> str:
    """κ_c and width of each size with their intervals, and R² of the least-squares sigmoid."""
    sizes, fits = (
        list(csv.DictReader((results / f"{name}.csv").read_text().splitlines()))
        for name in ("scaling", "transition")
    )
    of_sizes = {(row["quantity"], row["size"]): row for row in sizes if row["dataset"] == dataset}
    name = xr.open_dataset(results / "runs.nc")["size"].long_name
    return table(
        f"{name} | κ_c [95 %] | width in ln κ [95 %] | R² of points (of means)",
        (
            (
                fit["size"],
                interval(of_sizes["kappa_c", fit["size"]]),
                interval(of_sizes["width", fit["size"]]),
                goodness(fit),
            )
            for fit in fits
            if (fit["dataset"], fit["split"], fit["curve"]) == (dataset, "test", "mean")
        ),
    )


def interval(row: dict[str, str]) -> str:
    """Value with the interval of the realisations, or of the pooled fit where there is one run."""
    if not row["value"]:
        return row["left_out"].replace("_", " ")
    ends = ("low", "high") if row["low"] else ("profile_low", "profile_high")
    return "{:#.3g} [{:#.3g}, {:#.3g}]".format(*(float(row[name]) for name in ("value", *ends)))


def goodness(fit: dict[str, str]) -> str:
    """R² over all points of a least-squares fit, and over the means of the levels."""
    if fit["converged"] != "1":
        return "no fit"
    return f"{float(fit['r2_points']):.3f} ({float(fit['r2_means']):.3f})"


def cost(results: Path) -> str:
    """The shape of the run cube, and the CPU time that jobs recorded, by what it was spent on."""
    files = [results / "costs.nc"]
    if not files[0].exists():
        # The costs of a scenario of networks are joined in a file beside the folder of their jobs.
        every = sorted(results.glob("costs/**/*.nc"))
        files = [path for path in every if not path.with_suffix("").is_dir()]
    spent: dict[str, float] = {}
    processors: set[str] = set()
    for path in files:
        costs = xr.load_dataset(path)
        processors |= set(filter(None, costs.attrs.get("cpu_model", "").split("; ")))
        for name in (name for name in costs if name.endswith("_seconds")):
            purpose = costs[name].attrs["long_name"].partition(" of ")[2]
            spent[purpose] = spent.get(purpose, 0) + float(costs[name].sum())
    hours = " and ".join(f"{spent[key] / 3600:.2g} CPU-hours of {key}" for key in sorted(spent))
    runs = results / "runs.nc"
    shape = xr.open_dataset(runs).sizes if runs.exists() else {}
    axes = {"size": "sizes", "step": "noise levels", "temperature": "temperatures"}
    axes["realisation"] = "realisations"
    cube = " x ".join(f"{shape[axis]} {name}" for axis, name in axes.items() if axis in shape)
    where = f" on {' and '.join(sorted(processors))}" if processors else ""
    return f"{cube + '. ' if cube else ''}CPU time that the jobs recorded: {hours}{where}."


def provenance(results: Path) -> str:
    """Versions and commits by which the saved tables of a study were made."""
    made = set()
    for path in sorted(results.glob("*.nc")):
        stated = xr.open_dataset(path).attrs
        libraries = json.loads(stated["library_versions"])
        names = ("python", "numpy", "scikit-learn", "torch")
        versions = ", ".join(f"{name} {libraries[name]}" for name in names if name in libraries)
        made.add((stated["netphase_version"], stated["git_commit"], versions))
    rows = ((version, f"`{commit}`", versions) for version, commit, versions in sorted(made))
    return table("netphase | commit | libraries", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
