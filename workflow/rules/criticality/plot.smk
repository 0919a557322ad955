"""Figures of studies of criticality."""


rule plot_mean_field:
    """Draw the phase diagram of random networks, and the depth of signals."""
    input:
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{criticality_study}/figures/mean_field.svg",
            caption="../../report/criticality/signals.rst",
            category="{criticality_study}",
            labels={"data set": "all", "figure": "1 mean field"},
        ),
        png="results/{criticality_study}/figures/mean_field.png",
    log:
        "logs/{criticality_study}/plot_mean_field.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        bias_variance=lookup(
            dpath="studies/criticality/{criticality_study}/bias_variance", within=config
        ),
        code=code_digest("plot_mean_field.py", "analysis.yaml"),
    script:
        "../../scripts/plot_mean_field.py"


rule plot_spectra:
    """Draw the entropy and the gap of Gram spectra across the layers."""
    input:
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{criticality_study}/figures/{dataset}_spectra.svg",
            caption="../../report/criticality/signals.rst",
            category="{criticality_study}",
            labels={"data set": "{dataset}", "figure": "2 spectra"},
        ),
        png="results/{criticality_study}/figures/{dataset}_spectra.png",
    log:
        "logs/{criticality_study}/plot_spectra/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_spectra.py", "analysis.yaml"),
    script:
        "../../scripts/plot_spectra.py"


rule plot_cascade:
    """Draw the reconstruction errors of images from each layer of all networks."""
    input:
        cascade=rules.join_cascades.output.cascade,
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{criticality_study}/figures/{dataset}_cascade.svg",
            caption="../../report/criticality/signals.rst",
            category="{criticality_study}",
            labels={"data set": "{dataset}", "figure": "3 cascade"},
        ),
        png="results/{criticality_study}/figures/{dataset}_cascade.png",
    log:
        "logs/{criticality_study}/plot_cascade/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_cascade.py", "analysis.yaml"),
    script:
        "../../scripts/plot_cascade.py"


rule plot_strips:
    """Draw images, and their reconstructions from the layers of a network of each phase."""
    input:
        cascade=first_cascade,
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{criticality_study}/figures/{dataset}_strips.svg",
            caption="../../report/criticality/signals.rst",
            category="{criticality_study}",
            labels={"data set": "{dataset}", "figure": "4 strips"},
        ),
        png="results/{criticality_study}/figures/{dataset}_strips.png",
    log:
        "logs/{criticality_study}/plot_strips/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_strips.py", "analysis.yaml"),
    script:
        "../../scripts/plot_strips.py"


rule plot_trainability:
    """Draw the accuracy at all depths and variances, and the predicted depth."""
    input:
        unpack(predicted),
        trained=rules.map_trainability.output.trained,
    output:
        svg=report(
            "results/{criticality_study}/figures/trainability_{network}.svg",
            caption="../../report/criticality/trainability.rst",
            category="{criticality_study}",
            labels={"data set": "all", "figure": "5 trainability, {network}"},
        ),
        png="results/{criticality_study}/figures/trainability_{network}.png",
    log:
        "logs/{criticality_study}/plot_trainability/{network}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_trainability.py", "analysis.yaml"),
    script:
        "../../scripts/plot_trainability.py"


rule plot_convolutions:
    """Draw signals in convolutional networks, compared with mean-field theory."""
    input:
        spectra=rules.join_convolutions.output.spectra,
    output:
        svg=report(
            "results/{criticality_study}/figures/convolutions.svg",
            caption="../../report/criticality/convolutions.rst",
            category="{criticality_study}",
            labels={"data set": "all", "figure": "6 convolutions"},
        ),
        png="results/{criticality_study}/figures/convolutions.png",
    log:
        "logs/{criticality_study}/plot_convolutions.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_convolutions.py", "analysis.yaml"),
    script:
        "../../scripts/plot_convolutions.py"


rule plot_choice:
    """Draw the accuracies of all initialisations, and the gain of the chosen one."""
    input:
        choice=rules.compare_choice.output.choice,
    output:
        svg=report(
            "results/{criticality_study}/figures/choice.svg",
            caption="../../report/criticality/choice.rst",
            category="{criticality_study}",
            labels={"data set": "all", "figure": "7 choice of the variance"},
        ),
        png="results/{criticality_study}/figures/choice.png",
    log:
        "logs/{criticality_study}/plot_choice.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_choice.py", "analysis.yaml"),
    script:
        "../../scripts/plot_choice.py"
