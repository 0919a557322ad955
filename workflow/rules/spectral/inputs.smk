"""Inputs of the rules of analytic continuation, and the files that a study of it keeps."""


wildcard_constraints:
    spectral_study=one_of(config["studies"]["spectral"]),
    times=r"\d+",


def inversion_settings(wildcards):
    """Parameters of an inversion by maximum entropy."""
    study = config["studies"]["spectral"][wildcards.spectral_study]
    return {key: study[key] for key in ("beta", "omega_max", "frequencies", "spectra")}


def network_inversion_settings(wildcards):
    study = config["studies"]["spectral"][wildcards.spectral_study]
    return inversion_settings(wildcards) | {"network": study["network"]}


def inversion_files(study, patterns):
    """The files of all numbers of times, noise levels and realisations of a study."""
    entry = config["studies"]["spectral"][study]
    return expand(
        patterns,
        spectral_study=study,
        times=entry["times"],
        level=entry["levels"],
        seed=range(entry["realisations"]),
    )


def files_of_inversions(output):
    """Input function: the output of that name of all inversions of a study."""

    def files(wildcards):
        patterns = [
            getattr(rule.output, output)
            for rule in (rules.invert_by_entropy, rules.invert_by_network)
        ]
        return inversion_files(wildcards.spectral_study, patterns)

    return files


def spectral_targets(study):
    """Files that a study of analytic continuation keeps beside its runs."""
    joined = (rules.join_inversions, rules.compare_inversions, rules.plot_inversions)
    return [file for rule in joined for file in expand(rule.output, spectral_study=study)]


def spectral_runs(study):
    """Run files of each inversion."""
    parts = [*rules.invert_by_entropy.output, *rules.invert_by_network.output]
    return inversion_files(study, parts)


def spectral_cubes(study):
    """Inversions and costs."""
    return expand(rules.join_inversions.output, spectral_study=study)


def spectral_excerpts(study):
    """Densities are read only in the cell at which methods are compared."""
    (inversions,) = expand(rules.join_inversions.output.inversions, spectral_study=study)
    quoted = config["studies"]["spectral"][study]["quoted"]
    return {inversions: {"density": quoted | {"realisation": 0}}}


TARGETS["spectral"] = spectral_targets
RUNS["spectral"] = spectral_runs
CUBES["spectral"] = spectral_cubes
EXCERPTS["spectral"] = spectral_excerpts
LATER["spectral"] = ("recovered",)
