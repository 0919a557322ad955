"""Put figures and verdicts of finished studies, and benchmarks, into the README (`make docs`).

Each study has a block between `<!-- study -->` and `<!-- /study -->`, rewritten from
results/{study}, and so has `bench`, from benchmarks/summary.json: what the README says of numbers
is said by the files of a run.
"""

import csv
import json
import shutil
import sys
from pathlib import Path

import xarray as xr

ROOT = Path(__file__).resolve().parents[1]


def main(studies: list[str]) -> None:
    """Rewrite the blocks of the benchmarks and of the studies; copy their figures to docs/."""
    readme = ROOT / "README.md"
    text = replace_block(readme.read_text(), "bench", benchmarks())
    for study in studies:
        results = ROOT / "results" / study
        if (results / "transition.csv").exists():
            content = describe(study, text)
        else:
            content = describe_systems(study, text)
        text = replace_block(text, study, content)
    readme.write_text(text)


def replace_block(text: str, name: str, content: str) -> str:
    """The text with new content between the marks of that name."""
    before, opening, rest = text.partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- /{name} -->")
    if not closing:
        sys.exit(f"README.md: there is no block <!-- {name} --> ... <!-- /{name} -->")
    return f"{before}{opening}{content}\n{closing}{after}"


def benchmarks() -> str:
    """Markdown table of benchmarks/summary.json."""
    rows = json.loads((ROOT / "benchmarks" / "summary.json").read_text())
    lines = ["| what | value | goal | holds | measured against, or on |", "|---|---|---|---|---|"]
    for name, row in rows.items():
        holds = {True: "yes", False: "no", None: ""}[row["holds"]]
        value = f"{row['value']:.3g} {row['unit'].replace('ratio', '')}"
        lines.append(line(f"`{name}`", value, row["goal"] or "", holds, row["reference"]))
    return "\n".join(lines)


def line(*cells) -> str:
    """One line of a Markdown table, in which a bare | would begin another cell."""
    escaped = (str(cell).replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def describe(study: str, readme: str) -> str:
    """Markdown of one study: size of the run and its cost, findings, sizes, verdicts.

    Copies the figures that the README shows.
    """
    results = ROOT / "results" / study
    costs = xr.load_dataset(results / "costs.nc")
    verdicts, findings = (
        json.loads((results / f"{name}.json").read_text()) for name in ("verdicts", "findings")
    )
    sizes, fits = (
        list(csv.DictReader((results / f"{name}.csv").read_text().splitlines()))
        for name in ("scaling", "transition")
    )
    lines = []
    for dataset, claims in verdicts.items():
        for source in (results / "figures").glob(f"{dataset}_*.png"):
            name = study.removeprefix("mlp_") + source.name.removeprefix(dataset)
            if f"docs/{name}" in readme:
                shutil.copyfile(source, ROOT / "docs" / name)
        cost = costs.sel(dataset=dataset)
        lines += [
            f"`{study}`: {cost.sizes['size']} sizes x {cost.sizes['step']} noise levels x "
            f"{cost.sizes['realisation']} realisations, {spent(cost)}.",
            "",
            *answers(findings[dataset]),
            "",
            f"| {cost['size'].long_name} "
            "| κ_c [95 %] | width in ln κ [95 %] | R² of points (of means) |",
            "|---|---|---|---|",
        ]
        of_sizes = {
            (row["quantity"], row["size"]): row for row in sizes if row["dataset"] == dataset
        }
        for fit in fits:
            if (fit["dataset"], fit["split"], fit["curve"]) == (dataset, "test", "mean"):
                place = [of_sizes[quantity, fit["size"]] for quantity in ("kappa_c", "width")]
                lines.append(size_row(fit, *place))
        lines += [
            "",
            *verdict_table(claims),
        ]
    return "\n".join(lines)


def spent(costs: xr.Dataset) -> str:
    """CPU-hours by what they were spent on, as the long names of the costs say it."""
    parts = []
    for name in ("training_seconds", "cpu_seconds"):
        if name in costs:
            _, _, purpose = costs[name].long_name.partition(" of ")
            parts.append(f"{float(costs[name].sum()) / 3600:.2g} CPU-hours of {purpose}")
    return " and ".join(parts)


def describe_systems(study: str, readme: str) -> str:
    """Markdown of one study of other than noised images: its answers, and the verdicts.

    Copies the figures that the README shows.
    """
    results = ROOT / "results" / study
    for source in (results / "figures").glob("*.png"):
        if f"docs/{study}_{source.name}" in readme:
            shutil.copyfile(source, ROOT / "docs" / f"{study}_{source.name}")
    verdicts, findings = (
        json.loads((results / f"{name}.json").read_text()) for name in ("verdicts", "findings")
    )
    entries = [
        row | {"question": ": ".join(filter(None, (row["ladder"], row["question"])))}
        for row in findings[study]
    ]
    return "\n".join([*answers(entries), "", *verdict_table(verdicts[study])])


def verdict_table(claims: list[dict]) -> list[str]:
    """Table of claims, each beside what stands here."""
    words = ("claim", "evidence", "sentence", "depends_on", "verdict")
    return [
        "| system | claim | its evidence | here | depends on | verdict |",
        "|---|---|---|---|---|---|",
        *(line(claim["system"] or "–", *(claim[word] for word in words)) for claim in claims),
    ]


def answers(findings: list[dict[str, str]]) -> list[str]:
    """Table of what a study found, and how far to trust it."""
    rows = (line(row["question"], row["answer"], row["trust"]) for row in findings)
    return ["| question | answer | how far to trust it |", "|---|---|---|", *rows]


def size_row(fit: dict[str, str], kappa_c: dict[str, str], width: dict[str, str]) -> str:
    """One size: kappa_c and width with their intervals, and R2 of the least-squares sigmoid."""
    goodness = "no fit"
    if fit["converged"] == "1":
        goodness = f"{float(fit['r2_points']):.3f} ({float(fit['r2_means']):.3f})"
    return line(fit["size"], interval(kappa_c), interval(width), goodness)


def interval(row: dict[str, str]) -> str:
    """Value with the interval of the realisations, or of the pooled fit where there is one run."""
    if not row["value"]:
        return row["left_out"].replace("_", " ")
    ends = ("low", "high") if row["low"] else ("profile_low", "profile_high")
    return "{:#.3g} [{:#.3g}, {:#.3g}]".format(*(float(row[name]) for name in ("value", *ends)))


if __name__ == "__main__":
    main(sys.argv[1:])
