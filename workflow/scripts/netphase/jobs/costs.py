"""CPU cost of a job, in a file of its own, since no two runs share their CPU times."""

import platform
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import xarray as xr


def cpu_model() -> str:
    """Name of the processor, without which CPU seconds mean little."""
    info = Path("/proc/cpuinfo")
    name = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return name.group(1) if name else platform.processor() or "unknown"


def spent(began: float, coordinates: Mapping[str, str | int]) -> xr.Dataset:
    """``cpu_seconds`` since `began`, on the clock of `time.process_time`, at one coordinate."""
    seconds = np.reshape(time.process_time() - began, [1] * len(coordinates))
    words = {"long_name": "CPU time of the job", "units": "s"}
    return xr.Dataset(
        {"cpu_seconds": (tuple(coordinates), seconds, words)},
        {
            name: (name, [value], {"long_name": f"{name} of the job", "units": "1"})
            for name, value in coordinates.items()
        },
        {"title": "CPU time of a job"},
    )


def total(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """``cpu_seconds`` of all jobs together, from their cost files (see `spent`)."""
    seconds = sum(float(part.cpu_seconds.sum()) for part in parts)
    words = {"long_name": "CPU time of all jobs", "units": "s"}
    return xr.Dataset({"cpu_seconds": ((), seconds, words)}, attrs={"title": "CPU time of jobs"})
