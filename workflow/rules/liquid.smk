rule project_images:
    """Bring the images of a study to their principal components."""
    input:
        dataset=dataset_of_weights,
    output:
        inputs="results/{weight_study}/inputs.nc",
    log:
        "logs/{weight_study}/project_images.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        components=lookup(dpath="weight_studies/{weight_study}/components", within=config),
        code=code_digest("project_images.py", "analysis.yaml"),
    script:
        "../scripts/project_images.py"


rule train_binary_networks:
    """Train a chunk of binary networks, and keep the best weights of each."""
    input:
        inputs=rules.project_images.output.inputs,
    output:
        networks="results/{weight_study}/networks/{scenario}/from{first}.nc",
        cost="results/{weight_study}/costs/{scenario}/from{first}.nc",
    log:
        "logs/{weight_study}/train_binary_networks/{scenario}/from{first}.log",
    benchmark:
        "benchmarks/jobs/{weight_study}/train_binary_networks/{scenario}/from{first}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
    params:
        trials=trials_of_job,
        dataset=lookup(dpath="weight_studies/{weight_study}/dataset", within=config),
        settings=scenario_settings,
        code=code_digest("train_binary_networks.py", "train.yaml"),
    script:
        "../scripts/train_binary_networks.py"


rule select_networks:
    """Join the networks of a scenario, and keep the accurate ones that differ."""
    input:
        networks=chunk_files(rules.train_binary_networks.output.networks),
        costs=chunk_files(rules.train_binary_networks.output.cost),
    output:
        ensemble="results/{weight_study}/ensembles/{scenario}.nc",
        cost="results/{weight_study}/costs/{scenario}.nc",
    log:
        "logs/{weight_study}/select_networks/{scenario}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        accept=lookup(
            dpath="weight_studies/{weight_study}/scenarios/{scenario}/accept", within=config
        ),
        code=code_digest("select_networks.py", "analysis.yaml"),
    script:
        "../scripts/select_networks.py"


rule describe_cloud:
    """Where the trained networks lie among all configurations of their weights."""
    input:
        ensemble=rules.select_networks.output.ensemble,
    output:
        cloud="results/{weight_study}/clouds/{scenario}.nc",
    log:
        "logs/{weight_study}/describe_cloud/{scenario}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("describe_cloud.py", "analysis.yaml"),
    script:
        "../scripts/describe_cloud.py"


rule infer_model:
    """Infer the Ising model of the weights of a block by one method."""
    input:
        ensemble=rules.select_networks.output.ensemble,
    output:
        model="results/{weight_study}/models/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/infer_model/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(240),
    params:
        symmetrise=lookup(dpath="weight_studies/{weight_study}/symmetrise", within=config),
        options=method_options,
        code=code_digest("infer_model.py", "analysis.yaml"),
    script:
        "../scripts/infer_model.py"


rule explore_landscape:
    """Entropy landscapes of a model around networks of three energy bands."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        landscape="results/{weight_study}/landscapes/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/explore_landscape/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(480),
    params:
        references=lookup(dpath="weight_studies/{weight_study}/references", within=config),
        fields=lookup(dpath="weight_studies/{weight_study}/fields", within=config),
        code=code_digest("explore_landscape.py", "analysis.yaml"),
    script:
        "../scripts/explore_landscape.py"


rule find_states:
    """States of a model by the TAP equations, and the drift of chains from low energies."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
        inputs=rules.project_images.output.inputs,
    output:
        states="results/{weight_study}/states/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/find_states/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        references=lookup(dpath="weight_studies/{weight_study}/references", within=config),
        starts=lookup(dpath="weight_studies/{weight_study}/starts", within=config),
        sweeps=lookup(dpath="weight_studies/{weight_study}/sweeps", within=config),
        scored=lookup(
            dpath="weight_studies/{weight_study}/scenarios/{scenario}/scored", within=config
        ),
        variant=lookup(dpath="weight_studies/{weight_study}/variant", within=config),
        code=code_digest("find_states.py", "analysis.yaml"),
    script:
        "../scripts/find_states.py"


rule integrate_entropy:
    """Entropy of a model by thermodynamic integration, with the scatter of parts."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        entropy="results/{weight_study}/entropies/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/integrate_entropy/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(480),
    params:
        parts=lookup(dpath="weight_studies/{weight_study}/parts", within=config),
        options=method_options,
        code=code_digest("integrate_entropy.py", "analysis.yaml"),
    script:
        "../scripts/integrate_entropy.py"


rule trace_iso_energy:
    """Entropy landscapes among the configurations that have the energy of their reference."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        landscape="results/{weight_study}/iso_energy/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/trace_iso_energy/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(480),
    params:
        references=lookup(
            dpath="weight_studies/{weight_study}/iso_energy/references", within=config
        ),
        fields=lookup(dpath="weight_studies/{weight_study}/iso_energy/fields", within=config),
        code=code_digest("trace_iso_energy.py", "analysis.yaml"),
    script:
        "../scripts/trace_iso_energy.py"


rule sweep_field:
    """Distances from networks in a field towards them, by Markov chains."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        distances="results/{weight_study}/field_sweeps/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/sweep_field/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(480),
    params:
        references=lookup(dpath="weight_studies/{weight_study}/references", within=config),
        fields=lookup(dpath="weight_studies/{weight_study}/fields", within=config),
        code=code_digest("sweep_field.py", "analysis.yaml"),
    script:
        "../scripts/sweep_field.py"


rule rename_units:
    """Entropies of networks whose hidden units stand in order, and of mixtures with copies."""
    input:
        ensemble=rules.select_networks.output.ensemble,
        inputs=rules.project_images.output.inputs,
    output:
        entropies="results/{weight_study}/renaming/{scenario}/{method}.nc",
    log:
        "logs/{weight_study}/rename_units/{scenario}/{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(480),
    params:
        ratios=lookup(dpath="weight_studies/{weight_study}/renaming/ratios", within=config),
        label=lookup(dpath="weight_studies/{weight_study}/renaming/class", within=config),
        options=method_options,
        code=code_digest("rename_units.py", "analysis.yaml"),
    script:
        "../scripts/rename_units.py"


rule compare_triples:
    """Correlations of three weights, in the networks and in their model."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        triples="results/{weight_study}/triples/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weight_study}/compare_triples/{scenario}/{block}_{method}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(240),
    params:
        weights=lookup(dpath="weight_studies/{weight_study}/triples/weights", within=config),
        samples=lookup(dpath="weight_studies/{weight_study}/triples/samples", within=config),
        code=code_digest("compare_triples.py", "analysis.yaml"),
    script:
        "../scripts/compare_triples.py"


# What is drawn of a scenario, and the files that it is drawn from.
VIEWS = {
    "parameters": rules.infer_model.output.model,
    "quality": rules.infer_model.output.model,
    "landscapes": rules.explore_landscape.output.landscape,
    "distances": rules.explore_landscape.output.landscape,
    "states": rules.find_states.output.states,
    "relaxation": rules.find_states.output.states,
    "entropies": rules.integrate_entropy.output.entropy,
    "iso_energy": rules.trace_iso_energy.output.landscape,
    "triples": rules.compare_triples.output.triples,
    "field_sweeps": rules.sweep_field.output.distances,
    "renaming": rules.rename_units.output.entropies,
}


rule plot_weights:
    """Draw one view of the weights of a scenario, by all methods of inference."""
    input:
        found=files_of_view,
    output:
        svg=report(
            "results/{weight_study}/figures/{scenario}_{view}.svg",
            caption="../report/weights.rst",
            category="{weight_study}",
            labels={"scenario": "{scenario}", "figure": "{view}"},
        ),
        png="results/{weight_study}/figures/{scenario}_{view}.png",
    log:
        "logs/{weight_study}/plot_weights/{scenario}_{view}.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        code=code_digest("plot_weights.py", "analysis.yaml"),
    script:
        "../scripts/plot_weights.py"


rule plot_accuracies:
    """Draw the accuracies of the networks of all scenarios."""
    input:
        ensembles=ensembles_of_study,
    output:
        svg=report(
            "results/{weight_study}/figures/accuracies.svg",
            caption="../report/weights.rst",
            category="{weight_study}",
            labels={"scenario": "all", "figure": "accuracies"},
        ),
        png="results/{weight_study}/figures/accuracies.png",
    log:
        "logs/{weight_study}/plot_accuracies.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        scenarios=scenarios_of_study,
        code=code_digest("plot_accuracies.py", "analysis.yaml"),
    script:
        "../scripts/plot_accuracies.py"


rule plot_clouds:
    """Draw where the networks of all scenarios lie among all configurations."""
    input:
        clouds=clouds_of_study,
    output:
        svg=report(
            "results/{weight_study}/figures/clouds.svg",
            caption="../report/weights.rst",
            category="{weight_study}",
            labels={"scenario": "all", "figure": "clouds"},
        ),
        png="results/{weight_study}/figures/clouds.png",
    log:
        "logs/{weight_study}/plot_clouds.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        scenarios=scenarios_of_study,
        code=code_digest("plot_clouds.py", "analysis.yaml"),
    script:
        "../scripts/plot_clouds.py"


rule judge_weights:
    """Say what an ensemble tells: answers, a verdict on every claim, and one table."""
    input:
        ensembles=ensembles_of_study,
        costs=costs_of_ensembles,
        clouds=clouds_of_study,
        models=files_of_kind("parameters"),
        landscapes=files_of_kind("landscapes"),
        states=files_of_kind("states"),
        entropies=files_of_kind("entropies"),
        triples=files_of_kind("triples"),
        field_sweeps=files_of_kind("field_sweeps"),
        renaming=files_of_kind("renaming"),
        others=compared_extensions,
    output:
        findings="results/{weight_study}/findings.json",
        verdicts="results/{weight_study}/verdicts.json",
        csv="results/{weight_study}/models.csv",
    log:
        "logs/{weight_study}/judge_weights.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        scenarios=scenarios_of_study,
        names=models_of_kinds,
        code=code_digest("judge_weights.py", "analysis.yaml"),
    script:
        "../scripts/judge_weights.py"
