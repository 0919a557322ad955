"""From runs to fits, scaling laws, limits and answers."""


rule aggregate_runs:
    """Join all run files of a study into its run cube."""
    input:
        runs=run_files,
    output:
        runs="results/{noise_study}/runs.nc",
    log:
        "logs/{noise_study}/aggregate_runs.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        ladders=ladders_of_models,
        code=code_digest("aggregate_runs.py", "analysis.yaml"),
    script:
        "../../scripts/aggregate_runs.py"


rule summarise_runs:
    """Take mean, standard deviation and extremes over the realisations."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        statistics="results/{noise_study}/statistics.nc",
    log:
        "logs/{noise_study}/summarise_runs.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("summarise_runs.py", "analysis.yaml"),
    script:
        "../../scripts/summarise_runs.py"


rule aggregate_costs:
    """Join all cost files of a study."""
    input:
        costs=cost_files,
    output:
        costs="results/{noise_study}/costs.nc",
    log:
        "logs/{noise_study}/aggregate_costs.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        ladders=ladders_of_models,
        code=code_digest("aggregate_costs.py", "analysis.yaml"),
    script:
        "../../scripts/aggregate_costs.py"


rule tabulate_costs:
    """Tabulate CPU cost and best accuracy of each size."""
    input:
        costs=rules.aggregate_costs.output.costs,
        runs=rules.aggregate_runs.output.runs,
    output:
        csv="results/{noise_study}/costs.csv",
    log:
        "logs/{noise_study}/tabulate_costs.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("tabulate_costs.py", "analysis.yaml"),
    script:
        "../../scripts/tabulate_costs.py"


rule fit_transition:
    """Fit the sigmoid of every size: plateau, floor, kappa_c, width and goodness."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        netcdf="results/{noise_study}/transition.nc",
        csv="results/{noise_study}/transition.csv",
    log:
        "logs/{noise_study}/fit_transition.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("fit_transition.py", "analysis.yaml"),
    script:
        "../../scripts/fit_transition.py"


rule judge_claims:
    """Compare the claims of the source document with the measured values."""
    input:
        statistics=rules.summarise_runs.output.statistics,
        transition=rules.fit_transition.output.netcdf,
    output:
        json="results/{noise_study}/verdicts.json",
    log:
        "logs/{noise_study}/judge_claims.log",
    wildcard_constraints:
        noise_study=one_of(s for s in config["studies"]["noise"] if not trained_once(s)),
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("judge_claims.py", "analysis.yaml"),
    script:
        "../../scripts/judge_claims.py"


rule recommend_size:
    """Recommend the size of network for every noise level."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        netcdf="results/{noise_study}/recommendation.nc",
        csv="results/{noise_study}/recommendation.csv",
    log:
        "logs/{noise_study}/recommend_size.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("recommend_size.py", "analysis.yaml"),
    script:
        "../../scripts/recommend_size.py"


rule fit_families:
    """Fit the families of transition curves, by likelihood, to every size."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        pooled="results/{noise_study}/families.nc",
        single="results/{noise_study}/realisations.nc",
        csv="results/{noise_study}/families.csv",
    log:
        "logs/{noise_study}/fit_families.log",
    benchmark:
        "benchmarks/jobs/{noise_study}/fit_families.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        schedule=schedule_of,
        code=code_digest("fit_families.py", "analysis.yaml"),
    script:
        "../../scripts/fit_families.py"


rule fit_scaling:
    """Fit transition point and width as functions of size, under every choice."""
    input:
        runs=rules.aggregate_runs.output.runs,
        pooled=rules.fit_families.output.pooled,
        single=rules.fit_families.output.single,
    output:
        netcdf="results/{noise_study}/scaling.nc",
        csv=report(
            "results/{noise_study}/scaling.csv",
            caption="../../report/noise/sizes.rst",
            category="{noise_study}",
            labels={"data set": "all", "figure": "table: transition point and width"},
        ),
        sensitivity=report(
            "results/{noise_study}/sensitivity.csv",
            caption="../../report/noise/sensitivity.rst",
            category="{noise_study}",
            labels={"data set": "all", "figure": "table: exponent under other choices"},
        ),
        widths="results/{noise_study}/widths.csv",
    log:
        "logs/{noise_study}/fit_scaling.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        schedule=schedule_of,
        code=code_digest("fit_scaling.py", "analysis.yaml"),
    script:
        "../../scripts/fit_scaling.py"


rule collapse_curves:
    """Collapse the curves of all sizes, and locate their crossings."""
    input:
        runs=rules.aggregate_runs.output.runs,
        scaling=rules.fit_scaling.output.netcdf,
    output:
        collapse="results/{noise_study}/collapse.nc",
        crossings="results/{noise_study}/crossings.nc",
        csv="results/{noise_study}/crossings.csv",
    log:
        "logs/{noise_study}/collapse_curves.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("collapse_curves.py", "analysis.yaml"),
    script:
        "../../scripts/collapse_curves.py"


rule bound_information:
    """Measure the accuracy of the reference classifiers of a data set at every noise level."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        netcdf="results/{noise_study}/limits/{dataset}.nc",
    log:
        "logs/{noise_study}/bound_information/{dataset}.log",
    benchmark:
        "benchmarks/jobs/{noise_study}/bound_information/{dataset}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(120),
    params:
        noising=noising,
        trained_once=once,
        steps=lookup(dpath="studies/noise/{noise_study}/steps", within=config),
        realisations=lookup(dpath="studies/noise/{noise_study}/realisations", within=config),
        code=code_digest("bound_information.py", "analysis.yaml"),
    script:
        "../../scripts/bound_information.py"


rule compare_limits:
    """Compare the networks of a study with the information limits of its data sets."""
    input:
        runs=rules.aggregate_runs.output.runs,
        families=rules.fit_families.output.pooled,
        limits=limits_of_study,
    output:
        netcdf="results/{noise_study}/limits.nc",
    log:
        "logs/{noise_study}/compare_limits.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("compare_limits.py", "analysis.yaml"),
    script:
        "../../scripts/compare_limits.py"


rule answer_questions:
    """Answer the five questions of a study from its results."""
    input:
        families=rules.fit_families.output.pooled,
        scaling=rules.fit_scaling.output.netcdf,
        sensitivity=rules.fit_scaling.output.sensitivity,
        collapse=rules.collapse_curves.output.collapse,
        crossings=rules.collapse_curves.output.crossings,
        limits=rules.compare_limits.output.netcdf,
    output:
        json="results/{noise_study}/findings.json",
    log:
        "logs/{noise_study}/answer_questions.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("answer_questions.py", "analysis.yaml"),
    script:
        "../../scripts/answer_questions.py"


rule compare_readings:
    """Compare the transitions of a study with those under other readings of the papers."""
    input:
        fits_of_readings,
    output:
        csv=report(
            "results/{noise_study}/readings.csv",
            caption="../../report/noise/readings.rst",
            category="{noise_study}",
            labels={"data set": "all", "figure": "table: readings of the papers"},
        ),
        json="results/{noise_study}/readings.json",
    log:
        "logs/{noise_study}/compare_readings.log",
    wildcard_constraints:
        noise_study=one_of(filter(has_readings, config["studies"]["noise"])),
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        readings=readings_of,
        code=code_digest("compare_readings.py", "analysis.yaml"),
    script:
        "../../scripts/compare_readings.py"
