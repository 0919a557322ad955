"""Inputs of the rules of binary networks and their weights, and the files that a study keeps."""

# Parts of a network of more than two layers of weights; of others there is only the whole.
BLOCKS = ("left_boundary", "interior", "right_boundary", "full")


wildcard_constraints:
    weights_study=one_of(config["studies"]["weights"]),
    scenario=one_of(names_within("weights", "scenarios")),
    block=one_of(BLOCKS),
    method=one_of(names_within("weights", "methods")),
    first=r"\d+",
    view=r"[a-z_]+",
    run=r"\d+",
    kind="binary|real",


def dataset_of_weights(wildcards):
    name = config["studies"]["weights"][wildcards.weights_study]["dataset"]
    (file,) = expand(rules.download_dataset.output.netcdf, dataset=name)
    return file


def scenario_settings(wildcards):
    """Parameters of the networks of a scenario, whatever their number and acceptance."""
    later = {"networks", "accept"}
    scenario = scenario_of(wildcards)
    return {key: value for key, value in scenario.items() if key not in later}


def scenario_of(wildcards):
    return config["studies"]["weights"][wildcards.weights_study]["scenarios"][wildcards.scenario]


def trials_of_job(wildcards):
    """Numbers of the networks of one job: from the first on, networks_per_job of them."""
    first, size = (
        int(wildcards.first),
        config["studies"]["weights"][wildcards.weights_study]["networks_per_job"],
    )
    return list(range(first, min(first + size, scenario_of(wildcards)["networks"])))


def chunk_files(pattern):
    """Input function: one file for each chunk of the networks of a scenario."""

    def files(wildcards):
        size = config["studies"]["weights"][wildcards.weights_study]["networks_per_job"]
        firsts = range(0, scenario_of(wildcards)["networks"], size)
        return expand(pattern, first=firsts, allow_missing=True)

    return files


def method_options(wildcards):
    return config["studies"]["weights"][wildcards.weights_study]["methods"][wildcards.method]


def scenarios_of_study(wildcards):
    return list(config["studies"]["weights"][wildcards.weights_study]["scenarios"])


def ensembles_of_study(wildcards):
    scenarios = scenarios_of_study(wildcards)
    return expand(rules.select_networks.output.ensemble, scenario=scenarios, allow_missing=True)


def clouds_of_study(wildcards):
    scenarios = scenarios_of_study(wildcards)
    return expand(rules.describe_cloud.output.cloud, scenario=scenarios, allow_missing=True)


def views_of(scenario):
    """Views of a scenario; hidden units are permuted where there are some."""
    other = "field_sweeps" if scenario["hidden"] else "renaming"
    return [view for view in VIEWS if view != other]


def models_of_view(study, scenario, view):
    """Blocks and methods that a view of a scenario shows."""
    entry = config["studies"]["weights"][study]
    blocks, methods = BLOCKS[-1:], entry["methods"]
    if len(entry["scenarios"][scenario]["hidden"]) > 1 and view != "triples":
        blocks = BLOCKS
    if view == "renaming":
        blocks, methods = BLOCKS[-1:], entry["renaming"]["methods"]
    return {"block": list(blocks), "method": list(methods)}


def files_of_view(wildcards):
    """Results on the models that a view shows."""
    names = (wildcards.weights_study, wildcards.scenario, wildcards.view)
    return expand(VIEWS[wildcards.view], allow_missing=True, **models_of_view(*names))


def costs_of_ensembles(wildcards):
    scenarios = scenarios_of_study(wildcards)
    return expand(rules.select_networks.output.cost, scenario=scenarios, allow_missing=True)


def models_of_kind(study, view):
    """Scenario, block and method of all models that a view shows, scenario by scenario."""
    return [
        (scenario, block, method)
        for scenario, entry in config["studies"]["weights"][study]["scenarios"].items()
        if view in views_of(entry)
        for names in [models_of_view(study, scenario, view)]
        for block in names["block"]
        for method in names["method"]
    ]


def files_of_kind(view):
    """Input function: the files from which a view of all scenarios is drawn."""

    def files(wildcards):
        study = wildcards.weights_study
        return [
            VIEWS[view].format(weights_study=study, scenario=scenario, block=block, method=method)
            for scenario, block, method in models_of_kind(study, view)
        ]

    return files


def models_of_kinds(wildcards):
    """Models of the inputs of judge_weights, in their order."""
    kinds = {view: view for view in VIEWS} | {"models": "parameters"}
    return {kind: models_of_kind(wildcards.weights_study, view) for kind, view in kinds.items()}


def extensions(study):
    """Extensions of a weight study beside its ensembles: rule -> wildcards of all its jobs."""
    entry, jobs = config["studies"]["weights"][study], {}
    if "frozen_interior" in entry:
        runs = range(entry["frozen_interior"]["runs"])
        jobs["train_frozen_interior"] = [{"run": run} for run in runs]
    if "depth" in entry:
        jobs["train_depth"] = [{"width": width} for width in [0, *entry["depth"]["widths"]]]
    if "double_descent" in entry:
        jobs["train_double_descent"] = [
            {"kind": kind, "width": width}
            for kind in ("binary", "real")
            for width in entry["double_descent"][kind]["widths"]
        ]
    return jobs


def extension_files(name, output):
    """Input function: the output of that name of all jobs of an extension."""

    def files(wildcards):
        pattern = getattr(getattr(rules, name).output, output)
        study = wildcards.weights_study
        return [pattern.format(weights_study=study, **job) for job in extensions(study)[name]]

    return files


def frozen_settings(wildcards):
    """Settings of networks with frozen blocks, whatever the number of runs."""
    study = config["studies"]["weights"][wildcards.weights_study]
    settings = {key: value for key, value in study["frozen_interior"].items() if key != "runs"}
    return settings | {"variant": study["variant"]}


def depth_settings(wildcards):
    """Settings of networks of one layer width, whatever the others."""
    entry = config["studies"]["weights"][wildcards.weights_study]["depth"]
    return {key: value for key, value in entry.items() if key != "widths"}


def descent_settings(wildcards):
    """Settings of networks of one kind and layer width, whatever the others."""
    entry = config["studies"]["weights"][wildcards.weights_study]["double_descent"]
    common = {key: value for key, value in entry.items() if key not in ("binary", "real")}
    kind = {key: value for key, value in entry[wildcards.kind].items() if key != "widths"}
    return common | {wildcards.kind: kind}


# Results of each extension, after the rule that trains its networks.
EXTENSIONS = {
    "train_frozen_interior": ("compare_frozen_interior", "plot_frozen_interior"),
    "train_depth": ("compare_depths", "plot_depth"),
    "train_double_descent": ("compare_double_descent", "plot_double_descent"),
}


def compared_extensions(wildcards):
    """The joined results of the extensions that a study has."""
    return [
        str(getattr(rules, EXTENSIONS[name][0]).output.netcdf)
        for name in extensions(wildcards.weights_study)
    ]


def weights_targets(study):
    """Files that a study of the weights of networks keeps beside its runs."""
    once_each = (
        rules.plot_accuracies,
        rules.plot_clouds,
        rules.judge_weights,
    )
    kept = [file for rule in once_each for file in rule.output]
    files = expand(kept, weights_study=study)
    for name, scenario in config["studies"]["weights"][study]["scenarios"].items():
        names = {"weights_study": study, "scenario": name}
        files += expand([*rules.select_networks.output, *rules.describe_cloud.output], **names)
        for view in views_of(scenario):
            of_models = models_of_view(study, name, view)
            files += expand(
                [*rules.plot_weights.output, VIEWS[view]], view=view, **names, **of_models
            )
    for name in extensions(study):
        for later in EXTENSIONS[name]:
            files += expand(getattr(rules, later).output, weights_study=study)
    return list(dict.fromkeys(files))


def weights_runs(study):
    """The inputs of the networks, and the run files of trainings that are not joined."""
    files = expand(rules.project_images.output, weights_study=study)
    for name, jobs in extensions(study).items():
        for job in jobs:
            files += expand(getattr(rules, name).output, weights_study=study, **job)
    return files


def weights_cubes(study):
    """Ensembles, scores on images, and the other networks.

    Models are too large and are inferred anew, which takes hours.
    """
    entry = config["studies"]["weights"][study]
    files = [
        file
        for name in extensions(study)
        for file in expand(getattr(rules, EXTENSIONS[name][0]).output, weights_study=study)
    ]
    for name, scenario in entry["scenarios"].items():
        names = {"weights_study": study, "scenario": name}
        files += expand(rules.select_networks.output, **names)
        for view in {"states", "renaming"}.intersection(views_of(scenario)):
            files += expand(VIEWS[view], **names, **models_of_view(study, name, view))
    return sorted(set(files))


TARGETS["weights"] = weights_targets
RUNS["weights"] = weights_runs
CUBES["weights"] = weights_cubes
LATER["weights"] = ("fields", "iso_energy", "parts", "triples")
