"""Configuration, code digests, resources and report, for every kind of study."""

import csv
import json
import os
import re
import sys
from pathlib import Path

import yaml

# Where another workflow uses this one as a module, its folder is not that of the main workflow.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
SCRIPTS = WORKFLOW / "scripts"
sys.path.append(str(SCRIPTS))

from netphase.config.check import KINDS, check
from netphase.config.noise import NOISE_OF_NETWORK
from netphase.errors import InputError
from netphase.jobs import code_digest as digests
from netphase.jobs.estimates import Cost, Unknown, few_seconds, roughly, scaled
from netphase.lattices import temperatures
from netphase.learners.registry import LEARNERS

# Kind of study -> function from a study's name to the files of its single jobs, which it keeps.
RUNS = {}
# Kind of study -> function from a study's name to the joined files of which everything else that
# it keeps can be made without runs, data sets and what was retrieved: its run cubes.
CUBES = {}
# Kind of study -> function from a study's name to the parts of large variables that are read:
# cube -> variable -> dimension -> coordinate. The rest stays behind where cubes are committed.
EXCERPTS = {}
# Kind of study -> keys of its entry, at any depth, that no run depends on.
LATER = {}
# Kind of study -> function from a study's name to all files that it keeps, beside its runs.
TARGETS = {}
# Kind of study -> tables beside findings and verdicts that the report quotes, each with its reader.
QUOTED = {}
# Kind of study -> function from a study's name to the words of its own in the report.
WORDS = {}
# Rule -> function from the wildcards and parameters of a job, and what is known, to its cost.
COSTS = {}


def read_words(text):
    """A JSON file whose strings mean themselves in reStructuredText, too."""
    return json.loads(re.sub(r"([*`|])", r"\\\\\1", text))


def read_table(text):
    """The rows of a CSV file, each a mapping from column to text."""
    return list(csv.DictReader(text.splitlines()))


def one_of(names):
    """Pattern of these names; "(?!)" matches nothing, where an empty one matches an empty name."""
    return "|".join(names) or "(?!)"


def names_within(kind, part):
    """Names that the studies of a kind give to the entries of that part."""
    return {name for study in config["studies"][kind].values() for name in study[part]}


def code_digest(script, environment):
    """Digest of the code and of the pinned environment of a rule."""
    return digests.code_digest(SCRIPTS / script, WORKFLOW.parent / "envs" / environment)


def imported(path):
    """The "module:name" that a job imports beside its script, and that code's digest."""
    file = SCRIPTS.joinpath(*path.split(":")[0].split(".")).with_suffix(".py")
    return {"path": path, "code": digests.module_digest(file, SCRIPTS)}


def growing(first):
    """A resource that grows with each retry of a job: first, 2 first, 3 first, ..."""

    def resource(wildcards, attempt):
        return first * attempt

    return resource


def kind_of(study):
    """The kind of a study, one of KINDS."""
    return next(kind for kind in KINDS if study in config["studies"][kind])


def targets(study):
    """Everything that a study keeps; of one that is analysed from committed cubes, no runs."""
    kind = kind_of(study)
    runs = [] if study == config["analyse"] else RUNS[kind](study)
    return [*TARGETS[kind](study), *runs]


def found(study):
    """The findings of the last run of a study, for the report; None before it is complete."""
    readers = {name: read_words for name in ("findings.json", "verdicts.json")}
    readers |= QUOTED.get(kind_of(study), {})
    paths = {name: Path(f"results/{study}/{name}") for name in readers}
    if not all(path.exists() for path in paths.values()):
        return None
    tables = {path.stem: readers[name](path.read_text()) for name, path in paths.items()}
    return tables | (WORDS[kind_of(study)](study) if kind_of(study) in WORDS else {})


try:
    schemas = {
        path.name: yaml.safe_load(path.read_text()) for path in (WORKFLOW / "schemas").iterdir()
    }
    config.update(check(config, schemas))
except InputError as error:
    # Snakemake would wrap an exception in lines about this file.
    sys.exit(f"netphase: {error}")


onstart:
    for folder in map(Path, ("resources", "results")):
        if folder.exists() and not os.access(folder, os.W_OK):
            sys.exit(f"netphase: {folder} is read-only; allow writing or mount it anew")


wildcard_constraints:
    dataset=one_of(config["datasets"]),
    step=r"-?\d+",
    seed=r"\d+",
    level=r"\d+",
    depth=r"\d+",
    width=r"\d+",
