"""Name the Python that runs this, or refuse it in one line where the lock has no packages for it.

Printed are the folder and the version of the interpreter that an environment would be made from.
"""

import re
import sys
from pathlib import Path

PROJECT = (Path(__file__).parents[1] / "pyproject.toml").read_text()
oldest, beyond = map(int, re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', PROJECT).groups())
version = sys.version_info[:2]
if not (3, oldest) <= version < (3, beyond):
    release = ".".join(map(str, sys.version_info[:3]))
    fault = "old" if version < (3, oldest) else "new"
    sys.exit(
        f"netphase: Python {release} is too {fault}: 3.{oldest} to 3.{beyond - 1} is needed; "
        f"make setup PYTHON=python3.{beyond - 1}"
    )
print(sys.base_prefix, "{}.{}".format(*version))
