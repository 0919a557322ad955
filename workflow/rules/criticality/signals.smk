"""Signals in random deep networks."""


rule propagate_signals:
    """Compute Gram spectra of images in all layers of random networks, of one seed."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        spectra="results/{criticality_study}/spectra/{dataset}/seed{seed}.nc",
        cost="results/{criticality_study}/costs/spectra/{dataset}/seed{seed}.nc",
    log:
        "logs/{criticality_study}/propagate_signals/{dataset}/seed{seed}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        network=network_of_signals,
        settings=lookup(dpath="studies/criticality/{criticality_study}/spectra", within=config),
        code=code_digest("propagate_signals.py", "analysis.yaml"),
    script:
        "../../scripts/propagate_signals.py"


rule reconstruct_cascade:
    """Reconstruct images from all layers of random networks by ridge regressions, of one seed."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cascade="results/{criticality_study}/cascades/ridge/{dataset}/seed{seed}.nc",
        cost="results/{criticality_study}/costs/ridge/{dataset}/seed{seed}.nc",
    log:
        "logs/{criticality_study}/reconstruct_cascade/{dataset}/seed{seed}.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        network=network_of_signals,
        settings=cascade_settings,
        code=code_digest("reconstruct_cascade.py", "analysis.yaml"),
    script:
        "../../scripts/reconstruct_cascade.py"


rule train_decoders:
    """Reconstruct images by decoders that are trained by Adam, in networks of one seed."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cascade="results/{criticality_study}/cascades/adam/{dataset}/seed{seed}.nc",
        cost="results/{criticality_study}/costs/adam/{dataset}/seed{seed}.nc",
    log:
        "logs/{criticality_study}/train_decoders/{dataset}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{criticality_study}/train_decoders/{dataset}/seed{seed}.tsv"
    conda:
        "../../../envs/torch.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
    params:
        network=network_of_signals,
        settings=cascade_settings,
        training=decoder_settings,
        code=code_digest("train_decoders.py", "torch.yaml"),
    script:
        "../../scripts/train_decoders.py"


rule join_signals:
    """Join the Gram spectra of all networks, and find the critical weight variance."""
    input:
        spectra=spectra_of_study,
    output:
        signals="results/{criticality_study}/signals.nc",
    log:
        "logs/{criticality_study}/join_signals.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        bias_variance=lookup(
            dpath="studies/criticality/{criticality_study}/bias_variance", within=config
        ),
        code=code_digest("join_signals.py", "analysis.yaml"),
    script:
        "../../scripts/join_signals.py"


rule join_cascades:
    """Join the cascades of all networks, and find their cutoffs and optimal weight variances."""
    input:
        cascades=cascades_of_study,
    output:
        cascade="results/{criticality_study}/cascade.nc",
    log:
        "logs/{criticality_study}/join_cascades.log",
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        tolerance=lookup(
            dpath="studies/criticality/{criticality_study}/cascade/tolerance", within=config
        ),
        code=code_digest("join_cascades.py", "analysis.yaml"),
    script:
        "../../scripts/join_cascades.py"


rule judge_signals:
    """State the findings on signals in random networks: answers, and a verdict on every claim."""
    input:
        unpack(trainability_results),
        signals=rules.join_signals.output.signals,
        cascade=rules.join_cascades.output.cascade,
    output:
        findings="results/{criticality_study}/findings.json",
        verdicts="results/{criticality_study}/verdicts.json",
    log:
        "logs/{criticality_study}/judge_signals.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("judge_signals.py", "analysis.yaml"),
    script:
        "../../scripts/judge_signals.py"
