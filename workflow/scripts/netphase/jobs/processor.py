"""The processor of a job."""

import platform
import re
from pathlib import Path


def cpu_model() -> str:
    """Name of the processor, without which CPU seconds mean little."""
    info = Path("/proc/cpuinfo")
    name = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return name.group(1) if name else platform.processor() or "unknown"
