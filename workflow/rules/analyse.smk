rule aggregate_runs:
    """Join all run files of a study into its run cube, with statistics."""
    input:
        runs=study_files(rules.train_mlp.output.run),
    output:
        runs="results/{study}/runs.nc",
        statistics="results/{study}/statistics.nc",
    log:
        "logs/{study}/aggregate_runs.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("aggregate_runs.py", "analysis.yaml"),
    script:
        "../scripts/aggregate_runs.py"


rule aggregate_costs:
    """Join all cost files of a study, and tabulate what each size cost and reached."""
    input:
        costs=study_files(rules.train_mlp.output.cost),
        runs=rules.aggregate_runs.output.runs,
    output:
        costs="results/{study}/costs.nc",
        csv="results/{study}/costs.csv",
    log:
        "logs/{study}/aggregate_costs.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("aggregate_costs.py", "analysis.yaml"),
    script:
        "../scripts/aggregate_costs.py"


rule fit_transition:
    """Fit the sigmoid of every size: plateau, floor, kappa_c, width and goodness."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        netcdf="results/{study}/transition.nc",
        csv="results/{study}/transition.csv",
    log:
        "logs/{study}/fit_transition.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("fit_transition.py", "analysis.yaml"),
    script:
        "../scripts/fit_transition.py"


rule judge_claims:
    """Hold the claims of the source document against what was measured."""
    input:
        statistics=rules.aggregate_runs.output.statistics,
        transition=rules.fit_transition.output.netcdf,
    output:
        json="results/{study}/verdicts.json",
    log:
        "logs/{study}/judge_claims.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("judge_claims.py", "analysis.yaml"),
    script:
        "../scripts/judge_claims.py"


rule recommend_size:
    """Recommend the size of network for every noise level."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        netcdf="results/{study}/recommendation.nc",
        csv="results/{study}/recommendation.csv",
    log:
        "logs/{study}/recommend_size.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("recommend_size.py", "analysis.yaml"),
    script:
        "../scripts/recommend_size.py"
