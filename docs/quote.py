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
FIGURES = ("transition", "collapse", "capacity", "cost", "noise_levels")


def main(studies: list[str]) -> None:
    """Rewrite the blocks of the benchmarks and of the studies; copy their figures to docs/."""
    readme = ROOT / "README.md"
    text = replace_block(readme.read_text(), "bench", benchmarks())
    for study in studies:
        text = replace_block(text, study, describe(study))
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
        lines.append(f"| `{name}` | {value} | {row['goal'] or ''} | {holds} | {row['reference']} |")
    return "\n".join(lines)


def describe(study: str) -> str:
    """Markdown of one study: size of the run and its cost, fits, verdicts."""
    results = ROOT / "results" / study
    costs = xr.load_dataset(results / "costs.nc")["cpu_seconds"]
    verdicts = json.loads((results / "verdicts.json").read_text())
    fits = list(csv.DictReader((results / "transition.csv").read_text().splitlines()))
    lines = []
    for dataset, claims in verdicts.items():
        for figure in FIGURES:
            name = f"{dataset}_{figure}.png"
            shutil.copyfile(results / "figures" / name, ROOT / "docs" / name)
        cost = costs.sel(dataset=dataset)
        lines += [
            f"`{study}`: {cost.sizes['size']} sizes x {cost.sizes['step']} noise levels x "
            f"{cost.sizes['realisation']} realisations, {float(cost.sum()) / 3600:.2g} CPU-hours "
            "of training.",
            "",
            "| hidden units | κ_c | width in ln κ | test plateau | R² of points (of means) |",
            "|---|---|---|---|---|",
        ]
        for fit in fits:
            if (fit["dataset"], fit["split"], fit["curve"]) == (dataset, "test", "mean"):
                lines.append(fit_row(fit))
        lines += [
            "",
            "| claim of the paper | paper | here | 95 % interval | verdict |",
            "|---|---|---|---|---|",
            *map(claim_row, claims),
        ]
    return "\n".join(lines)


def fit_row(fit: dict[str, str]) -> str:
    """One size: fit parameters with standard errors."""
    if fit["converged"] != "1":
        return f"| {fit['size']} | no fit | | | |"
    cells = [f"{float(fit[p]):.3g} ± {float(fit[f'{p}_se']):.1g}" for p in ("kappa_c", "width")]
    plateau = f"{float(fit['plateau']):.3f} ± {float(fit['plateau_se']):.3f}"
    goodness = f"{float(fit['r2_points']):.3f} ({float(fit['r2_means']):.3f})"
    return f"| {fit['size']} | {cells[0]} | {cells[1]} | {plateau} | {goodness} |"


def claim_row(claim: dict) -> str:
    """One claim of the source document beside our value, interval and verdict."""
    paper = "–" if claim["paper"] is None else claim["paper"]
    ours = "–" if claim["ours"] is None else claim["ours"]
    interval = " to ".join(map(str, claim["interval"])) if claim["interval"] else "–"
    return f"| {claim['claim']} | {paper} | {ours} | {interval} | {claim['verdict']} |"


if __name__ == "__main__":
    main(sys.argv[1:])
