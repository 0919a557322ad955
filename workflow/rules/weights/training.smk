"""Trainings behind claims of their own: frozen blocks, depth, double descent."""


rule train_frozen_interior:
    """Train networks with and without frozen blocks of weights: one run of each."""
    input:
        data=dataset_of_weights,
    output:
        accuracies="results/{weights_study}/frozen_interior/run{run}.nc",
        cost="results/{weights_study}/costs/frozen_interior/run{run}.nc",
    log:
        "logs/{weights_study}/train_frozen_interior/run{run}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/train_frozen_interior/run{run}.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(2500),
        runtime=growing(480),
    params:
        dataset=lookup(dpath="studies/weights/{weights_study}/dataset", within=config),
        settings=frozen_settings,
        code=code_digest("train_frozen_interior.py", "train.yaml"),
    script:
        "../../scripts/train_frozen_interior.py"


rule compare_frozen_interior:
    """Join all runs, and measure the loss of accuracy of networks with a frozen block."""
    input:
        accuracies=extension_files("train_frozen_interior", "accuracies"),
    output:
        netcdf="results/{weights_study}/frozen_interior.nc",
    log:
        "logs/{weights_study}/compare_frozen_interior.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("compare_frozen_interior.py", "analysis.yaml"),
    script:
        "../../scripts/compare_frozen_interior.py"


rule train_depth:
    """Train deep networks of one layer width, or the shallow ones for the width 0."""
    input:
        data=rules.project_images.output.inputs,
    output:
        accuracies="results/{weights_study}/depth/width{width}.nc",
        cost="results/{weights_study}/costs/depth/width{width}.nc",
    log:
        "logs/{weights_study}/train_depth/width{width}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/train_depth/width{width}.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(2500),
        runtime=growing(480),
    params:
        dataset=lookup(dpath="studies/weights/{weights_study}/dataset", within=config),
        settings=depth_settings,
        code=code_digest("train_depth.py", "train.yaml"),
    script:
        "../../scripts/train_depth.py"


rule compare_depths:
    """Join all layer widths, and find the least at which deep networks surpass the shallow one."""
    input:
        accuracies=extension_files("train_depth", "accuracies"),
    output:
        netcdf="results/{weights_study}/depth.nc",
    log:
        "logs/{weights_study}/compare_depths.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        dataset=lookup(dpath="studies/weights/{weights_study}/dataset", within=config),
        code=code_digest("compare_depths.py", "analysis.yaml"),
    script:
        "../../scripts/compare_depths.py"


rule train_double_descent:
    """Train networks of one kind and layer width on the whole of a small training set."""
    input:
        data=rules.project_images.output.inputs,
    output:
        networks="results/{weights_study}/double_descent/{kind}{width}.nc",
        cost="results/{weights_study}/costs/double_descent/{kind}{width}.nc",
    log:
        "logs/{weights_study}/train_double_descent/{kind}{width}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/train_double_descent/{kind}{width}.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(2500),
        runtime=growing(480),
    params:
        dataset=lookup(dpath="studies/weights/{weights_study}/dataset", within=config),
        settings=descent_settings,
        code=code_digest("train_double_descent.py", "train.yaml"),
    script:
        "../../scripts/train_double_descent.py"


rule compare_double_descent:
    """Join all networks, and describe the test cross-entropy against layer width."""
    input:
        networks=extension_files("train_double_descent", "networks"),
    output:
        netcdf="results/{weights_study}/double_descent.nc",
    log:
        "logs/{weights_study}/compare_double_descent.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("compare_double_descent.py", "analysis.yaml"),
    script:
        "../../scripts/compare_double_descent.py"
