"""What the rules of trained deep networks read, and what a study of signals keeps of them."""


def network_entry(wildcards):
    """Settings of deep networks; what they leave out is that of the study."""
    study = signal_entry(wildcards.signal_study)
    shared = {key: study[key] for key in ("datasets", "weight_variances", "bias_variance")}
    return shared | study["networks"][wildcards.network]


def networks_of_kind(study, *kinds):
    networks = signal_entry(study)["networks"]
    return [name for name, network in networks.items() if network["kind"] in kinds]


def deep_settings(wildcards):
    """What determines deep networks of one depth, whatever the other depths and the threshold."""
    entry = network_entry(wildcards)
    kept = {key: entry[key] for key in ("kind", "width", "weight_variances", "bias_variance")}
    return kept | entry["training"] | {"side": signal_entry(wildcards.signal_study)["side"]}


def deep_files(name):
    """Input function: the output of that name of all trainings of some networks."""

    def files(wildcards):
        entry = network_entry(wildcards)
        return expand(
            getattr(rules.train_deep_networks.output, name),
            dataset=entry["datasets"],
            depth=entry["depths"],
            seed=range(entry["realisations"]),
            allow_missing=True,
        )

    return files


def analysis_of_network(wildcards):
    """Threshold, bias variance and kind of networks."""
    entry = network_entry(wildcards)
    return {key: entry[key] for key in ("threshold", "bias_variance", "kind")}


def predicted(wildcards):
    """The predictions beside which perceptrons are drawn; none are made of the other kinds."""
    if network_entry(wildcards)["kind"] == "perceptron":
        return {
            "signals": rules.join_signals.output.signals,
            "cascade": rules.join_cascades.output.cascade,
            "prediction": rules.compare_trainability.output.prediction,
        }
    return {}


def choice_settings(wildcards):
    """What determines the networks of all initialisations, whatever their depths."""
    study = signal_entry(wildcards.signal_study)
    entry = study["choice"]
    kept = {"kind": "perceptron", "width": entry["width"], "side": study["side"]}
    return kept | entry["training"] | {"bias_variance": study["bias_variance"]}


def choice_jobs(study):
    entry = signal_entry(study)
    if "choice" not in entry:
        return {"dataset": [], "depth": [], "seed": []}
    choice = entry["choice"]
    return {
        "dataset": entry["datasets"],
        "depth": choice["depths"],
        "seed": range(choice["realisations"]),
    }


def choice_files(name):
    """Input function: the output of that name of the networks of all initialisations."""

    def files(wildcards):
        study = wildcards.signal_study
        pattern = getattr(rules.train_choice.output, name)
        return expand(pattern, signal_study=study, **choice_jobs(study))

    return files


def convolution_settings(wildcards):
    """What determines signals in a random network of convolutions."""
    entry = network_entry(wildcards)
    kept = {key: entry[key] for key in ("kind", "weight_variances", "bias_variance")}
    return kept | entry["signals"] | {"side": signal_entry(wildcards.signal_study)["side"]}


def convolutions_of_study(wildcards):
    """Signals in all random networks of convolutions."""
    study = wildcards.signal_study
    return [
        file
        for network in networks_of_kind(study, "convolutional", "residual")
        for file in convolution_files(study, network)
    ]


def convolution_files(study, network):
    """Signals in the random networks of one kind, of all data sets and realisations."""
    entry = signal_entry(study)
    one = entry["networks"][network]
    return expand(
        rules.propagate_convolutions.output.spectra,
        signal_study=study,
        network=network if "signals" in one else [],
        dataset=one.get("datasets", entry["datasets"]),
        seed=range(one["realisations"]),
    )


def trainability_results(wildcards):
    """What judge_signals has to say something about, beside signals and cascades."""
    study = wildcards.signal_study
    entry = signal_entry(study)
    networks = {"signal_study": study, "network": list(entry["networks"])}
    perceptrons = networks | {"network": networks_of_kind(study, "perceptron")}
    return {
        "trained": expand(rules.map_trainability.output.trained, **networks),
        "predictions": expand(rules.compare_trainability.output.prediction, **perceptrons),
        "training_costs": expand(rules.map_trainability.output.costs, **networks),
        "convolutions": [rules.join_convolutions.output.spectra] * bool(
            convolutions_of_study(wildcards)
        ),
        "choice": [rules.compare_choice.output.choice] * ("choice" in entry),
    }  # fmt: skip


def trainability_targets(study):
    """Everything that a study of signals keeps of trained networks."""
    entry = signal_entry(study)
    networks = list(entry["networks"])
    perceptrons = networks_of_kind(study, "perceptron")
    kept = [
        *expand(rules.map_trainability.output, signal_study=study, network=networks),
        *expand(rules.plot_trainability.output, signal_study=study, network=networks),
        *expand(rules.compare_trainability.output, signal_study=study, network=perceptrons),
    ]
    for name in networks:
        one = entry["networks"][name]
        kept += expand(
            rules.train_deep_networks.output,
            signal_study=study,
            network=name,
            dataset=one.get("datasets", entry["datasets"]),
            depth=one["depths"],
            seed=range(one["realisations"]),
        )
        kept += convolution_files(study, name)
    if any("signals" in one for one in entry["networks"].values()):
        kept += expand(rules.join_convolutions.output, signal_study=study)
        kept += expand(rules.plot_convolutions.output, signal_study=study)
    if "choice" in entry:
        kept += expand(rules.train_choice.output, signal_study=study, **choice_jobs(study))
        kept += expand(rules.compare_choice.output, signal_study=study)
        kept += expand(rules.plot_choice.output, signal_study=study)
    return kept
