"""Run cubes are packed beside the page of their study, and taken from there without training."""


rule keep_cubes:
    """Pack the run cubes of a finished study, to be committed beside its page."""
    input:
        KEPT,
    output:
        [page(cube) for cube in KEPT],
    log:
        "logs/keep_cubes.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        study=what_was_run(config["keep"]),
        excerpts=excerpts(config["keep"]),
        code=code_digest("keep_cubes.py", "analysis.yaml"),
    script:
        "../../scripts/keep_cubes.py"


rule take_cubes:
    """Take the committed run cubes of a study in the place of its runs."""
    input:
        [page(cube) for cube in TAKEN],
    output:
        TAKEN,
    log:
        "logs/take_cubes.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        study=what_was_run(config["analyse"]),
        code=code_digest("take_cubes.py", "analysis.yaml"),
    script:
        "../../scripts/take_cubes.py"
