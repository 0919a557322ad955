"""Figures of hyperbolic tilings."""


rule plot_tiling_transition:
    """Draw the analysis that locates the transition of a tiling."""
    input:
        transition=rules.locate_transition.output.netcdf,
        corners=rules.grow_corners.output.netcdf,
    output:
        svg=report(
            "results/{hyperbolic_study}/figures/{tiling}_transition.svg",
            caption="../../report/hyperbolic/transition.rst",
            category="{hyperbolic_study}",
            labels={"data set": "{tiling}", "figure": "1 transition"},
        ),
        png="results/{hyperbolic_study}/figures/{tiling}_transition.png",
    log:
        "logs/{hyperbolic_study}/plot_tiling_transition/{tiling}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_tiling_transition.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tiling_transition.py"


rule plot_bulk_and_boundary:
    """Draw the magnetisation of the bulk beside that of an open disc."""
    input:
        transitions=transitions_of_study,
        corners=rules.grow_corners.output.netcdf,
        disc=rules.simulate_disc.output.netcdf,
    output:
        svg=report(
            "results/{hyperbolic_study}/figures/bulk_and_boundary.svg",
            caption="../../report/hyperbolic/bulk_and_boundary.rst",
            category="{hyperbolic_study}",
            labels={"data set": "all tilings", "figure": "2 bulk and boundary"},
        ),
        png="results/{hyperbolic_study}/figures/bulk_and_boundary.png",
    log:
        "logs/{hyperbolic_study}/plot_bulk_and_boundary.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_bulk_and_boundary.py", "analysis.yaml"),
    script:
        "../../scripts/plot_bulk_and_boundary.py"


rule plot_poincare_discs:
    """Draw the spins of an open disc in the Poincaré disc."""
    input:
        disc=rules.simulate_disc.output.netcdf,
        corners=rules.grow_corners.output.netcdf,
    output:
        svg=report(
            "results/{hyperbolic_study}/figures/poincare_discs.svg",
            caption="../../report/hyperbolic/poincare_discs.rst",
            category="{hyperbolic_study}",
            labels={"data set": "open disc", "figure": "3 spins of a disc"},
        ),
        png="results/{hyperbolic_study}/figures/poincare_discs.png",
    log:
        "logs/{hyperbolic_study}/plot_poincare_discs.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_poincare_discs.py", "analysis.yaml"),
    script:
        "../../scripts/plot_poincare_discs.py"


rule plot_universes:
    """Draw area and wall of discrete gravity, and three configurations."""
    input:
        gravity=rules.simulate_universes.output.netcdf,
    output:
        svg=report(
            "results/{hyperbolic_study}/figures/universes.svg",
            caption="../../report/hyperbolic/universes.rst",
            category="{hyperbolic_study}",
            labels={"data set": "discrete gravity", "figure": "4 universes"},
        ),
        png="results/{hyperbolic_study}/figures/universes.png",
    log:
        "logs/{hyperbolic_study}/plot_universes.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_universes.py", "analysis.yaml"),
    script:
        "../../scripts/plot_universes.py"
