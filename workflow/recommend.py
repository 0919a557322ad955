"""Print the recommended size of network by noise level (`make recommend STUDY=study`).

ACCURACY=a adds the smallest size that reaches a mean test accuracy a. KAPPA=k asks about one
noise-to-signal ratio, between two noise levels if need be, instead of about every level.
Everything is read off results/STUDY/recommendation.nc.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import xarray as xr

sys.path.append(str(Path(__file__).parent / "scripts"))
from netphase.errors import InputError
from netphase.files import netcdf
from netphase.scaling.recommendation import REASONS, STATUS, SUFFICIENT, recommend_at

RECOMMENDATION = "results/{}/recommendation.nc"
# A loss of accuracy with size is remarked upon below this p-value of its level.
SIGNIFICANT = 0.05


def read(study: str) -> xr.Dataset:
    """Read the recommendation of a finished study.

    Raises
    ------
    InputError : the file is missing or damaged
    """
    path = Path(RECOMMENDATION.format(study))
    if not path.is_file():
        raise InputError(f"{path} is missing; make it: make run TARGET={study}")
    netcdf.check(path)
    return xr.load_dataset(path)


def number(name: str, text: str | None, high: float) -> float | None:
    """Parse a number from 0 to `high`; None for no text.

    Raises
    ------
    InputError : the text is no such number
    """
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0 <= value <= high:
        upper = f"to {high:g}" if np.isfinite(high) else "up"
        raise InputError(f"{name}={text}: give a number from 0 {upper}")
    return value


def describe(ladder: xr.Dataset, kappa: float | None, accuracy: float | None) -> Iterator[str]:
    """Lines on the sizes of one data set and ladder, as they are printed."""
    levels = np.sort(ladder.kappa.values)
    shown = levels
    if kappa is not None:
        # A level is meant where it is written as it is printed.
        kappa = next((level for level in levels if printed(level) == printed(kappa)), kappa)
        around = np.clip(np.searchsorted(levels, kappa) + np.array([-1, 0]), 0, levels.size - 1)
        # Beside what is interpolated stands what was measured.
        shown = np.unique([kappa] if kappa in levels else [*levels[around], kappa])
    wanted = [] if accuracy is None else [accuracy]
    name = " ".join(str(part.values) for part in (ladder.dataset, ladder.ladder) if part.size)
    yield f"{name.strip()}: sizes with their 95 % intervals"
    columns = ["kappa", "best", "accuracy", "within 1 s.e."] + [f"reaches {a:g}" for a in wanted]
    yield row(*columns)
    for level in shown:
        found = recommend_at(ladder, level, wanted)
        cells = [printed(level), sizes(found, "best"), accuracy_of(found), sizes(found, "one_se")]
        if wanted:
            found |= {key: found[key][0] for key in found if key.startswith("sufficient")}
            cells.append(sizes(found, "sufficient"))
        yield row(*cells)
        if level not in levels:
            yield "    interpolated between the levels above and below"
        yield from (f"    {remark}" for remark in remarks(found, accuracy))


def remarks(found: Mapping, accuracy: float | None) -> Iterator[str]:
    """Remarks on one noise level beside its numbers: missing sizes and falls of the accuracy."""
    if reason := REASONS[STATUS[found["status"]]]:
        yield reason
    if accuracy is not None:
        reason = REASONS[SUFFICIENT[found["sufficient_status"]]]
        if reason and found["status"] != STATUS.index("no_runs"):
            yield f"accuracy {accuracy:g}: {reason}"
    if found["fall_p"] < SIGNIFICANT:
        yield (
            f"accuracy falls by {found['fall']:.3f} from size {found['fall_from']:.0f} to "
            f"{found['fall_to']:.0f} (p = {found['fall_p']:.2g} at this level)"
        )


def printed(kappa: float) -> str:
    return f"{kappa:.3g}"


def row(*cells: str) -> str:
    return "{:10} {:17} {:15} {:17} {}".format(*cells, *[""] * (5 - len(cells))).rstrip()


def sizes(found: Mapping, name: str) -> str:
    """Format a size with its interval, as 32 (16 to 128)."""
    value, low, high = (size(found[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return value if low == high else f"{value} ({low} to {high})"


def size(value: float) -> str:
    return "-" if np.isnan(value) else "none" if np.isinf(value) else f"{value:.0f}"


def accuracy_of(found: Mapping) -> str:
    """Format the accuracy of the best size with its standard error."""
    value, error = found["best_accuracy"], found["best_accuracy_se"]
    return "-" if np.isnan(value) else f"{value:.3f} ± {error:.3f}"


def main() -> None:
    """Print the recommended sizes of a study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study")
    parser.add_argument("--accuracy", help="wanted mean test accuracy")
    parser.add_argument("--kappa", help="noise-to-signal ratio of the data")
    arguments = parser.parse_args()
    try:
        accuracy = number("ACCURACY", arguments.accuracy, 1)
        kappa = number("KAPPA", arguments.kappa, np.inf)
        found = read(arguments.study)
        parts = [
            "\n".join(describe(found.sel(dataset=dataset, ladder=ladder), kappa, accuracy))
            for dataset in found.dataset.values
            for ladder in found.ladder.values
            if found.mean_accuracy.sel(dataset=dataset, ladder=ladder).notnull().any()
        ]
    except InputError as error:
        sys.exit(f"netphase: {error}")
    except OSError as error:
        sys.exit(f"netphase: {error.filename}: {error.strerror}; delete it and run again")
    print("\n\n".join(parts))


if __name__ == "__main__":
    main()
