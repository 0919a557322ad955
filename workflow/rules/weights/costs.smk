"""CPU cost of the jobs of weight studies: ensembles, their Ising models, other trainings."""

from netphase.inverse_ising import costs as ising_costs
from netphase.weights import costs as weight_costs

# Networks of a run of train_frozen_interior: free, and with each of three blocks frozen.
ARMS = 4


def weights_entry(wildcards):
    return config["studies"]["weights"][wildcards["weights_study"]]


def scenario_layers(wildcards, known):
    """Inputs, hidden units of each layer and classes of the networks of a scenario."""
    hidden = weights_entry(wildcards)["scenarios"][wildcards["scenario"]]["hidden"]
    return layers_of(wildcards, hidden, known)


def layers_of(wildcards, hidden, known):
    entry = weights_entry(wildcards)
    return (entry["components"], *hidden, known.shape(entry["dataset"]).n_classes)


def block_sizes(wildcards, known):
    """Numbers of weights of the blocks of the networks of a scenario."""
    from netphase.weights.symmetry import blocks

    parts = blocks(scenario_layers(wildcards, known))
    return {name: part.stop - part.start for name, part in parts.items()}


def model_of_job(wildcards, known):
    """Numbers of weights and, nearly, of accepted networks of the model of a job."""
    n_networks = weights_entry(wildcards)["scenarios"][wildcards["scenario"]]["networks"]
    return block_sizes(wildcards, known)[wildcards["block"]], n_networks


def cost_of_ensemble(wildcards, parameters, known):
    shape, trials = known.shape(parameters["dataset"]), parameters["trials"]
    job = scenario_layers(wildcards, known), parameters["settings"], len(trials)
    return roughly(weight_costs.ensemble_seconds(shape, *job, known.benchmarks))


def cost_of_model(wildcards, parameters, known):
    n_weights, n_networks = model_of_job(wildcards, known)
    job = n_weights, n_networks, wildcards["method"], parameters["options"]
    seconds = ising_costs.inference_seconds(*job, known.benchmarks)
    return roughly(seconds, kept=ising_costs.model_bytes(n_weights))


def cost_of_landscape(wildcards, parameters, known):
    n_weights, _ = model_of_job(wildcards, known)
    n_references = ising_costs.BANDS * parameters["references"]
    job = n_weights, n_references, parameters["fields"]
    return roughly(ising_costs.landscape_seconds(*job, known.benchmarks))


def cost_of_iso_energy(wildcards, parameters, known):
    n_weights, _ = model_of_job(wildcards, known)
    job = n_weights, parameters["references"], parameters["fields"]
    free = ising_costs.landscape_seconds(*job, known.benchmarks)
    return roughly(free + ising_costs.iso_energy_seconds(*job, known.benchmarks))


def cost_of_states(wildcards, parameters, known):
    n_weights, _ = model_of_job(wildcards, known)
    return roughly(ising_costs.states_seconds(n_weights, parameters["starts"]))


def cost_of_entropy(wildcards, parameters, known):
    """The model is integrated, and that of each part of the ensemble inferred and integrated."""
    n_weights, n_networks = model_of_job(wildcards, known)
    n_parts = parameters["parts"]
    job = n_weights, n_networks / n_parts, wildcards["method"], parameters["options"]
    part = ising_costs.inference_seconds(*job, known.benchmarks)
    one = ising_costs.integration_seconds(n_weights, known.benchmarks)
    return roughly((1 + n_parts) * one + n_parts * part)


def cost_of_field_sweep(wildcards, parameters, known):
    n_weights, _ = model_of_job(wildcards, known)
    job = n_weights, parameters["references"], parameters["fields"]
    return roughly(ising_costs.field_sweep_seconds(*job, known.benchmarks))


def cost_of_renaming(wildcards, parameters, known):
    """Each block is inferred and integrated at all ratios, and with all units permuted."""
    _, n_networks = model_of_job(wildcards | {"block": "full"}, known)
    seconds = 0
    for n_weights in block_sizes(wildcards, known).values():
        job = n_weights, n_networks, wildcards["method"], parameters["options"]
        seconds += ising_costs.inference_seconds(*job, known.benchmarks)
        seconds += ising_costs.integration_seconds(n_weights, known.benchmarks)
    return roughly((1 + len(parameters["ratios"])) * seconds)


def cost_of_triples(wildcards, parameters, known):
    n_weights, _ = model_of_job(wildcards, known)
    return roughly(ising_costs.triples_seconds(n_weights, parameters["samples"], known.benchmarks))


def cost_of_frozen_interior(wildcards, parameters, known):
    shape = known.shape(parameters["dataset"])
    job = shape, parameters["settings"], ARMS
    return roughly(weight_costs.frozen_interior_seconds(*job, known.benchmarks))


def cost_of_depth(wildcards, parameters, known):
    width = int(wildcards["width"])
    layers = layers_of(wildcards, [width] * 2 * (width > 0), known)
    job = known.shape(parameters["dataset"]), layers, parameters["settings"]
    return roughly(weight_costs.depth_seconds(*job, known.benchmarks))


def cost_of_double_descent(wildcards, parameters, known):
    layers = layers_of(wildcards, [int(wildcards["width"])] * 2, known)
    settings = parameters["settings"]
    job = layers, settings, settings[wildcards["kind"]]["steps"]
    return roughly(weight_costs.double_descent_seconds(*job, known.benchmarks))


COSTS |= {
    "train_binary_networks": cost_of_ensemble,
    "infer_model": cost_of_model,
    "explore_landscape": cost_of_landscape,
    "trace_iso_energy": cost_of_iso_energy,
    "find_states": cost_of_states,
    "integrate_entropy": cost_of_entropy,
    "sweep_field": cost_of_field_sweep,
    "rename_units": cost_of_renaming,
    "compare_triples": cost_of_triples,
    "train_frozen_interior": cost_of_frozen_interior,
    "train_depth": cost_of_depth,
    "train_double_descent": cost_of_double_descent,
}
COSTS |= dict.fromkeys(
    [
        "project_images",
        "select_networks",
        "describe_cloud",
        "judge_weights",
        "compare_frozen_interior",
        "compare_depths",
        "compare_double_descent",
        "plot_weights",
        "plot_accuracies",
        "plot_clouds",
        "plot_frozen_interior",
        "plot_depth",
        "plot_double_descent",
    ],
    few_seconds,
)
