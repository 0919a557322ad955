rule train_mlp:
    """Train and score a ladder of perceptrons at one noise level, for a chunk of realisations."""
    input:
        data=cube_or_dataset,
    output:
        run="results/{study}/runs/{dataset}/{model}/step{step}/seed{seed}.nc",
        cost="results/{study}/costs/{dataset}/{model}/step{step}/seed{seed}.nc",
    log:
        "logs/{study}/train_mlp/{dataset}/{model}/step{step}/seed{seed}.log",
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
        level=noise_level,
        realisations=job_realisations,
        code=code_digest("train_mlp.py", "train.yaml"),
    script:
        "../scripts/train_mlp.py"
