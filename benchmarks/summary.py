"""Performance claims: their form, and the file and the table that they are published in."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

SUMMARY = Path(__file__).with_name("summary.json")


def cpu_seconds(function: Callable, *arguments) -> float:
    """Process CPU seconds of a call."""
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def entry(value: float, unit: str, goal: float | None, reference: str) -> dict:
    """One claim; a negative goal is an upper bound."""
    holds = None if goal is None else bool(value >= goal if goal > 0 else value <= -goal)
    bound = None if goal is None else f"at least {goal:g}" if goal > 0 else f"at most {-goal:g}"
    return {
        "value": round(value, 4),
        "unit": unit,
        "goal": bound,
        "holds": holds,
        "reference": reference,
    }


def publish(claims: Mapping[str, dict], path: Path, kept: Mapping[str, dict]) -> None:
    """Print the claims and write them to the file, after those that are kept."""
    path.write_text(json.dumps({**kept, **claims}, indent=2) + "\n")
    for name, row in claims.items():
        verdict = {True: "holds", False: "MISSED", None: ""}[row["holds"]]
        print(f"{name:44} {row['value']:>10.3f} {row['unit']:12} {row['goal'] or '':14} {verdict}")
