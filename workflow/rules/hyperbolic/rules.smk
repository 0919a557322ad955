"""Ising models on hyperbolic tilings: simulated, and their transitions located."""


rule simulate_surfaces:
    """Simulate all closed surfaces of a tiling at one temperature."""
    output:
        runs="results/{hyperbolic_study}/runs/{tiling}/level{level}.nc",
        costs="results/{hyperbolic_study}/costs/{tiling}/level{level}.nc",
    log:
        "logs/{hyperbolic_study}/simulate_surfaces/{tiling}/level{level}.log",
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        level=temperature_level,
        tiling=tiling_settings,
        realisations=tiling_realisations,
        code=code_digest("simulate_surfaces.py", "train.yaml"),
    script:
        "../../scripts/simulate_surfaces.py"


rule aggregate_surfaces:
    """Join the simulations of all tilings and temperatures, and their CPU cost."""
    input:
        runs=files_of_surfaces(rules.simulate_surfaces.output.runs),
        costs=files_of_surfaces(rules.simulate_surfaces.output.costs),
    output:
        runs="results/{hyperbolic_study}/runs.nc",
        costs="results/{hyperbolic_study}/costs.nc",
    log:
        "logs/{hyperbolic_study}/aggregate_surfaces.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("aggregate_surfaces.py", "analysis.yaml"),
    script:
        "../../scripts/aggregate_surfaces.py"


rule locate_transition:
    """Find the critical temperature of a tiling from all its surfaces."""
    input:
        runs=rules.aggregate_surfaces.output.runs,
        costs=rules.aggregate_surfaces.output.costs,
    output:
        netcdf="results/{hyperbolic_study}/transitions/{tiling}.nc",
    log:
        "logs/{hyperbolic_study}/locate_transition/{tiling}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        smallest=smallest_surface,
        code=code_digest("locate_transition.py", "analysis.yaml"),
    script:
        "../../scripts/locate_transition.py"


rule grow_corners:
    """Find magnetisation and critical temperature of infinite lattices."""
    output:
        netcdf="results/{hyperbolic_study}/corners.nc",
    log:
        "logs/{hyperbolic_study}/grow_corners.log",
    benchmark:
        "benchmarks/jobs/{hyperbolic_study}/grow_corners.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        corners=corner_settings,
        code=code_digest("grow_corners.py", "train.yaml"),
    script:
        "../../scripts/grow_corners.py"


rule simulate_disc:
    """Simulate an open disc with a free and with a fixed boundary."""
    output:
        netcdf="results/{hyperbolic_study}/disc.nc",
    log:
        "logs/{hyperbolic_study}/simulate_disc.log",
    benchmark:
        "benchmarks/jobs/{hyperbolic_study}/simulate_disc.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        disc=disc_settings,
        code=code_digest("simulate_disc.py", "train.yaml"),
    script:
        "../../scripts/simulate_disc.py"


rule simulate_universes:
    """Simulate discrete gravity at all couplings and temperatures."""
    output:
        netcdf="results/{hyperbolic_study}/gravity.nc",
    log:
        "logs/{hyperbolic_study}/simulate_universes.log",
    benchmark:
        "benchmarks/jobs/{hyperbolic_study}/simulate_universes.tsv"
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        gravity=gravity_settings,
        code=code_digest("simulate_universes.py", "train.yaml"),
    script:
        "../../scripts/simulate_universes.py"


rule judge_tilings:
    """State the findings on hyperbolic tilings, and judge the claims about them."""
    input:
        transitions=transitions_of_study,
        corners=rules.grow_corners.output.netcdf,
        disc=rules.simulate_disc.output.netcdf,
        gravity=rules.simulate_universes.output.netcdf,
    output:
        findings="results/{hyperbolic_study}/findings.json",
        verdicts="results/{hyperbolic_study}/verdicts.json",
        csv="results/{hyperbolic_study}/tilings.csv",
    log:
        "logs/{hyperbolic_study}/judge_tilings.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("judge_tilings.py", "analysis.yaml"),
    script:
        "../../scripts/judge_tilings.py"
