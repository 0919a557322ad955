"""What the rules of square lattices read, and what a study of them keeps."""


def temperature_level(wildcards):
    return int(wildcards.level)


def lattices(wildcards):
    return config["lattice_studies"][wildcards.lattice_study]["lattices"]


def lattice_realisations(wildcards):
    return list(range(config["lattice_studies"][wildcards.lattice_study]["realisations"]))


def level_files(name, patterns):
    """The files of each temperature of the lattice study of that name."""
    levels = netphase.lattices.temperatures.levels(config["lattice_studies"][name]["temperatures"])
    return expand(patterns, lattice_study=name, level=levels)


def lattice_files(pattern):
    """Input function: one file for each temperature of the lattice study."""

    def files(wildcards):
        return level_files(wildcards.lattice_study, pattern)

    return files


def lattice_targets(study):
    """Everything that a study of lattices keeps."""
    joined = (rules.aggregate_lattices, rules.calibrate_analysis, rules.plot_calibration)
    kept = [file for rule in joined for file in expand(rule.output, lattice_study=study)]
    return [*kept, *level_files(study, rules.simulate_ising.output)]
