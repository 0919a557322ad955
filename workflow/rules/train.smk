rule train_learner:
    """Train and score a ladder of learners at one noise level, for a chunk of realisations."""
    input:
        data=cube_or_dataset,
    output:
        run="results/{study}/runs/{dataset}/{model}/step{step}/seed{seed}.nc",
        cost="results/{study}/costs/{dataset}/{model}/step{step}/seed{seed}.nc",
    log:
        "logs/{study}/train_learner/{dataset}/{model}/step{step}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{study}/{dataset}/{model}/step{step}/seed{seed}.tsv"
    # Cubes are large: use one up before another is made.
    priority: 1
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
    params:
        model=hyperparameters,
        learner=shipped_learner,
        level=noise_level,
        realisations=job_realisations,
        code=code_digest("train_learner.py", "train.yaml"),
    script:
        "../scripts/train_learner.py"


rule train_efficientnet:
    """Train one network on the clean images, going on where an earlier attempt was stopped."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        weights="results/{study}/weights/{dataset}/{model}/seed{seed}.nc",
        cost="results/{study}/training_costs/{dataset}/{model}/seed{seed}.nc",
    log:
        "logs/{study}/train_efficientnet/{dataset}/{model}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{study}/train_efficientnet/{dataset}/{model}/seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(1440),
    params:
        model=training,
        # No output: Snakemake would remove it where a job fails.
        checkpoint="results/{study}/checkpoints/{dataset}/{model}/seed{seed}.nc",
        code=code_digest("train_efficientnet.py", "torch.yaml"),
    script:
        "../scripts/train_efficientnet.py"


rule evaluate_efficientnet:
    """Score one network at all noise levels of a study."""
    input:
        dataset=rules.download_dataset.output.netcdf,
        weights=weights_of_network,
    output:
        run="results/{study}/runs/{dataset}/{model}/seed{seed}.nc",
        cost="results/{study}/costs/{dataset}/{model}/seed{seed}.nc",
    log:
        "logs/{study}/evaluate_efficientnet/{dataset}/{model}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{study}/evaluate_efficientnet/{dataset}/{model}/seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(720),
    params:
        settings=evaluation_settings,
        noising=evaluation_levels,
        code=code_digest("evaluate_efficientnet.py", "torch.yaml"),
    script:
        "../scripts/evaluate_efficientnet.py"
