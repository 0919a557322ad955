"""Inputs of the rules of noise studies, and the files that such a study keeps."""


wildcard_constraints:
    noise_study=one_of(config["studies"]["noise"]),
    model=one_of(names_within("noise", "models")),


def trained_once(study):
    """Whether the networks of a study are trained clean and tested noisy."""
    return learners_of(study) == {"efficientnet"}


def learners_of(study):
    return {model["learner"] for model in config["studies"]["noise"][study]["models"].values()}


def schedule_of(wildcards):
    """The noise schedule of a study, which owns the diffusion step and kappa of every level."""
    study = config["studies"]["noise"][wildcards.noise_study]
    return config["schedules"][study["schedule"]] | {"form": study["noise"]["form"]}


def noising(wildcards):
    """Schedule and family of the noise, and its form in the inputs of the networks of a study."""
    noise = config["studies"]["noise"][wildcards.noise_study]["noise"]
    network = "efficientnet" if once(wildcards) else "perceptron"
    keys = ("family", *NOISE_OF_NETWORK[network])
    return {"schedule": schedule_of(wildcards), "noise": {key: noise[key] for key in keys}}


def has_readings(study):
    """Whether a study is compared with others that read the papers in another way."""
    return bool(config["studies"]["noise"][study]["readings"])


def readings_of(wildcards):
    """Study -> its noise schedule, and in words what it reads otherwise; the study itself first."""
    studies = config["studies"]["noise"]
    own = studies[wildcards.noise_study]
    readings = {wildcards.noise_study: {"words": "default", "schedule": schedule_of(wildcards)}}
    for name in own["readings"]:
        study = studies[name]
        here, there = (config["schedules"][one["schedule"]] | one["noise"] for one in (study, own))
        changed = (f"{key}: {value}" for key, value in here.items() if value != there[key])
        schedule = config["schedules"][study["schedule"]] | {"form": study["noise"]["form"]}
        readings[name] = {"words": ", ".join(changed), "schedule": schedule}
    return readings


def fits_of_readings(wildcards):
    return expand(rules.fit_families.output.single, noise_study=readings_of(wildcards))


def once(wildcards):
    return trained_once(wildcards.noise_study)


# Snakemake's lookup() would walk the whole configuration anew for each of thousands of jobs.
def hyperparameters(wildcards):
    return config["studies"]["noise"][wildcards.noise_study]["models"][wildcards.model]


def shipped_learner(wildcards):
    """The registered learner of a model, and the digest of its code."""
    shipped = LEARNERS[hyperparameters(wildcards)["learner"]]
    return {"size_name": shipped.size_name} | imported(shipped.path)


# Keys of a network that its evaluation needs, and its training does not.
EVALUATION = ("resolution", "head", "precision", "device")


def training(wildcards):
    """Parameters of the weights of a network."""
    later = {"learner", "ladders", "resolution", "head"}
    model = hyperparameters(wildcards)
    return {key: value for key, value in model.items() if key not in later}


def evaluation_settings(wildcards):
    model = hyperparameters(wildcards)
    return {key: model[key] for key in EVALUATION}


def evaluation_levels(wildcards):
    return noising(wildcards) | {
        "steps": config["studies"]["noise"][wildcards.noise_study]["steps"]
    }


def weights_of_network(wildcards):
    """The converted weights that the model names, or else its own training."""
    name = hyperparameters(wildcards).get("pretrained")
    if name:
        (converted,) = expand(rules.convert_pretrained.output, pretrained=name)
        return converted
    return rules.train_efficientnet.output.weights


def ladders_of_models(wildcards):
    models = config["studies"]["noise"][wildcards.noise_study]["models"]
    return {name: model.get("ladders", []) for name, model in models.items()}


def noise_level(wildcards):
    return noising(wildcards) | {"step": int(wildcards.step)}


def job_realisations(wildcards):
    """Realisations of one job: seed, seed + 1, ..., up to the data set's seeds_per_job of them."""
    first = int(wildcards.seed)
    last = first + config["datasets"][wildcards.dataset]["seeds_per_job"]
    return list(
        range(first, min(last, config["studies"]["noise"][wildcards.noise_study]["realisations"]))
    )


def cube_or_dataset(wildcards):
    """The cube on disk, or the clean data of which the job makes its own (materialise: false)."""
    if config["datasets"][wildcards.dataset]["materialise"]:
        return rules.noise_dataset.output.cube
    return rules.download_dataset.output.netcdf


def job_files(name, patterns, models):
    """The files of each data set, model, job and, where they have levels of their own, step."""
    study = config["studies"]["noise"][name]
    files = [
        file
        for dataset in study["datasets"]
        for file in expand(
            patterns,
            noise_study=name,
            dataset=dataset,
            model=models,
            step=study["steps"],
            seed=range(0, study["realisations"], seeds_per_job(name, dataset)),
        )
    ]
    return list(dict.fromkeys(files))


def seeds_per_job(study, dataset):
    """Realisations that one job trains: several only where it trains at a single noise level."""
    return 1 if trained_once(study) else config["datasets"][dataset]["seeds_per_job"]


def jobs_of_networks(study):
    """The rules that train and evaluate the models of a study, each with its models."""
    models = config["studies"]["noise"][study]["models"]
    if not trained_once(study):
        return [(rules.train_learner, models)]
    own = [name for name, model in models.items() if "pretrained" not in model]
    return [(rules.evaluate_efficientnet, models), (rules.train_efficientnet, own)]


def run_files(wildcards):
    (rule, models), *_ = jobs_of_networks(wildcards.noise_study)
    return job_files(wildcards.noise_study, rule.output.run, models)


def cost_files(wildcards):
    """The cost of all trainings and evaluations of a study."""
    return [
        file
        for rule, models in jobs_of_networks(wildcards.noise_study)
        for file in job_files(wildcards.noise_study, rule.output.cost, models)
    ]


def limits_of_study(wildcards):
    datasets = config["studies"]["noise"][wildcards.noise_study]["datasets"]
    return expand(
        rules.bound_information.output, noise_study=wildcards.noise_study, dataset=datasets
    )


def noise_targets(study):
    """Files that a study keeps: Snakemake does not notice the loss of a file that is no target."""
    datasets = config["studies"]["noise"][study]["datasets"]
    shown = [
        "capacity",
        "transition",
        "collapse",
        "cost",
        "recommendation",
        "scaling",
        "collapse_map",
    ]
    if trained_once(study):
        shown += ["steps", "level_sets", "widths", "crossings"]
    # The other readings are studies of their own, with runs of their own.
    compared = has_readings(study) and study != config["analyse"]
    if compared:
        shown += ["readings"]
    figures = expand(
        "results/{noise_study}/figures/{dataset}_{figure}.{suffix}",
        noise_study=study,
        dataset=datasets,
        figure=shown,
        suffix=["svg", "png"],
    )
    figures += expand(
        [*rules.plot_example.output, *rules.plot_noise_levels.output],
        noise_study=study,
        dataset=[name for name in datasets if study != config["analyse"] or stored(name)],
    )
    analyses = (
        "aggregate_runs",
        "summarise_runs",
        "aggregate_costs",
        "tabulate_costs",
        "fit_transition",
        "judge_networks" if trained_once(study) else "judge_claims",
        "recommend_size",
        "fit_families",
        "fit_scaling",
        "collapse_curves",
        "bound_information",
        "compare_limits",
        "answer_questions",
    )
    if compared:
        analyses += ("compare_readings",)
    tables = [
        file
        for name in analyses
        for file in expand(getattr(rules, name).output, noise_study=study, dataset=datasets)
    ]
    return [*figures, *tables]


def stored(dataset):
    """Whether a data set is present, so that its images can be drawn without fetching it."""
    return all(
        Path(file).exists() for file in expand(rules.download_dataset.output, dataset=dataset)
    )


def noise_runs(study):
    """Run files of each training and each evaluation of a study."""
    return [
        file
        for rule, models in jobs_of_networks(study)
        for file in job_files(study, rule.output, models)
    ]


def noise_cubes(study):
    """Runs, costs, and the limits, which need the data sets."""
    return expand(
        [
            rules.aggregate_runs.output.runs,
            rules.aggregate_costs.output.costs,
            rules.bound_information.output.netcdf,
        ],
        noise_study=study,
        dataset=config["studies"]["noise"][study]["datasets"],
    )


def words_of_study(study):
    """Meaning of the sizes of a study, and whether its networks are trained clean."""
    if trained_once(study):
        return {"size": "trainable parameters", "trained_once": True}
    names = sorted({LEARNERS[name].size_name for name in learners_of(study)})
    return {"size": " or ".join(names), "trained_once": False}


TARGETS["noise"] = noise_targets
RUNS["noise"] = noise_runs
CUBES["noise"] = noise_cubes
LATER["noise"] = ("example", "readings")
WORDS["noise"] = words_of_study
QUOTED["noise"] = {
    "transition.csv": read_table,
    "costs.csv": read_table,
}
