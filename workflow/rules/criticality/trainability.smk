"""Trainability of deep networks."""


rule train_deep_networks:
    """Train deep networks of one depth, of all weight variances at once."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        run="results/{criticality_study}/deep_networks/{network}/{dataset}/depth{depth}/seed{seed}.nc",
        cost="results/{criticality_study}/costs/deep_networks/{network}/{dataset}/depth{depth}/seed{seed}.nc",
    log:
        "logs/{criticality_study}/train_deep_networks/{network}/{dataset}/depth{depth}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{criticality_study}/train_deep_networks/{network}/{dataset}/depth{depth}/seed{seed}.tsv"
    conda:
        "../../../envs/torch.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        settings=deep_settings,
        code=code_digest("train_deep_networks.py", "torch.yaml"),
    script:
        "../../scripts/train_deep_networks.py"


rule map_trainability:
    """Join the networks of all depths, and find the trained depth at each weight variance."""
    input:
        runs=deep_files("run"),
        costs=deep_files("cost"),
    output:
        trained="results/{criticality_study}/trainability/{network}.nc",
        costs="results/{criticality_study}/costs/{network}.nc",
    log:
        "logs/{criticality_study}/map_trainability/{network}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        analysis=analysis_of_network,
        code=code_digest("map_trainability.py", "analysis.yaml"),
    script:
        "../../scripts/map_trainability.py"


rule compare_trainability:
    """Compare the depth to which perceptrons can be trained with its predictors."""
    input:
        trained=rules.map_trainability.output.trained,
        signals=rules.join_signals.output.signals,
        cascade=rules.join_cascades.output.cascade,
    output:
        prediction="results/{criticality_study}/predictions/{network}.nc",
    log:
        "logs/{criticality_study}/compare_trainability/{network}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("compare_trainability.py", "analysis.yaml"),
    script:
        "../../scripts/compare_trainability.py"


rule propagate_convolutions:
    """Follow the spectra of a batch of images through a random convolutional network."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        spectra="results/{criticality_study}/convolutions/{network}/{dataset}/seed{seed}.nc",
    log:
        "logs/{criticality_study}/propagate_convolutions/{network}/{dataset}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{criticality_study}/propagate_convolutions/{network}/{dataset}/seed{seed}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        settings=convolution_settings,
        code=code_digest("propagate_convolutions.py", "analysis.yaml"),
    script:
        "../../scripts/propagate_convolutions.py"


rule join_convolutions:
    """Join the spectra of all random convolutional networks, and find their decay lengths."""
    input:
        spectra=convolutions_of_study,
    output:
        spectra="results/{criticality_study}/convolutions.nc",
    log:
        "logs/{criticality_study}/join_convolutions.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        spectra=lookup(dpath="studies/criticality/{criticality_study}/spectra", within=config),
        code=code_digest("join_convolutions.py", "analysis.yaml"),
    script:
        "../../scripts/join_convolutions.py"


rule train_choice:
    """Train deep perceptrons from the chosen weight variance, and from usual initialisations."""
    input:
        dataset=rules.download_dataset.output.netcdf,
        cascade=rules.join_cascades.output.cascade,
    output:
        run="results/{criticality_study}/choice/{dataset}/depth{depth}/seed{seed}.nc",
        cost="results/{criticality_study}/costs/choice/{dataset}/depth{depth}/seed{seed}.nc",
    log:
        "logs/{criticality_study}/train_choice/{dataset}/depth{depth}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{criticality_study}/train_choice/{dataset}/depth{depth}/seed{seed}.tsv"
    conda:
        "../../../envs/torch.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        settings=choice_settings,
        code=code_digest("train_choice.py", "torch.yaml"),
    script:
        "../../scripts/train_choice.py"


rule compare_choice:
    """Join the networks of all initialisations, and measure the gain of the chosen one."""
    input:
        runs=choice_files("run"),
    output:
        choice="results/{criticality_study}/choice.nc",
    log:
        "logs/{criticality_study}/compare_choice.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("compare_choice.py", "analysis.yaml"),
    script:
        "../../scripts/compare_choice.py"
