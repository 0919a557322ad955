"""JSON files: whole or not at all, readable by people, and nothing in them but JSON."""

import json
import os
from typing import Any

from netphase.files.netcdf import whole_or_nothing


def write(content: Any, path: str | os.PathLike) -> None:
    """Write an object of lists, dictionaries, strings and finite numbers, atomically.

    Raises
    ------
    ValueError : a number is infinite or NaN, for which JSON has no word
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_or_nothing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
