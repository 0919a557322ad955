"""CPU cost of the jobs of criticality studies."""

from netphase.criticality import costs as criticality_costs
from netphase.learners.costs import operation_seconds


def cost_of_signals(wildcards, parameters, known):
    operation = operation_seconds(known.benchmarks)
    return roughly(
        criticality_costs.signals_seconds(parameters["network"], parameters["settings"], operation)
    )


def cost_of_cascade(wildcards, parameters, known):
    shape = known.shape(wildcards["dataset"])
    job = shape, parameters["network"], parameters["settings"]
    return roughly(criticality_costs.cascade_seconds(*job, operation_seconds(known.benchmarks)))


def cost_of_decoders(wildcards, parameters, known):
    shape = known.shape(wildcards["dataset"])
    job = shape, parameters["network"], parameters["settings"], parameters["training"]
    return roughly(criticality_costs.decoders_seconds(*job))


def cost_of_deep_networks(wildcards, parameters, known):
    """All weight variances are trained side by side; of the choice, four initialisations."""
    settings = parameters["settings"]
    seconds = criticality_costs.training_seconds(
        known.shape(wildcards["dataset"]),
        int(wildcards["depth"]),
        settings,
        len(settings.get("weight_variances", range(4))),
        operation_seconds(known.benchmarks),
    )
    return roughly(seconds)


def cost_of_convolutions(wildcards, parameters, known):
    shape, operation = known.shape(wildcards["dataset"]), operation_seconds(known.benchmarks)
    settings = parameters["settings"]
    return roughly(criticality_costs.convolutions_seconds(shape, settings, operation))


COSTS |= {
    "propagate_signals": cost_of_signals,
    "reconstruct_cascade": cost_of_cascade,
    "train_decoders": cost_of_decoders,
    "train_deep_networks": cost_of_deep_networks,
    "train_choice": cost_of_deep_networks,
    "propagate_convolutions": cost_of_convolutions,
}
COSTS |= dict.fromkeys(
    [
        "join_signals",
        "join_cascades",
        "judge_signals",
        "map_trainability",
        "compare_trainability",
        "join_convolutions",
        "compare_choice",
        "plot_mean_field",
        "plot_spectra",
        "plot_cascade",
        "plot_strips",
        "plot_trainability",
        "plot_convolutions",
        "plot_choice",
    ],
    few_seconds,
)
