"""Square lattices: simulated, joined, and the analysis calibrated by them."""


rule simulate_ising:
    """Simulate all lattices of a study at one temperature."""
    output:
        runs="results/{lattices_study}/runs/level{level}.nc",
        costs="results/{lattices_study}/costs/level{level}.nc",
    log:
        "logs/{lattices_study}/simulate_ising/level{level}.log",
    conda:
        "../../../envs/train.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        level=temperature_level,
        lattices=lattices,
        realisations=lattice_realisations,
        code=code_digest("simulate_ising.py", "train.yaml"),
    script:
        "../../scripts/simulate_ising.py"


rule aggregate_lattices:
    """Join the simulations of all temperatures, and their CPU cost."""
    input:
        runs=lattice_files(rules.simulate_ising.output.runs),
        costs=lattice_files(rules.simulate_ising.output.costs),
    output:
        runs="results/{lattices_study}/runs.nc",
        costs="results/{lattices_study}/costs.nc",
    log:
        "logs/{lattices_study}/aggregate_lattices.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("aggregate_lattices.py", "analysis.yaml"),
    script:
        "../../scripts/aggregate_lattices.py"


rule calibrate_analysis:
    """Compare the estimates of the analysis with the exactly known transition."""
    input:
        runs=rules.aggregate_lattices.output.runs,
        costs=rules.aggregate_lattices.output.costs,
    output:
        netcdf="results/{lattices_study}/calibration.nc",
        csv="results/{lattices_study}/calibration.csv",
        findings="results/{lattices_study}/findings.json",
        verdicts="results/{lattices_study}/verdicts.json",
    log:
        "logs/{lattices_study}/calibrate_analysis.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        smallest=lookup(dpath="studies/lattices/{lattices_study}/smallest", within=config),
        code=code_digest("calibrate_analysis.py", "analysis.yaml"),
    script:
        "../../scripts/calibrate_analysis.py"


rule plot_calibration:
    """Draw cumulants, collapse, crossings and magnetisation beside the exact values."""
    input:
        calibration=rules.calibrate_analysis.output.netcdf,
    output:
        svg=report(
            "results/{lattices_study}/figures/calibration.svg",
            caption="../../report/lattices/calibration.rst",
            category="{lattices_study}",
            labels={"data set": "Ising lattices", "figure": "1 calibration"},
        ),
        png="results/{lattices_study}/figures/calibration.png",
    log:
        "logs/{lattices_study}/plot_calibration.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_calibration.py", "analysis.yaml"),
    script:
        "../../scripts/plot_calibration.py"
