rule simulate_surfaces:
    """Simulate all closed surfaces of a tiling at one temperature."""
    output:
        runs="results/{tiling_study}/runs/{tiling}/level{level}.nc",
        costs="results/{tiling_study}/costs/{tiling}/level{level}.nc",
    log:
        "logs/{tiling_study}/simulate_surfaces/{tiling}/level{level}.log",
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        level=temperature_level,
        tiling=tiling_settings,
        realisations=tiling_realisations,
        code=code_digest("simulate_surfaces.py", "train.yaml"),
    script:
        "../scripts/simulate_surfaces.py"


rule aggregate_surfaces:
    """Join the simulations of all tilings and temperatures, and what they cost."""
    input:
        runs=files_of_surfaces(rules.simulate_surfaces.output.runs),
        costs=files_of_surfaces(rules.simulate_surfaces.output.costs),
    output:
        runs="results/{tiling_study}/runs.nc",
        costs="results/{tiling_study}/costs.nc",
    log:
        "logs/{tiling_study}/aggregate_surfaces.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("aggregate_surfaces.py", "analysis.yaml"),
    script:
        "../scripts/aggregate_surfaces.py"


rule locate_transition:
    """Find the critical temperature of a tiling from all its surfaces."""
    input:
        runs=rules.aggregate_surfaces.output.runs,
        costs=rules.aggregate_surfaces.output.costs,
    output:
        netcdf="results/{tiling_study}/transitions/{tiling}.nc",
    log:
        "logs/{tiling_study}/locate_transition/{tiling}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        smallest=smallest_surface,
        code=code_digest("locate_transition.py", "analysis.yaml"),
    script:
        "../scripts/locate_transition.py"


rule grow_corners:
    """Find magnetisation and critical temperature of infinite lattices."""
    output:
        netcdf="results/{tiling_study}/corners.nc",
    log:
        "logs/{tiling_study}/grow_corners.log",
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        corners=corner_settings,
        code=code_digest("grow_corners.py", "train.yaml"),
    script:
        "../scripts/grow_corners.py"


rule simulate_disc:
    """Simulate an open disc with a free and with a fixed boundary."""
    output:
        netcdf="results/{tiling_study}/disc.nc",
    log:
        "logs/{tiling_study}/simulate_disc.log",
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        disc=disc_settings,
        code=code_digest("simulate_disc.py", "train.yaml"),
    script:
        "../scripts/simulate_disc.py"


rule simulate_universes:
    """Simulate a universe of discrete gravity at all couplings and temperatures."""
    output:
        netcdf="results/{tiling_study}/gravity.nc",
    log:
        "logs/{tiling_study}/simulate_universes.log",
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        gravity=gravity_settings,
        code=code_digest("simulate_universes.py", "train.yaml"),
    script:
        "../scripts/simulate_universes.py"


rule judge_tilings:
    """Say what the tilings tell, and judge the claims about them."""
    input:
        transitions=transitions_of_study,
        corners=rules.grow_corners.output.netcdf,
        disc=rules.simulate_disc.output.netcdf,
        gravity=rules.simulate_universes.output.netcdf,
    output:
        findings="results/{tiling_study}/findings.json",
        verdicts="results/{tiling_study}/verdicts.json",
        csv="results/{tiling_study}/tilings.csv",
    log:
        "logs/{tiling_study}/judge_tilings.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("judge_tilings.py", "analysis.yaml"),
    script:
        "../scripts/judge_tilings.py"


rule plot_tiling_transition:
    """Draw how the transition of a tiling was found."""
    input:
        transition=rules.locate_transition.output.netcdf,
        corners=rules.grow_corners.output.netcdf,
    output:
        svg=report(
            "results/{tiling_study}/figures/{tiling}_transition.svg",
            caption="../report/tiling_transition.rst",
            category="{tiling_study}",
            labels={"data set": "{tiling}", "figure": "1 transition"},
        ),
        png="results/{tiling_study}/figures/{tiling}_transition.png",
    log:
        "logs/{tiling_study}/plot_tiling_transition/{tiling}.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_tiling_transition.py", "analysis.yaml"),
    script:
        "../scripts/plot_tiling_transition.py"


rule plot_bulk_and_boundary:
    """Draw the magnetisation of the bulk beside that of an open disc."""
    input:
        transitions=transitions_of_study,
        corners=rules.grow_corners.output.netcdf,
        disc=rules.simulate_disc.output.netcdf,
    output:
        svg=report(
            "results/{tiling_study}/figures/bulk_and_boundary.svg",
            caption="../report/bulk_and_boundary.rst",
            category="{tiling_study}",
            labels={"data set": "all tilings", "figure": "2 bulk and boundary"},
        ),
        png="results/{tiling_study}/figures/bulk_and_boundary.png",
    log:
        "logs/{tiling_study}/plot_bulk_and_boundary.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_bulk_and_boundary.py", "analysis.yaml"),
    script:
        "../scripts/plot_bulk_and_boundary.py"


rule plot_poincare_discs:
    """Draw the spins of an open disc in the Poincaré disc."""
    input:
        disc=rules.simulate_disc.output.netcdf,
        corners=rules.grow_corners.output.netcdf,
    output:
        svg=report(
            "results/{tiling_study}/figures/poincare_discs.svg",
            caption="../report/poincare_discs.rst",
            category="{tiling_study}",
            labels={"data set": "open disc", "figure": "3 spins of a disc"},
        ),
        png="results/{tiling_study}/figures/poincare_discs.png",
    log:
        "logs/{tiling_study}/plot_poincare_discs.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_poincare_discs.py", "analysis.yaml"),
    script:
        "../scripts/plot_poincare_discs.py"


rule plot_universes:
    """Draw area and wall of universes of discrete gravity, and three of them."""
    input:
        gravity=rules.simulate_universes.output.netcdf,
    output:
        svg=report(
            "results/{tiling_study}/figures/universes.svg",
            caption="../report/universes.rst",
            category="{tiling_study}",
            labels={"data set": "discrete gravity", "figure": "4 universes"},
        ),
        png="results/{tiling_study}/figures/universes.png",
    log:
        "logs/{tiling_study}/plot_universes.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_universes.py", "analysis.yaml"),
    script:
        "../scripts/plot_universes.py"
