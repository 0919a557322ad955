"""CPU cost of the jobs of noise studies: noise, training, evaluation, limits and fits."""

from netphase.information import costs as limit_costs
from netphase.learners import costs as learner_costs
from netphase.noise import costs as noise_costs
from netphase.transitions import costs as fit_costs


def cost_of_cube(wildcards, parameters, known):
    job = known.shape(wildcards["dataset"]), len(parameters["realisations"]), known.benchmarks
    return roughly(noise_costs.cube_seconds(*job))._replace(temporary=noise_costs.cube_bytes(*job))


def cost_of_ladder(wildcards, parameters, known):
    model, n = parameters["model"], len(parameters["realisations"])
    if "hidden" not in model:
        raise Unknown(f"{model['learner']} has not run with like options, and no rate is known")
    shape = known.shape(wildcards["dataset"])
    return Cost(
        scaled(n, learner_costs.ladder_seconds(shape, model, known.benchmarks)),
        "operations of all max_iter epochs, at the rates of benchmarks/summary.json",
        kept=learner_costs.curve_bytes(model, n),
    )


def cost_of_training(wildcards, parameters, known):
    shape = known.shape(wildcards["dataset"])
    seconds = learner_costs.efficientnet_training_seconds(
        shape, parameters["model"], known.benchmarks
    )
    return roughly(seconds)


def cost_of_evaluation(wildcards, parameters, known):
    model = config["studies"]["noise"][wildcards["noise_study"]]["models"][wildcards["model"]]
    if "pretrained" in model:
        architecture = config["pretrained"][model["pretrained"]]["architecture"]
        model = {"architecture": architecture}
    seconds = learner_costs.efficientnet_evaluation_seconds(
        known.shape(wildcards["dataset"]),
        model | {"resolution": parameters["settings"]["resolution"]},
        len(parameters["noising"]["steps"]),
        known.benchmarks,
    )
    return roughly(seconds)


def cost_of_limit(wildcards, parameters, known):
    return roughly(
        limit_costs.limit_seconds(
            known.shape(wildcards["dataset"]),
            len(parameters["steps"]),
            parameters["realisations"],
            trained_once=parameters["trained_once"],
            operation=learner_costs.operation_seconds(known.benchmarks),
        )
    )


def cost_of_families(wildcards, parameters, known):
    study = config["studies"]["noise"][wildcards["noise_study"]]
    sizes = sum(len(model.get("hidden", [1])) for model in study["models"].values())
    n_curves = sizes * len(study["datasets"])
    return roughly(fit_costs.families_seconds(n_curves, len(study["steps"]), known.benchmarks))


COSTS |= {
    "noise_dataset": cost_of_cube,
    "train_learner": cost_of_ladder,
    "train_efficientnet": cost_of_training,
    "evaluate_efficientnet": cost_of_evaluation,
    "bound_information": cost_of_limit,
    "fit_families": cost_of_families,
}
COSTS |= dict.fromkeys(
    [
        "aggregate_runs",
        "aggregate_costs",
        "fit_transition",
        "fit_scaling",
        "collapse_curves",
        "compare_limits",
        "recommend_size",
        "answer_questions",
        "judge_claims",
        "judge_networks",
        "compare_readings",
        "plot_readings",
        "plot_example",
        "plot_noise_levels",
        "summarise_runs",
        "tabulate_costs",
        "plot_capacity",
        "plot_transition",
        "plot_collapse",
        "plot_cost",
        "plot_recommendation",
        "plot_scaling",
        "plot_collapse_map",
        "plot_steps",
        "plot_level_sets",
        "plot_widths",
        "plot_crossings",
    ],
    few_seconds,
)
