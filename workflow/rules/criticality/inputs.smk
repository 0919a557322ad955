"""Inputs of the rules of criticality, and the files that such a study keeps."""


wildcard_constraints:
    criticality_study=one_of(config["studies"]["criticality"]),
    network=one_of(names_within("criticality", "networks")),


def criticality_entry(study):
    return config["studies"]["criticality"][study]


def decoder_jobs(study):
    """Data set and realisation of all networks whose decoders are trained by Adam."""
    trained = criticality_entry(study)["cascade"].get(
        "trained", {"datasets": [], "realisations": 0}
    )
    return {"dataset": trained["datasets"], "seed": range(trained["realisations"])}


def signal_jobs(study):
    """Data set and realisation of all networks."""
    entry = criticality_entry(study)
    return {"dataset": entry["datasets"], "seed": range(entry["realisations"])}


def spectra_of_study(wildcards):
    study = wildcards.criticality_study
    return expand(
        rules.propagate_signals.output.spectra, criticality_study=study, **signal_jobs(study)
    )


def cascades_of_study(wildcards):
    """The cascades of all networks: by ridge regression, and by trained decoders."""
    study = wildcards.criticality_study
    ridge = rules.reconstruct_cascade.output.cascade
    trained = rules.train_decoders.output.cascade
    return [
        *expand(ridge, criticality_study=study, **signal_jobs(study)),
        *expand(trained, criticality_study=study, **decoder_jobs(study)),
    ]


def first_cascade(wildcards):
    """The cascade of the first realisation, of which pictures are shown."""
    (file,) = expand(rules.reconstruct_cascade.output.cascade, seed=0, allow_missing=True)
    return file


def network_of_signals(wildcards):
    """Variances of the weights and biases, and the size of the images."""
    entry = criticality_entry(wildcards.criticality_study)
    return {key: entry[key] for key in ("weight_variances", "bias_variance", "side")}


def cascade_settings(wildcards):
    """Settings of all cascades; those of trained decoders, and of the analysis, are others."""
    entry = criticality_entry(wildcards.criticality_study)["cascade"]
    later = {"tolerance", "trained"}
    return {key: value for key, value in entry.items() if key not in later}


def decoder_settings(wildcards):
    """Settings of the training of decoders, whatever their number."""
    entry = criticality_entry(wildcards.criticality_study)["cascade"]["trained"]
    return {key: entry[key] for key in ("epochs", "batch_size", "rate")}


def criticality_targets(study):
    """Files that a study of signals keeps beside its runs."""
    entry = criticality_entry(study)
    once_each = (rules.join_signals, rules.join_cascades, rules.judge_signals)
    drawn = (rules.plot_spectra, rules.plot_cascade, rules.plot_strips)
    return [
        *(file for rule in once_each for file in expand(rule.output, criticality_study=study)),
        *expand(rules.plot_mean_field.output, criticality_study=study),
        *(
            file
            for rule in drawn
            for file in expand(rule.output, criticality_study=study, dataset=entry["datasets"])
        ),
        *trainability_targets(study),
    ]


def criticality_runs(study):
    """Run files of the signals and of the training of each network."""
    entry = criticality_entry(study)
    signals = [*rules.propagate_signals.output, *rules.reconstruct_cascade.output]
    kept = [
        *expand(signals, criticality_study=study, **signal_jobs(study)),
        *expand(rules.train_decoders.output, criticality_study=study, **decoder_jobs(study)),
    ]
    for name, one in entry["networks"].items():
        kept += expand(
            rules.train_deep_networks.output,
            criticality_study=study,
            network=name,
            dataset=one.get("datasets", entry["datasets"]),
            depth=one["depths"],
            seed=range(one["realisations"]),
        )
        kept += convolution_files(study, name)
    return [
        *kept,
        *expand(rules.train_choice.output, criticality_study=study, **choice_jobs(study)),
    ]


def criticality_cubes(study):
    """Signals, cascades and trainability of all networks, and the cascade that is drawn."""
    entry = criticality_entry(study)
    kept = [rules.join_signals.output.signals, rules.join_cascades.output.cascade]
    if any("signals" in one for one in entry["networks"].values()):
        kept.append(rules.join_convolutions.output.spectra)
    if "choice" in entry:
        kept.append(rules.compare_choice.output.choice)
    return [
        *expand(kept, criticality_study=study),
        *drawn_cascades(study),
        *expand(
            rules.map_trainability.output, criticality_study=study, network=list(entry["networks"])
        ),
    ]


def drawn_cascades(study):
    """The cascades of the first realisation, of which pictures are shown."""
    return expand(
        rules.reconstruct_cascade.output.cascade,
        criticality_study=study,
        dataset=criticality_entry(study)["datasets"],
        seed=0,
    )


def criticality_excerpts(study):
    """Pictures are drawn of the first decoder alone; the others are quoted in numbers."""
    penalty = criticality_entry(study)["cascade"]["penalties"][0]
    drawn = {"reconstruction": {"decoder": f"ridge {penalty:g}"}}
    return {cascade: drawn for cascade in drawn_cascades(study)}


def network_entry(wildcards):
    """Settings of deep networks, completed by those of the study."""
    study = criticality_entry(wildcards.criticality_study)
    shared = {key: study[key] for key in ("datasets", "weight_variances", "bias_variance")}
    return shared | study["networks"][wildcards.network]


def networks_of_kind(study, *kinds):
    networks = criticality_entry(study)["networks"]
    return [name for name, network in networks.items() if network["kind"] in kinds]


def deep_settings(wildcards):
    """Parameters of deep networks of one depth, whatever the other depths and the threshold."""
    entry = network_entry(wildcards)
    kept = {key: entry[key] for key in ("kind", "width", "weight_variances", "bias_variance")}
    return (
        kept | entry["training"] | {"side": criticality_entry(wildcards.criticality_study)["side"]}
    )


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
    """Parameters of the networks of all initialisations, whatever their depths."""
    study = criticality_entry(wildcards.criticality_study)
    entry = study["choice"]
    kept = {"kind": "perceptron", "width": entry["width"], "side": study["side"]}
    return kept | entry["training"] | {"bias_variance": study["bias_variance"]}


def choice_jobs(study):
    entry = criticality_entry(study)
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
        study = wildcards.criticality_study
        pattern = getattr(rules.train_choice.output, name)
        return expand(pattern, criticality_study=study, **choice_jobs(study))

    return files


def convolution_settings(wildcards):
    """Parameters of signals in a random convolutional network."""
    entry = network_entry(wildcards)
    kept = {key: entry[key] for key in ("kind", "weight_variances", "bias_variance")}
    return (
        kept | entry["signals"] | {"side": criticality_entry(wildcards.criticality_study)["side"]}
    )


def convolutions_of_study(wildcards):
    """Signals in all random convolutional networks."""
    study = wildcards.criticality_study
    return [
        file
        for network in networks_of_kind(study, "convolutional", "residual")
        for file in convolution_files(study, network)
    ]


def convolution_files(study, network):
    """Signals in the random networks of one kind, of all data sets and realisations."""
    entry = criticality_entry(study)
    one = entry["networks"][network]
    return expand(
        rules.propagate_convolutions.output.spectra,
        criticality_study=study,
        network=network if "signals" in one else [],
        dataset=one.get("datasets", entry["datasets"]),
        seed=range(one["realisations"]),
    )


def trainability_results(wildcards):
    """Inputs of judge_signals beside signals and cascades."""
    study = wildcards.criticality_study
    entry = criticality_entry(study)
    networks = {"criticality_study": study, "network": list(entry["networks"])}
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
    entry = criticality_entry(study)
    networks = list(entry["networks"])
    perceptrons = networks_of_kind(study, "perceptron")
    kept = [
        *criticality_cubes(study),
        *expand(rules.plot_trainability.output, criticality_study=study, network=networks),
        *expand(rules.compare_trainability.output, criticality_study=study, network=perceptrons),
    ]
    if any("signals" in one for one in entry["networks"].values()):
        kept += expand(rules.plot_convolutions.output, criticality_study=study)
    if "choice" in entry:
        kept += expand(rules.plot_choice.output, criticality_study=study)
    return kept


TARGETS["criticality"] = criticality_targets
RUNS["criticality"] = criticality_runs
CUBES["criticality"] = criticality_cubes
EXCERPTS["criticality"] = criticality_excerpts
