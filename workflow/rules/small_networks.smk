rule train_frozen_interior:
    """Train networks with and without frozen blocks of weights: one run of each."""
    input:
        data=dataset_of_weights,
    output:
        accuracies="results/{weight_study}/frozen_interior/run{run}.nc",
        cost="results/{weight_study}/costs/frozen_interior/run{run}.nc",
    log:
        "logs/{weight_study}/train_frozen_interior/run{run}.log",
    benchmark:
        "benchmarks/jobs/{weight_study}/train_frozen_interior/run{run}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(2500),
        runtime=growing(480),
    params:
        dataset=lookup(dpath="weight_studies/{weight_study}/dataset", within=config),
        settings=frozen_settings,
        code=code_digest("train_frozen_interior.py", "train.yaml"),
    script:
        "../scripts/train_frozen_interior.py"


rule compare_frozen_interior:
    """Join all runs, and say how far networks with a frozen block stay behind."""
    input:
        accuracies=extension_files("train_frozen_interior", "accuracies"),
    output:
        netcdf="results/{weight_study}/frozen_interior.nc",
    log:
        "logs/{weight_study}/compare_frozen_interior.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("compare_frozen_interior.py", "analysis.yaml"),
    script:
        "../scripts/compare_frozen_interior.py"


rule plot_frozen_interior:
    """Draw the accuracy with and without frozen blocks after each epoch."""
    input:
        netcdf=rules.compare_frozen_interior.output.netcdf,
    output:
        svg=report(
            "results/{weight_study}/figures/frozen_interior.svg",
            caption="../report/weights.rst",
            category="{weight_study}",
            labels={"scenario": "other networks", "figure": "frozen interior"},
        ),
        png="results/{weight_study}/figures/frozen_interior.png",
    log:
        "logs/{weight_study}/plot_frozen_interior.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_frozen_interior.py", "analysis.yaml"),
    script:
        "../scripts/plot_frozen_interior.py"


rule train_depth:
    """Train deep networks of one width, or the shallow ones for the width 0."""
    input:
        data=rules.project_images.output.inputs,
    output:
        accuracies="results/{weight_study}/depth/width{width}.nc",
        cost="results/{weight_study}/costs/depth/width{width}.nc",
    log:
        "logs/{weight_study}/train_depth/width{width}.log",
    benchmark:
        "benchmarks/jobs/{weight_study}/train_depth/width{width}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(2500),
        runtime=growing(480),
    params:
        dataset=lookup(dpath="weight_studies/{weight_study}/dataset", within=config),
        settings=depth_settings,
        code=code_digest("train_depth.py", "train.yaml"),
    script:
        "../scripts/train_depth.py"


rule compare_depths:
    """Join all widths, and find the one from which deep networks surpass the shallow one."""
    input:
        accuracies=extension_files("train_depth", "accuracies"),
    output:
        netcdf="results/{weight_study}/depth.nc",
    log:
        "logs/{weight_study}/compare_depths.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        dataset=lookup(dpath="weight_studies/{weight_study}/dataset", within=config),
        code=code_digest("compare_depths.py", "analysis.yaml"),
    script:
        "../scripts/compare_depths.py"


rule plot_depth:
    """Draw the accuracy of deep networks beside the shallow one."""
    input:
        netcdf=rules.compare_depths.output.netcdf,
    output:
        svg=report(
            "results/{weight_study}/figures/depth.svg",
            caption="../report/weights.rst",
            category="{weight_study}",
            labels={"scenario": "other networks", "figure": "depth"},
        ),
        png="results/{weight_study}/figures/depth.png",
    log:
        "logs/{weight_study}/plot_depth.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_depth.py", "analysis.yaml"),
    script:
        "../scripts/plot_depth.py"


rule train_double_descent:
    """Train networks of one kind and width on the whole of a small training set."""
    input:
        data=rules.project_images.output.inputs,
    output:
        networks="results/{weight_study}/double_descent/{kind}{width}.nc",
        cost="results/{weight_study}/costs/double_descent/{kind}{width}.nc",
    log:
        "logs/{weight_study}/train_double_descent/{kind}{width}.log",
    benchmark:
        "benchmarks/jobs/{weight_study}/train_double_descent/{kind}{width}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(2500),
        runtime=growing(480),
    params:
        dataset=lookup(dpath="weight_studies/{weight_study}/dataset", within=config),
        settings=descent_settings,
        code=code_digest("train_double_descent.py", "train.yaml"),
    script:
        "../scripts/train_double_descent.py"


rule compare_double_descent:
    """Join all networks, and describe how the test cross-entropy goes with the width."""
    input:
        networks=extension_files("train_double_descent", "networks"),
    output:
        netcdf="results/{weight_study}/double_descent.nc",
    log:
        "logs/{weight_study}/compare_double_descent.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("compare_double_descent.py", "analysis.yaml"),
    script:
        "../scripts/compare_double_descent.py"


rule plot_double_descent:
    """Draw cross-entropies and errors against the width of binary and real networks."""
    input:
        netcdf=rules.compare_double_descent.output.netcdf,
    output:
        svg=report(
            "results/{weight_study}/figures/double_descent.svg",
            caption="../report/weights.rst",
            category="{weight_study}",
            labels={"scenario": "other networks", "figure": "double descent"},
        ),
        png="results/{weight_study}/figures/double_descent.png",
    log:
        "logs/{weight_study}/plot_double_descent.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_double_descent.py", "analysis.yaml"),
    script:
        "../scripts/plot_double_descent.py"
