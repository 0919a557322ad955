"""Spectral densities: inverted, compared, drawn."""


rule invert_by_entropy:
    """Find densities of largest entropy from Green's functions of one noise level."""
    output:
        found="results/{spectral_study}/runs/entropy/times{times}/level{level}/seed{seed}.nc",
        cost="results/{spectral_study}/costs/entropy/times{times}/level{level}/seed{seed}.nc",
    log:
        "logs/{spectral_study}/invert_by_entropy/times{times}/level{level}/seed{seed}.log",
    conda:
        "../../../envs/spectral.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=inversion_settings,
        code=code_digest("invert_by_entropy.py", "spectral.yaml"),
    script:
        "../../scripts/invert_by_entropy.py"


rule invert_by_network:
    """Train networks on Green's functions of one noise level, and infer densities by them."""
    output:
        found="results/{spectral_study}/runs/network/times{times}/level{level}/seed{seed}.nc",
        cost="results/{spectral_study}/costs/network/times{times}/level{level}/seed{seed}.nc",
    log:
        "logs/{spectral_study}/invert_by_network/times{times}/level{level}/seed{seed}.log",
    conda:
        "../../../envs/spectral.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=network_inversion_settings,
        code=code_digest("invert_by_network.py", "spectral.yaml"),
    script:
        "../../scripts/invert_by_network.py"


rule join_inversions:
    """Join all inversions of a study, and their CPU cost."""
    input:
        found=files_of_inversions("found"),
        costs=files_of_inversions("cost"),
    output:
        inversions="results/{spectral_study}/inversions.nc",
        costs="results/{spectral_study}/costs.nc",
    log:
        "logs/{spectral_study}/join_inversions.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("join_inversions.py", "analysis.yaml"),
    script:
        "../../scripts/join_inversions.py"


rule compare_inversions:
    """Locate the noise level at which densities are lost."""
    input:
        inversions=rules.join_inversions.output.inversions,
        costs=rules.join_inversions.output.costs,
    output:
        transition="results/{spectral_study}/recoverability.nc",
        csv="results/{spectral_study}/recoverability.csv",
        findings="results/{spectral_study}/findings.json",
        verdicts="results/{spectral_study}/verdicts.json",
    log:
        "logs/{spectral_study}/compare_inversions.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        recovered=lookup(dpath="studies/spectral/{spectral_study}/recovered", within=config),
        quoted=lookup(dpath="studies/spectral/{spectral_study}/quoted", within=config),
        code=code_digest("compare_inversions.py", "analysis.yaml"),
    script:
        "../../scripts/compare_inversions.py"


rule plot_inversions:
    """Draw examples, errors, the end of recovery and exact systems."""
    input:
        inversions=rules.join_inversions.output.inversions,
        transition=rules.compare_inversions.output.transition,
    output:
        examples_svg=report(
            "results/{spectral_study}/figures/examples.svg",
            caption="../../report/spectral/examples.rst",
            category="{spectral_study}",
            labels={"data set": "spectral densities", "figure": "1 examples"},
        ),
        examples_png="results/{spectral_study}/figures/examples.png",
        comparison_svg=report(
            "results/{spectral_study}/figures/comparison.svg",
            caption="../../report/spectral/comparison.rst",
            category="{spectral_study}",
            labels={"data set": "spectral densities", "figure": "2 errors"},
        ),
        comparison_png="results/{spectral_study}/figures/comparison.png",
        recoverability_svg=report(
            "results/{spectral_study}/figures/recoverability.svg",
            caption="../../report/spectral/recoverability.rst",
            category="{spectral_study}",
            labels={"data set": "spectral densities", "figure": "3 recoverability"},
        ),
        recoverability_png="results/{spectral_study}/figures/recoverability.png",
        exact_systems_svg=report(
            "results/{spectral_study}/figures/exact_systems.svg",
            caption="../../report/spectral/exact_systems.rst",
            category="{spectral_study}",
            labels={"data set": "spectral densities", "figure": "4 exact systems"},
        ),
        exact_systems_png="results/{spectral_study}/figures/exact_systems.png",
    log:
        "logs/{spectral_study}/plot_inversions.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_inversions.py", "analysis.yaml"),
    script:
        "../../scripts/plot_inversions.py"
