"""Noise cubes, and networks trained on them or on clean data and tested on noisy ones."""


# A cube serves one job alone: shared ones, made again for a new model or study, would make
# Snakemake repeat every finished job that had read them.
rule noise_dataset:
    """Write the noise cube of one level and one chunk of realisations."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cube=temp("results/{noise_study}/cubes/{dataset}/{model}/step{step}/seed{seed}.nc"),
    log:
        "logs/{noise_study}/noise_dataset/{dataset}/{model}/step{step}/seed{seed}.log",
    conda:
        "../../../envs/data.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        level=noise_level,
        realisations=job_realisations,
        code=code_digest("noise_dataset.py", "data.yaml"),
    script:
        "../../scripts/noise_dataset.py"


rule train_learner:
    """Train and score a ladder of learners at one noise level, for a chunk of realisations."""
    input:
        data=cube_or_dataset,
    output:
        run="results/{noise_study}/runs/{dataset}/{model}/step{step}/seed{seed}.nc",
        cost="results/{noise_study}/costs/{dataset}/{model}/step{step}/seed{seed}.nc",
    log:
        "logs/{noise_study}/train_learner/{dataset}/{model}/step{step}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{noise_study}/{dataset}/{model}/step{step}/seed{seed}.tsv"
    # Cubes are large: use one up before another is made.
    priority: 1
    conda:
        "../../../envs/train.yaml"
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
        "../../scripts/train_learner.py"


rule train_efficientnet:
    """Train one network on the clean images, resumed where an earlier attempt was stopped."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        weights="results/{noise_study}/weights/{dataset}/{model}/seed{seed}.nc",
        cost="results/{noise_study}/training_costs/{dataset}/{model}/seed{seed}.nc",
    log:
        "logs/{noise_study}/train_efficientnet/{dataset}/{model}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{noise_study}/train_efficientnet/{dataset}/{model}/seed{seed}.tsv"
    conda:
        "../../../envs/torch.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(1440),
    params:
        model=training,
        # No output: Snakemake would remove it where a job fails.
        checkpoint="results/{noise_study}/checkpoints/{dataset}/{model}/seed{seed}.nc",
        code=code_digest("train_efficientnet.py", "torch.yaml"),
    script:
        "../../scripts/train_efficientnet.py"


rule evaluate_efficientnet:
    """Score one network at all noise levels of a study."""
    input:
        dataset=rules.download_dataset.output.netcdf,
        weights=weights_of_network,
    output:
        run="results/{noise_study}/runs/{dataset}/{model}/seed{seed}.nc",
        cost="results/{noise_study}/costs/{dataset}/{model}/seed{seed}.nc",
    log:
        "logs/{noise_study}/evaluate_efficientnet/{dataset}/{model}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{noise_study}/evaluate_efficientnet/{dataset}/{model}/seed{seed}.tsv"
    conda:
        "../../../envs/torch.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(720),
    params:
        settings=evaluation_settings,
        noising=evaluation_levels,
        code=code_digest("evaluate_efficientnet.py", "torch.yaml"),
    script:
        "../../scripts/evaluate_efficientnet.py"
