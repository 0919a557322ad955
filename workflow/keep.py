"""Pack the run cubes of a finished study into docs/results/STUDY (`make keep STUDY=study`).

Committed there they outlast the runs: `make analyse STUDY=study` makes fits, figures and findings
from them without training.
"""

import argparse
import subprocess
import sys

import finished

from netphase.errors import InputError

# Nothing else may run: the cubes are those of the finished study.
COMMAND = [
    "--cores",
    "1",
    "--quiet",
    "all",
    "--allowed-rules",
    "keep_cubes",
    "--forcerun",
    "keep_cubes",
]


def main() -> None:
    """Read the command line, and pack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study")
    study = parser.parse_args().study
    try:
        finished.outputs(study)
    except InputError as error:
        sys.exit(f"netphase: {error}")
    command = [sys.executable, "-m", "snakemake", "keep_cubes", *COMMAND]
    done = subprocess.run([*command, "--config", f"keep={study}"], cwd=finished.ROOT)
    if done.returncode:
        sys.exit(done.returncode)
    sizes = [page.stat().st_size for page in finished.ROOT.glob(f"docs/results/{study}/**/*.nc")]
    print(f"netphase: docs/results/{study}: {len(sizes)} run cubes, {sum(sizes) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
