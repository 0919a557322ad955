"""Inputs of the rules of square lattices, and the files that a study of them keeps."""


wildcard_constraints:
    lattices_study=one_of(config["studies"]["lattices"]),


def temperature_level(wildcards):
    return int(wildcards.level)


def lattices(wildcards):
    return config["studies"]["lattices"][wildcards.lattices_study]["lattices"]


def lattice_realisations(wildcards):
    return list(range(config["studies"]["lattices"][wildcards.lattices_study]["realisations"]))


def level_files(name, patterns):
    """The files of each temperature of the lattice study of that name."""
    levels = temperatures.levels(config["studies"]["lattices"][name]["temperatures"])
    return expand(patterns, lattices_study=name, level=levels)


def lattice_files(pattern):
    """Input function: one file for each temperature of the lattice study."""

    def files(wildcards):
        return level_files(wildcards.lattices_study, pattern)

    return files


def lattices_targets(study):
    """Files that a study of lattices keeps beside its runs."""
    joined = (rules.aggregate_lattices, rules.calibrate_analysis, rules.plot_calibration)
    return [file for rule in joined for file in expand(rule.output, lattices_study=study)]


def lattices_runs(study):
    """Run files of each temperature."""
    return level_files(study, rules.simulate_ising.output)


def lattices_cubes(study):
    """Runs and costs."""
    return expand(rules.aggregate_lattices.output, lattices_study=study)


TARGETS["lattices"] = lattices_targets
RUNS["lattices"] = lattices_runs
CUBES["lattices"] = lattices_cubes
LATER["lattices"] = ("smallest",)
