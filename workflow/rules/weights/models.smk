"""Ising models of an ensemble, and the landscapes of its weights."""


rule infer_model:
    """Infer the Ising model of the weights of a block by one method."""
    input:
        ensemble=rules.select_networks.output.ensemble,
    output:
        model="results/{weights_study}/models/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/infer_model/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/infer_model/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(240),
    params:
        symmetrise=lookup(dpath="studies/weights/{weights_study}/symmetrise", within=config),
        options=method_options,
        code=code_digest("infer_model.py", "analysis.yaml"),
    script:
        "../../scripts/infer_model.py"


rule explore_landscape:
    """Compute entropy landscapes of a model around networks of three energy bands."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        landscape="results/{weights_study}/landscapes/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/explore_landscape/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/explore_landscape/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(480),
    params:
        references=lookup(dpath="studies/weights/{weights_study}/references", within=config),
        fields=lookup(dpath="studies/weights/{weights_study}/fields", within=config),
        code=code_digest("explore_landscape.py", "analysis.yaml"),
    script:
        "../../scripts/explore_landscape.py"


rule find_states:
    """Find states of a model by the TAP equations, and the drift of chains from low energies."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
        inputs=rules.project_images.output.inputs,
    output:
        states="results/{weights_study}/states/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/find_states/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/find_states/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        references=lookup(dpath="studies/weights/{weights_study}/references", within=config),
        starts=lookup(dpath="studies/weights/{weights_study}/starts", within=config),
        sweeps=lookup(dpath="studies/weights/{weights_study}/sweeps", within=config),
        scored=lookup(
            dpath="studies/weights/{weights_study}/scenarios/{scenario}/scored", within=config
        ),
        variant=lookup(dpath="studies/weights/{weights_study}/variant", within=config),
        code=code_digest("find_states.py", "analysis.yaml"),
    script:
        "../../scripts/find_states.py"


rule integrate_entropy:
    """Integrate the entropy of a model, with the scatter of parts of its ensemble."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        entropy="results/{weights_study}/entropies/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/integrate_entropy/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/integrate_entropy/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(480),
    params:
        parts=lookup(dpath="studies/weights/{weights_study}/parts", within=config),
        options=method_options,
        code=code_digest("integrate_entropy.py", "analysis.yaml"),
    script:
        "../../scripts/integrate_entropy.py"


rule trace_iso_energy:
    """Trace entropy landscapes among the configurations that have the energy of their reference."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        landscape="results/{weights_study}/iso_energy/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/trace_iso_energy/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/trace_iso_energy/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(480),
    params:
        references=lookup(
            dpath="studies/weights/{weights_study}/iso_energy/references", within=config
        ),
        fields=lookup(dpath="studies/weights/{weights_study}/iso_energy/fields", within=config),
        code=code_digest("trace_iso_energy.py", "analysis.yaml"),
    script:
        "../../scripts/trace_iso_energy.py"


rule sweep_field:
    """Measure distances from networks in a field towards them, by Markov chains."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        distances="results/{weights_study}/field_sweeps/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/sweep_field/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/sweep_field/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(480),
    params:
        references=lookup(dpath="studies/weights/{weights_study}/references", within=config),
        fields=lookup(dpath="studies/weights/{weights_study}/fields", within=config),
        code=code_digest("sweep_field.py", "analysis.yaml"),
    script:
        "../../scripts/sweep_field.py"


rule rename_units:
    """Compute entropies of networks with ordered hidden units, and with permuted copies."""
    input:
        ensemble=rules.select_networks.output.ensemble,
        inputs=rules.project_images.output.inputs,
    output:
        entropies="results/{weights_study}/renaming/{scenario}/{method}.nc",
    log:
        "logs/{weights_study}/rename_units/{scenario}/{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/rename_units/{scenario}/{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(480),
    params:
        ratios=lookup(dpath="studies/weights/{weights_study}/renaming/ratios", within=config),
        label=lookup(dpath="studies/weights/{weights_study}/renaming/class", within=config),
        options=method_options,
        code=code_digest("rename_units.py", "analysis.yaml"),
    script:
        "../../scripts/rename_units.py"


rule compare_triples:
    """Compare correlations of three weights in the networks and in their model."""
    input:
        model=rules.infer_model.output.model,
        ensemble=rules.select_networks.output.ensemble,
    output:
        triples="results/{weights_study}/triples/{scenario}/{block}_{method}.nc",
    log:
        "logs/{weights_study}/compare_triples/{scenario}/{block}_{method}.log",
    benchmark:
        "benchmarks/jobs/{weights_study}/compare_triples/{scenario}/{block}_{method}.tsv"
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(3000),
        runtime=growing(240),
    params:
        weights=lookup(dpath="studies/weights/{weights_study}/triples/weights", within=config),
        samples=lookup(dpath="studies/weights/{weights_study}/triples/samples", within=config),
        code=code_digest("compare_triples.py", "analysis.yaml"),
    script:
        "../../scripts/compare_triples.py"


# Views of a scenario, and the files that they are drawn from.
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


rule judge_weights:
    """State the findings on an ensemble: answers, a verdict on every claim, and a table."""
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
        findings="results/{weights_study}/findings.json",
        verdicts="results/{weights_study}/verdicts.json",
        csv="results/{weights_study}/models.csv",
    log:
        "logs/{weights_study}/judge_weights.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        scenarios=scenarios_of_study,
        names=models_of_kinds,
        code=code_digest("judge_weights.py", "analysis.yaml"),
    script:
        "../../scripts/judge_weights.py"
