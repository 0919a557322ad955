"""Committed run cubes: their places, and the studies whose runs they replace."""

from netphase.runs import pages


def page(cube):
    """Place at which a run cube of results/ is committed."""
    return f"docs/{cube}"


def cubes(study):
    """The run cubes of a study, none of no study."""
    return CUBES[kind_of(study)](study) if study else []


def what_was_run(study):
    """The entry of a study without keys on which no run depends, and with its schedule in full."""
    if not study:
        return {}
    kind = kind_of(study)
    entry = pages.without(config["studies"][kind][study], LATER.get(kind, ()))
    if "schedule" in entry:
        entry["schedule"] = config["schedules"][entry["schedule"]]
    return entry


def excerpts(study):
    """The parts of large variables that are committed, by cube."""
    kind = kind_of(study) if study else None
    return EXCERPTS[kind](study) if kind in EXCERPTS else {}


# Rules without wildcards go before those that make the same files by training.
TAKEN, KEPT = (cubes(config[key]) for key in ("analyse", "keep"))

try:
    if TAKEN:
        runs = set(RUNS[kind_of(config["analyse"])](config["analyse"])).difference(TAKEN)
        pages.check_alone(config["analyse"], runs, {cube: page(cube) for cube in TAKEN})
except InputError as error:
    sys.exit(f"netphase: {error}")
