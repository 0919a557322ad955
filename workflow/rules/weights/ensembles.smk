"""Ensembles of binary networks: trained, selected, described."""


rule project_images:
    """Project the images of a study on their principal components."""
    input:
        dataset=dataset_of_weights,
    output:
        inputs="results/{weights_study}/inputs.nc",
    log:
        "logs/{weights_study}/project_images.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        components=lookup(dpath="studies/weights/{weights_study}/components", within=config),
        code=code_digest("project_images.py", "analysis.yaml"),
    script:
        "../../scripts/project_images.py"


rule train_binary_networks:
    """Train a chunk of binary networks, and keep the best weights of each."""
    input:
        inputs=rules.project_images.output.inputs,
    output:
        networks="results/{weights_study}/networks/{scenario}/from{first}.nc",
        cost="results/{weights_study}/costs/{scenario}/from{first}.nc",
    log:
        "logs/{weights_study}/train_binary_networks/{scenario}/from{first}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/train_binary_networks/{scenario}/from{first}.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
    params:
        trials=trials_of_job,
        dataset=lookup(dpath="studies/weights/{weights_study}/dataset", within=config),
        settings=scenario_settings,
        code=code_digest("train_binary_networks.py", "train.yaml"),
    script:
        "../../scripts/train_binary_networks.py"


rule select_networks:
    """Join the networks of a scenario, and keep the accurate ones that differ."""
    input:
        networks=chunk_files(rules.train_binary_networks.output.networks),
        costs=chunk_files(rules.train_binary_networks.output.cost),
    output:
        ensemble="results/{weights_study}/ensembles/{scenario}.nc",
        cost="results/{weights_study}/costs/{scenario}.nc",
    log:
        "logs/{weights_study}/select_networks/{scenario}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        accept=lookup(
            dpath="studies/weights/{weights_study}/scenarios/{scenario}/accept", within=config
        ),
        code=code_digest("select_networks.py", "analysis.yaml"),
    script:
        "../../scripts/select_networks.py"


rule describe_cloud:
    """Describe the cloud of trained networks among all configurations of their weights."""
    input:
        ensemble=rules.select_networks.output.ensemble,
    output:
        cloud="results/{weights_study}/clouds/{scenario}.nc",
    log:
        "logs/{weights_study}/describe_cloud/{scenario}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("describe_cloud.py", "analysis.yaml"),
    script:
        "../../scripts/describe_cloud.py"
