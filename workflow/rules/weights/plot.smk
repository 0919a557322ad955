"""Figures of studies of weights."""


rule plot_weights:
    """Draw one view of the weights of a scenario, by all methods of inference."""
    input:
        found=files_of_view,
    output:
        svg=report(
            "results/{weights_study}/figures/{scenario}_{view}.svg",
            caption="../../report/weights/views.rst",
            category="{weights_study}",
            labels={"scenario": "{scenario}", "figure": "{view}"},
        ),
        png="results/{weights_study}/figures/{scenario}_{view}.png",
    log:
        "logs/{weights_study}/plot_weights/{scenario}_{view}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_weights.py", "analysis.yaml"),
    script:
        "../../scripts/plot_weights.py"


rule plot_accuracies:
    """Draw the accuracies of the networks of all scenarios."""
    input:
        ensembles=ensembles_of_study,
    output:
        svg=report(
            "results/{weights_study}/figures/accuracies.svg",
            caption="../../report/weights/views.rst",
            category="{weights_study}",
            labels={"scenario": "all", "figure": "accuracies"},
        ),
        png="results/{weights_study}/figures/accuracies.png",
    log:
        "logs/{weights_study}/plot_accuracies.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        scenarios=scenarios_of_study,
        code=code_digest("plot_accuracies.py", "analysis.yaml"),
    script:
        "../../scripts/plot_accuracies.py"


rule plot_clouds:
    """Draw the networks of all scenarios among all configurations of their weights."""
    input:
        clouds=clouds_of_study,
    output:
        svg=report(
            "results/{weights_study}/figures/clouds.svg",
            caption="../../report/weights/views.rst",
            category="{weights_study}",
            labels={"scenario": "all", "figure": "clouds"},
        ),
        png="results/{weights_study}/figures/clouds.png",
    log:
        "logs/{weights_study}/plot_clouds.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        scenarios=scenarios_of_study,
        code=code_digest("plot_clouds.py", "analysis.yaml"),
    script:
        "../../scripts/plot_clouds.py"


rule plot_frozen_interior:
    """Draw the accuracy with and without frozen blocks after each epoch."""
    input:
        netcdf=rules.compare_frozen_interior.output.netcdf,
    output:
        svg=report(
            "results/{weights_study}/figures/frozen_interior.svg",
            caption="../../report/weights/views.rst",
            category="{weights_study}",
            labels={"scenario": "other networks", "figure": "frozen interior"},
        ),
        png="results/{weights_study}/figures/frozen_interior.png",
    log:
        "logs/{weights_study}/plot_frozen_interior.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_frozen_interior.py", "analysis.yaml"),
    script:
        "../../scripts/plot_frozen_interior.py"


rule plot_depth:
    """Draw the accuracy of deep networks beside the shallow one."""
    input:
        netcdf=rules.compare_depths.output.netcdf,
    output:
        svg=report(
            "results/{weights_study}/figures/depth.svg",
            caption="../../report/weights/views.rst",
            category="{weights_study}",
            labels={"scenario": "other networks", "figure": "depth"},
        ),
        png="results/{weights_study}/figures/depth.png",
    log:
        "logs/{weights_study}/plot_depth.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_depth.py", "analysis.yaml"),
    script:
        "../../scripts/plot_depth.py"


rule plot_double_descent:
    """Draw cross-entropies and errors against the layer width of binary and real networks."""
    input:
        netcdf=rules.compare_double_descent.output.netcdf,
    output:
        svg=report(
            "results/{weights_study}/figures/double_descent.svg",
            caption="../../report/weights/views.rst",
            category="{weights_study}",
            labels={"scenario": "other networks", "figure": "double descent"},
        ),
        png="results/{weights_study}/figures/double_descent.png",
    log:
        "logs/{weights_study}/plot_double_descent.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_double_descent.py", "analysis.yaml"),
    script:
        "../../scripts/plot_double_descent.py"
