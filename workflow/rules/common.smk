"""Configuration, code digests and the small functions that turn wildcards into files and values."""

import csv
import json
import os
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(workflow.basedir)
SCRIPTS = ROOT / "workflow" / "scripts"
sys.path.append(str(SCRIPTS))

import netphase.jobs.code_digest
import netphase.config.check
import netphase.lattices.temperatures
import netphase.learners.registry
from netphase.errors import InputError

try:
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    config.update(netphase.config.check.check(config, schema))
except InputError as error:
    # Snakemake would wrap an exception in lines about this file.
    sys.exit(f"netphase: {error}")


def read_words(text):
    """A JSON file whose strings mean themselves in reStructuredText, too."""
    return json.loads(re.sub(r"([*`|])", r"\\\\\1", text))


def read_table(text):
    """The rows of a CSV file, each a mapping from column to text."""
    return list(csv.DictReader(text.splitlines()))


def trained_once(study):
    """Whether the networks of a study are trained on clean images, and meet noise afterwards."""
    return learners_of(study) == {"efficientnet"}


def learners_of(study):
    return {model["learner"] for model in config["studies"][study]["models"].values()}


def size_name(study):
    """What the sizes of a study count, in words."""
    if trained_once(study):
        return "trainable parameters"
    shipped = netphase.learners.registry.LEARNERS
    return " or ".join(sorted({shipped[name].size_name for name in learners_of(study)}))


def found(study):
    """What the last run of a study found, for the report; None before it is complete."""
    readers = {"findings.json": read_words}
    if study not in config["lattice_studies"]:
        readers |= {"verdicts.json": read_words}
    if study in config["studies"]:
        readers |= {"transition.csv": read_table, "costs.csv": read_table}
    paths = {name: Path(f"results/{study}/{name}") for name in readers}
    if not all(path.exists() for path in paths.values()):
        return None
    results = {path.stem: readers[name](path.read_text()) for name, path in paths.items()}
    if study in config["studies"]:
        results |= {"size": size_name(study), "trained_once": trained_once(study)}
    return results


config["found"] = {
    study: found(study) for kind in netphase.config.check.KINDS for study in config[kind]
}


onstart:
    for folder in map(Path, ("resources", "results")):
        if folder.exists() and not os.access(folder, os.W_OK):
            sys.exit(f"netphase: {folder} is read-only; allow writing or mount it anew")


def one_of(names):
    """Pattern of these names; "(?!)" matches nothing, where an empty one matches an empty name."""
    return "|".join(names) or "(?!)"


# Parts of a network of more than two layers of weights; of others there is only the whole.
BLOCKS = ("left_boundary", "interior", "right_boundary", "full")


wildcard_constraints:
    study=one_of(config["studies"]),
    dataset=one_of(config["datasets"]),
    model=one_of({model for study in config["studies"].values() for model in study["models"]}),
    weights=one_of(config["weights"]),
    step=r"-?\d+",
    seed=r"\d+",
    lattice_study=one_of(config["lattice_studies"]),
    level=r"\d+",
    weight_study=one_of(config["weight_studies"]),
    signal_study=one_of(config["signal_studies"]),
    network=one_of(
        {name for study in config["signal_studies"].values() for name in study["networks"]}
    ),
    depth=r"\d+",
    tiling_study=one_of(config["tiling_studies"]),
    spectral_study=one_of(config["spectral_studies"]),
    times=r"\d+",
    tiling=one_of(
        {name for study in config["tiling_studies"].values() for name in study["tilings"]}
    ),
    scenario=one_of(
        {name for study in config["weight_studies"].values() for name in study["scenarios"]}
    ),
    block=one_of(BLOCKS),
    method=one_of(
        {name for study in config["weight_studies"].values() for name in study["methods"]}
    ),
    first=r"\d+",
    view=r"[a-z_]+",
    run=r"\d+",
    width=r"\d+",
    kind="binary|real",


def code_digest(script, environment):
    """Digest of the code and the pinned environment of a rule (netphase.jobs.code_digest)."""
    return netphase.jobs.code_digest.code_digest(SCRIPTS / script, ROOT / "envs" / environment)


def imported(path):
    """What a job imports by "module:name", of which its script says nothing, and that code's digest."""
    file = SCRIPTS.joinpath(*path.split(":")[0].split(".")).with_suffix(".py")
    return {"path": path, "code": netphase.jobs.code_digest.module_digest(file, SCRIPTS)}


def growing(first):
    """A resource of which a job that is tried again gets more: first, 2 first, 3 first, ..."""

    def resource(wildcards, attempt):
        return first * attempt

    return resource


def dataset_source(wildcards):
    """What determines the stored data set; the rest of its entry concerns noise and jobs."""
    later = {"standardise", "fit_on", "share_levels", "seeds_per_job", "materialise"}
    entry = config["datasets"][wildcards.dataset]
    return {key: value for key, value in entry.items() if key not in later}


def schedule_of(wildcards):
    return config["schedules"][config["studies"][wildcards.study]["schedule"]]


def noising(wildcards):
    """Schedule of the noise, and how the study, or the data set for perceptrons, lays it on."""
    dataset = config["datasets"][wildcards.dataset]
    noise = {key: dataset[key] for key in ("standardise", "fit_on", "share_levels")}
    if once(wildcards):
        noise = config["studies"][wildcards.study]["noise"]
    return {"schedule": schedule_of(wildcards), "noise": noise}


def once(wildcards):
    return trained_once(wildcards.study)


# Snakemake's lookup() would walk the whole configuration anew for each of thousands of jobs.
def hyperparameters(wildcards):
    return config["studies"][wildcards.study]["models"][wildcards.model]


def shipped_learner(wildcards):
    """The registered learner of a model, and the digest of its code."""
    shipped = netphase.learners.registry.LEARNERS[hyperparameters(wildcards)["learner"]]
    return {"size_name": shipped.size_name} | imported(shipped.path)


# Keys of a network that its evaluation needs, and its training does not.
EVALUATION = ("resolution", "head", "precision", "device")


def training(wildcards):
    """What determines the weights of a network."""
    later = {"learner", "ladders", "resolution", "head"}
    model = hyperparameters(wildcards)
    return {key: value for key, value in model.items() if key not in later}


def evaluation_settings(wildcards):
    model = hyperparameters(wildcards)
    return {key: model[key] for key in EVALUATION}


def evaluation_levels(wildcards):
    return noising(wildcards) | {"steps": config["studies"][wildcards.study]["steps"]}


def weights_of_network(wildcards):
    """The converted weights that the model names, or else its own training."""
    name = hyperparameters(wildcards).get("weights")
    if name:
        (converted,) = expand(rules.convert_weights.output, weights=name)
        return converted
    return rules.train_efficientnet.output.weights


def ladders_of_models(wildcards):
    models = config["studies"][wildcards.study]["models"]
    return {name: model.get("ladders", []) for name, model in models.items()}


def noise_level(wildcards):
    return noising(wildcards) | {"step": int(wildcards.step)}


def job_realisations(wildcards):
    """Realisations of one job: seed, seed + 1, ..., up to the data set's seeds_per_job of them."""
    first = int(wildcards.seed)
    last = first + config["datasets"][wildcards.dataset]["seeds_per_job"]
    return list(range(first, min(last, config["studies"][wildcards.study]["realisations"])))


def cube_or_dataset(wildcards):
    """The cube on disk, or the clean data of which the job makes its own (materialise: false)."""
    if config["datasets"][wildcards.dataset]["materialise"]:
        return rules.noise_dataset.output.cube
    return rules.download_dataset.output.netcdf


def job_files(name, patterns, models):
    """The files of each data set, model, job and, where they have levels of their own, step."""
    study = config["studies"][name]
    files = [
        file
        for dataset in study["datasets"]
        for file in expand(
            patterns,
            study=name,
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
    models = config["studies"][study]["models"]
    if not trained_once(study):
        return [(rules.train_learner, models)]
    own = [name for name, model in models.items() if "weights" not in model]
    return [(rules.evaluate_efficientnet, models), (rules.train_efficientnet, own)]


def run_files(wildcards):
    (rule, models), *_ = jobs_of_networks(wildcards.study)
    return job_files(wildcards.study, rule.output.run, models)


def cost_files(wildcards):
    """The cost of all trainings and evaluations of a study."""
    return [
        file
        for rule, models in jobs_of_networks(wildcards.study)
        for file in job_files(wildcards.study, rule.output.cost, models)
    ]


def limits_of_study(wildcards):
    datasets = config["studies"][wildcards.study]["datasets"]
    return expand(rules.bound_information.output, study=wildcards.study, dataset=datasets)


def study_targets(study):
    """Everything that a study keeps: of what is no target, Snakemake does not notice the loss."""
    datasets = config["studies"][study]["datasets"]
    shown = [
        "example",
        "noise_levels",
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
    figures = expand(
        "results/{study}/figures/{dataset}_{figure}.{suffix}",
        study=study,
        dataset=datasets,
        figure=shown,
        suffix=["svg", "png"],
    )
    analyses = (
        "aggregate_runs",
        "aggregate_costs",
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
    tables = [
        file
        for name in analyses
        for file in expand(getattr(rules, name).output, study=study, dataset=datasets)
    ]
    kept = [
        file
        for rule, models in jobs_of_networks(study)
        for file in job_files(study, rule.output, models)
    ]
    return [*figures, *tables, *kept]


def targets(study):
    """Everything that a study keeps, by its kind."""
    kept = {
        "studies": study_targets,
        "lattice_studies": lattice_targets,
        "weight_studies": weight_targets,
        "tiling_studies": tiling_targets,
        "spectral_studies": spectral_targets,
        "signal_studies": signal_targets,
    }
    return next(keep(study) for kind, keep in kept.items() if study in config[kind])
