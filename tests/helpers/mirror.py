"""Places of the real data that some tests need."""

import os
from pathlib import Path


def mirror_with(path: str) -> Path | None:
    """The first folder in NETPHASE_MIRROR that holds the path, or None."""
    folders = os.environ.get("NETPHASE_MIRROR", "").split(":")
    found = (Path(folder).resolve() for folder in folders if folder)
    return next((folder for folder in found if (folder / path).exists()), None)
