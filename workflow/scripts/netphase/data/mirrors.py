"""Folders in which upstream files are looked for before the network is touched."""

import os
from collections.abc import Sequence
from pathlib import Path


def folders(configured: Sequence[str]) -> list[Path]:
    """Folders of the environment variable NETPHASE_MIRROR, of the config, and the repository."""
    names = [*os.environ.get("NETPHASE_MIRROR", "").split(":"), *configured]
    return [Path(name).expanduser() for name in names if name] + [Path()]
