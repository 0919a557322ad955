"""What the rules of signals in random networks read, and what a study of them keeps."""


def signal_entry(study):
    return config["signal_studies"][study]


def decoder_jobs(study):
    """Data set and realisation of all networks of which decoders are trained step by step."""
    trained = signal_entry(study)["cascade"].get("trained", {"datasets": [], "realisations": 0})
    return {"dataset": trained["datasets"], "seed": range(trained["realisations"])}


def signal_jobs(study):
    """Data set and realisation of all networks."""
    entry = signal_entry(study)
    return {"dataset": entry["datasets"], "seed": range(entry["realisations"])}


def spectra_of_study(wildcards):
    study = wildcards.signal_study
    return expand(rules.propagate_signals.output.spectra, signal_study=study, **signal_jobs(study))


def cascades_of_study(wildcards):
    """The cascades of all networks: by ridge regression, and by trained decoders."""
    study = wildcards.signal_study
    ridge = rules.reconstruct_cascade.output.cascade
    trained = rules.train_decoders.output.cascade
    return [
        *expand(ridge, signal_study=study, **signal_jobs(study)),
        *expand(trained, signal_study=study, **decoder_jobs(study)),
    ]


def first_cascade(wildcards):
    """The cascade of the first realisation, of which pictures are shown."""
    (file,) = expand(rules.reconstruct_cascade.output.cascade, seed=0, allow_missing=True)
    return file


def network_of_signals(wildcards):
    """Variances of the weights and biases, and the size of the images."""
    entry = signal_entry(wildcards.signal_study)
    return {key: entry[key] for key in ("weight_variances", "bias_variance", "side")}


def cascade_settings(wildcards):
    """Settings of all cascades; those of trained decoders, and of the analysis, are others."""
    entry = signal_entry(wildcards.signal_study)["cascade"]
    later = {"tolerance", "trained"}
    return {key: value for key, value in entry.items() if key not in later}


def decoder_settings(wildcards):
    """How decoders are trained, however many."""
    entry = signal_entry(wildcards.signal_study)["cascade"]["trained"]
    return {key: entry[key] for key in ("epochs", "batch_size", "rate")}


def signal_targets(study):
    """Everything that a study of signals keeps."""
    entry = signal_entry(study)
    once_each = (rules.join_signals, rules.join_cascades, rules.judge_signals)
    drawn = (rules.plot_spectra, rules.plot_cascade, rules.plot_strips)
    jobs = (rules.propagate_signals, rules.reconstruct_cascade)
    return [
        *(file for rule in once_each for file in expand(rule.output, signal_study=study)),
        *expand(rules.plot_mean_field.output, signal_study=study),
        *(
            file
            for rule in drawn
            for file in expand(rule.output, signal_study=study, dataset=entry["datasets"])
        ),
        *(
            file
            for rule in jobs
            for file in expand(rule.output, signal_study=study, **signal_jobs(study))
        ),
        *expand(rules.train_decoders.output, signal_study=study, **decoder_jobs(study)),
        *trainability_targets(study),
    ]
