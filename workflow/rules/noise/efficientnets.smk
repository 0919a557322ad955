"""Rules of networks trained clean and tested noisy: the claims of 2025 and their figures."""


# Only studies of networks that are trained clean and tested noisy have these.
rule judge_networks:
    """Compare the claims on networks trained clean and tested noisy with the measured values."""
    input:
        scaling=rules.fit_scaling.output.netcdf,
        sensitivity=rules.fit_scaling.output.sensitivity,
        crossings=rules.collapse_curves.output.crossings,
    output:
        json="results/{noise_study}/verdicts.json",
    log:
        "logs/{noise_study}/judge_networks.log",
    wildcard_constraints:
        noise_study=one_of(filter(trained_once, config["studies"]["noise"])),
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        schedule=schedule_of,
        code=code_digest("judge_networks.py", "analysis.yaml"),
    script:
        "../../scripts/judge_networks.py"


rule plot_steps:
    """Draw accuracy against the diffusion step, with a closer look at the crossing."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_steps.svg",
            caption="../../report/noise/steps.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "a accuracy and step"},
        ),
        png="results/{noise_study}/figures/{dataset}_steps.png",
    log:
        "logs/{noise_study}/plot_steps/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.efficientnets:steps"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_level_sets:
    """Draw the widths between level sets of the normalised curves."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_level_sets.svg",
            caption="../../report/noise/level_sets.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "b level sets"},
        ),
        png="results/{noise_study}/figures/{dataset}_level_sets.png",
    log:
        "logs/{noise_study}/plot_level_sets/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.efficientnets:level_sets"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"


rule plot_widths:
    """Draw the widths of all level sets against size in every coordinate."""
    input:
        runs=rules.aggregate_runs.output.runs,
        widths=rules.fit_scaling.output.widths,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_widths.svg",
            caption="../../report/noise/widths.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "c widths and size"},
        ),
        png="results/{noise_study}/figures/{dataset}_widths.png",
    log:
        "logs/{noise_study}/plot_widths/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_widths.py", "analysis.yaml"),
    script:
        "../../scripts/plot_widths.py"


rule plot_crossings:
    """Draw the crossings of the curves of every two sizes."""
    input:
        crossings=rules.collapse_curves.output.crossings,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_crossings.svg",
            caption="../../report/noise/crossings.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "d crossings"},
        ),
        png="results/{noise_study}/figures/{dataset}_crossings.png",
    log:
        "logs/{noise_study}/plot_crossings/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        schedule=schedule_of,
        code=code_digest("plot_crossings.py", "analysis.yaml"),
    script:
        "../../scripts/plot_crossings.py"
