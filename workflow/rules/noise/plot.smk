"""Figures of every noise study."""


rule plot_example:
    """Draw one image of a data set."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_example.svg",
            caption="../../report/noise/example.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "1 example image"},
        ),
        png="results/{noise_study}/figures/{dataset}_example.png",
    log:
        "logs/{noise_study}/plot_example/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        example_class=lookup(dpath="studies/noise/{noise_study}/example/class", within=config),
        code=code_digest("plot_example.py", "analysis.yaml"),
    script:
        "../../scripts/plot_example.py"


rule plot_noise_levels:
    """Draw one image at several noise levels."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_noise_levels.svg",
            caption="../../report/noise/noise_levels.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "2 noise levels"},
        ),
        png="results/{noise_study}/figures/{dataset}_noise_levels.png",
    log:
        "logs/{noise_study}/plot_noise_levels/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        example_class=lookup(dpath="studies/noise/{noise_study}/example/class", within=config),
        steps=lookup(dpath="studies/noise/{noise_study}/example/steps", within=config),
        noising=noising,
        code=code_digest("plot_noise_levels.py", "analysis.yaml"),
    script:
        "../../scripts/plot_noise_levels.py"


rule plot_capacity:
    """Draw the best test accuracy against network size."""
    input:
        statistics=rules.summarise_runs.output.statistics,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_capacity.svg",
            caption="../../report/noise/capacity.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "3 accuracy and size"},
        ),
        png="results/{noise_study}/figures/{dataset}_capacity.png",
    log:
        "logs/{noise_study}/plot_capacity/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.noise:capacity"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_transition:
    """Draw accuracy against noise for the smallest and the largest size, with fits and limits."""
    input:
        runs=rules.aggregate_runs.output.runs,
        transition=rules.fit_transition.output.netcdf,
        limits=rules.bound_information.output.netcdf,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_transition.svg",
            caption="../../report/noise/transition.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "4 transition"},
        ),
        png="results/{noise_study}/figures/{dataset}_transition.png",
    log:
        "logs/{noise_study}/plot_transition/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.noise:transition"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_collapse:
    """Draw the normalised curves of all sizes over one another."""
    input:
        statistics=rules.summarise_runs.output.statistics,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_collapse.svg",
            caption="../../report/noise/collapse.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "5 collapse"},
        ),
        png="results/{noise_study}/figures/{dataset}_collapse.png",
    log:
        "logs/{noise_study}/plot_collapse/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.noise:collapse"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_cost:
    """Draw the CPU time of every size and noise level."""
    input:
        costs=rules.aggregate_costs.output.costs,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_cost.svg",
            caption="../../report/noise/cost.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "6 cost"},
        ),
        png="results/{noise_study}/figures/{dataset}_cost.png",
    log:
        "logs/{noise_study}/plot_cost/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.noise:cost"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_recommendation:
    """Draw the best and the smallest sufficient size against noise."""
    input:
        recommendation=rules.recommend_size.output.netcdf,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_recommendation.svg",
            caption="../../report/noise/recommendation.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "7 size for noise"},
        ),
        png="results/{noise_study}/figures/{dataset}_recommendation.png",
    log:
        "logs/{noise_study}/plot_recommendation/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.noise:recommendation"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_scaling:
    """Draw transition point and width against size, with laws and limits."""
    input:
        scaling=rules.fit_scaling.output.netcdf,
        limits=rules.compare_limits.output.netcdf,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_scaling.svg",
            caption="../../report/noise/scaling.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "8 scaling with size"},
        ),
        png="results/{noise_study}/figures/{dataset}_scaling.png",
    log:
        "logs/{noise_study}/plot_scaling/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.scaling:scaling"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_collapse_map:
    """Draw the collapse of all sizes in scaled coordinates, and its quality."""
    input:
        collapse=rules.collapse_curves.output.collapse,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_collapse_map.svg",
            caption="../../report/noise/collapse_map.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "9 data collapse"},
        ),
        png="results/{noise_study}/figures/{dataset}_collapse_map.png",
    log:
        "logs/{noise_study}/plot_collapse_map/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.scaling:collapse_map"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_readings:
    """Draw transition point and width under every reading of the papers."""
    input:
        csv=rules.compare_readings.output.csv,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_readings.svg",
            caption="../../report/noise/readings.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "e readings of the papers"},
        ),
        png="results/{noise_study}/figures/{dataset}_readings.png",
    log:
        "logs/{noise_study}/plot_readings/{dataset}.log",
    wildcard_constraints:
        noise_study=one_of(filter(has_readings, config["studies"]["noise"])),
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_readings.py", "analysis.yaml"),
    script:
        "../../scripts/plot_readings.py"
