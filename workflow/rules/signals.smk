rule propagate_signals:
    """Take Gram spectra of images in all layers of random networks, of one seed."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        spectra="results/{signal_study}/spectra/{dataset}/seed{seed}.nc",
        cost="results/{signal_study}/costs/spectra/{dataset}/seed{seed}.nc",
    log:
        "logs/{signal_study}/propagate_signals/{dataset}/seed{seed}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        network=network_of_signals,
        settings=lookup(dpath="signal_studies/{signal_study}/spectra", within=config),
        code=code_digest("propagate_signals.py", "analysis.yaml"),
    script:
        "../scripts/propagate_signals.py"


rule reconstruct_cascade:
    """Reconstruct images from all layers of random networks by ridge regressions, of one seed."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cascade="results/{signal_study}/cascades/ridge/{dataset}/seed{seed}.nc",
        cost="results/{signal_study}/costs/ridge/{dataset}/seed{seed}.nc",
    log:
        "logs/{signal_study}/reconstruct_cascade/{dataset}/seed{seed}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        network=network_of_signals,
        settings=cascade_settings,
        code=code_digest("reconstruct_cascade.py", "analysis.yaml"),
    script:
        "../scripts/reconstruct_cascade.py"


rule train_decoders:
    """Reconstruct images by decoders that are trained step by step, in networks of one seed."""
    input:
        dataset=rules.download_dataset.output.netcdf,
    output:
        cascade="results/{signal_study}/cascades/adam/{dataset}/seed{seed}.nc",
        cost="results/{signal_study}/costs/adam/{dataset}/seed{seed}.nc",
    log:
        "logs/{signal_study}/train_decoders/{dataset}/seed{seed}.log",
    benchmark:
        "benchmarks/jobs/{signal_study}/train_decoders/{dataset}/seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
    params:
        network=network_of_signals,
        settings=cascade_settings,
        training=decoder_settings,
        code=code_digest("train_decoders.py", "torch.yaml"),
    script:
        "../scripts/train_decoders.py"


rule join_signals:
    """Join the Gram spectra of all networks, and find the critical weight variance."""
    input:
        spectra=spectra_of_study,
    output:
        signals="results/{signal_study}/signals.nc",
    log:
        "logs/{signal_study}/join_signals.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        bias_variance=lookup(dpath="signal_studies/{signal_study}/bias_variance", within=config),
        code=code_digest("join_signals.py", "analysis.yaml"),
    script:
        "../scripts/join_signals.py"


rule join_cascades:
    """Join the cascades of all networks, and find which variance lets images the deepest."""
    input:
        cascades=cascades_of_study,
    output:
        cascade="results/{signal_study}/cascade.nc",
    log:
        "logs/{signal_study}/join_cascades.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        tolerance=lookup(dpath="signal_studies/{signal_study}/cascade/tolerance", within=config),
        code=code_digest("join_cascades.py", "analysis.yaml"),
    script:
        "../scripts/join_cascades.py"


rule plot_mean_field:
    """Draw the phase diagram of random networks, and the depth of signals."""
    input:
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{signal_study}/figures/mean_field.svg",
            caption="../report/signals.rst",
            category="{signal_study}",
            labels={"data set": "all", "figure": "1 mean field"},
        ),
        png="results/{signal_study}/figures/mean_field.png",
    log:
        "logs/{signal_study}/plot_mean_field.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        bias_variance=lookup(dpath="signal_studies/{signal_study}/bias_variance", within=config),
        code=code_digest("plot_mean_field.py", "analysis.yaml"),
    script:
        "../scripts/plot_mean_field.py"


rule plot_spectra:
    """Draw the entropy and the gap of Gram spectra across the layers."""
    input:
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{signal_study}/figures/{dataset}_spectra.svg",
            caption="../report/signals.rst",
            category="{signal_study}",
            labels={"data set": "{dataset}", "figure": "2 spectra"},
        ),
        png="results/{signal_study}/figures/{dataset}_spectra.png",
    log:
        "logs/{signal_study}/plot_spectra/{dataset}.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_spectra.py", "analysis.yaml"),
    script:
        "../scripts/plot_spectra.py"


rule plot_cascade:
    """Draw how well images are reconstructed from each layer of all networks."""
    input:
        cascade=rules.join_cascades.output.cascade,
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{signal_study}/figures/{dataset}_cascade.svg",
            caption="../report/signals.rst",
            category="{signal_study}",
            labels={"data set": "{dataset}", "figure": "3 cascade"},
        ),
        png="results/{signal_study}/figures/{dataset}_cascade.png",
    log:
        "logs/{signal_study}/plot_cascade/{dataset}.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_cascade.py", "analysis.yaml"),
    script:
        "../scripts/plot_cascade.py"


rule plot_strips:
    """Draw images, and what is left of them in the layers of a network of each phase."""
    input:
        cascade=first_cascade,
        signals=rules.join_signals.output.signals,
    output:
        svg=report(
            "results/{signal_study}/figures/{dataset}_strips.svg",
            caption="../report/signals.rst",
            category="{signal_study}",
            labels={"data set": "{dataset}", "figure": "4 strips"},
        ),
        png="results/{signal_study}/figures/{dataset}_strips.png",
    log:
        "logs/{signal_study}/plot_strips/{dataset}.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("plot_strips.py", "analysis.yaml"),
    script:
        "../scripts/plot_strips.py"


rule judge_signals:
    """Say what signals in random networks tell: answers, and a verdict on every claim."""
    input:
        unpack(trainability_results),
        signals=rules.join_signals.output.signals,
        cascade=rules.join_cascades.output.cascade,
    output:
        findings="results/{signal_study}/findings.json",
        verdicts="results/{signal_study}/verdicts.json",
    log:
        "logs/{signal_study}/judge_signals.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        code=code_digest("judge_signals.py", "analysis.yaml"),
    script:
        "../scripts/judge_signals.py"
