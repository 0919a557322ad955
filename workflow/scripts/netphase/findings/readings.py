"""Effects of other readings of the papers, in sentences."""

import numpy as np
import pandas as pd


def answer(table: pd.DataFrame) -> list[dict]:
    """One entry for every other reading and size.

    Parameters
    ----------
    table : of `netphase.scaling.readings.compare_readings`

    Returns
    -------
    list of the rows of the table, numbers that are missing as None, and `sentence`
    """
    return [
        {key: _plain(value) for key, value in row.items()} | {"sentence": _sentence(row)}
        for row in table[table.n_pairs.notna()].to_dict("records")
    ]


def _plain(value):
    missing = isinstance(value, float) and not np.isfinite(value)
    return None if missing else value


def _sentence(row):
    what = f"{row['reading']}, size {row['size']:,}"
    if not np.isfinite(row["shift"]):
        return f"{what}: fewer than two realisations have a resolved transition in both studies."
    moved = (
        f"moves the transition by {row['shift']:.3g} diffusion steps "
        f"[{row['shift_low']:.3g}, {row['shift_high']:.3g}] and its width by a factor of "
        f"{row['width_ratio']:.3g} [{row['width_ratio_low']:.3g}, {row['width_ratio_high']:.3g}]"
    )
    verdict = "a difference" if row["differs"] else "no difference beyond the scatter"
    return f"{what}: {moved} over {row['n_pairs']:.0f} realisations, {verdict}."
