"""Inputs of the rules of hyperbolic tilings, and the files that a study of them keeps."""


wildcard_constraints:
    hyperbolic_study=one_of(config["studies"]["hyperbolic"]),
    tiling=one_of(names_within("hyperbolic", "tilings")),


def tiling_of(wildcards):
    return config["studies"]["hyperbolic"][wildcards.hyperbolic_study]["tilings"][wildcards.tiling]


def tiling_settings(wildcards):
    """Parameters of the surfaces of a tiling and their simulation, whatever the temperatures."""
    return {key: tiling_of(wildcards)[key] for key in ("p", "q", "surfaces")}


def tiling_realisations(wildcards):
    return list(range(config["studies"]["hyperbolic"][wildcards.hyperbolic_study]["realisations"]))


def smallest_surface(wildcards):
    return tiling_of(wildcards)["smallest"]


def surface_files(study, patterns):
    """The files of each temperature of each tiling of a study."""
    return [
        file
        for name, tiling in config["studies"]["hyperbolic"][study]["tilings"].items()
        for file in expand(
            patterns,
            hyperbolic_study=study,
            tiling=name,
            level=temperatures.levels(tiling["temperatures"]),
        )
    ]


def files_of_surfaces(pattern):
    """Input function: one file for each temperature of each tiling."""

    def files(wildcards):
        return surface_files(wildcards.hyperbolic_study, pattern)

    return files


def transitions_of_study(wildcards):
    tilings = config["studies"]["hyperbolic"][wildcards.hyperbolic_study]["tilings"]
    return expand(rules.locate_transition.output.netcdf, tiling=tilings, allow_missing=True)


def corner_settings(wildcards):
    return config["studies"]["hyperbolic"][wildcards.hyperbolic_study]["corners"]


def disc_settings(wildcards):
    return config["studies"]["hyperbolic"][wildcards.hyperbolic_study]["disc"]


def gravity_settings(wildcards):
    return config["studies"]["hyperbolic"][wildcards.hyperbolic_study]["gravity"]


def hyperbolic_runs(study):
    """Run files of each temperature of each tiling."""
    return surface_files(study, rules.simulate_surfaces.output)


def hyperbolic_cubes(study):
    """Runs and costs of surfaces; infinite lattices, open disc and discrete gravity."""
    names = (
        "aggregate_surfaces",
        "grow_corners",
        "simulate_disc",
        "simulate_universes",
    )
    files = [file for name in names for file in getattr(rules, name).output]
    return expand(files, hyperbolic_study=study)


def hyperbolic_targets(study):
    """Files that a study of hyperbolic tilings keeps beside its runs."""
    once_each = (
        rules.locate_transition,
        rules.judge_tilings,
        rules.plot_tiling_transition,
        rules.plot_bulk_and_boundary,
        rules.plot_poincare_discs,
        rules.plot_universes,
    )
    kept = [file for rule in once_each for file in rule.output]
    tilings = config["studies"]["hyperbolic"][study]["tilings"]
    files = expand(kept, hyperbolic_study=study, tiling=tilings)
    return [*hyperbolic_cubes(study), *dict.fromkeys(files)]


TARGETS["hyperbolic"] = hyperbolic_targets
RUNS["hyperbolic"] = hyperbolic_runs
CUBES["hyperbolic"] = hyperbolic_cubes
LATER["hyperbolic"] = ("smallest",)
