"""A figure is added from outside the tree: a function, a rule and a caption."""

FUNCTIONS = "workflow/scripts/netphase/figures/noise.py"
RULES = "workflow/rules/noise/plot.smk"
CAPTION = "workflow/report/noise/learning.rst"
FIGURE = "results/tiny/figures/digits_learning.svg"

FUNCTION = '''

def learning(runs: xr.Dataset) -> Figure:
    """Mean epochs of training against noise."""
    figure = Figure(figsize=(3.4, 2.4))
    ax = figure.subplots()
    epochs = runs.epochs.mean(["model", "realisation"])
    ax.plot(runs.kappa, epochs.transpose("step", "size"), "o-")
    ax.set(xscale="log", xlabel="noise-to-signal ratio", ylabel="epochs")
    return figure
'''
RULE = '''

rule plot_learning:
    """Draw how long training lasts at every noise level."""
    input:
        runs=rules.aggregate_runs.output.runs,
    output:
        svg=report(
            "results/{noise_study}/figures/{dataset}_learning.svg",
            caption="../../report/noise/learning.rst",
            category="{noise_study}",
            labels={"data set": "{dataset}", "figure": "learning"},
        ),
        png="results/{noise_study}/figures/{dataset}_learning.png",
    log:
        "logs/{noise_study}/plot_learning/{dataset}.log",
    localrule: True
    conda:
        "../../../envs/analysis.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        figure=imported("netphase.figures.noise:learning"),
        code=code_digest("plot_tables.py", "analysis.yaml"),
    script:
        "../../scripts/plot_tables.py"
'''


def append(path, text):
    path.write_text(path.read_text() + text)


def test_a_figure_takes_three_files_and_reruns_with_its_function_alone(clone, touched):
    append(clone / FUNCTIONS, FUNCTION)
    append(clone / RULES, RULE)
    (clone / CAPTION).write_text("Epochs of training on {{ snakemake.wildcards.dataset }}.\n")
    clone.snakemake("--cores", "2", FIGURE)
    assert (clone / FIGURE).stat().st_size > 5000
    assert touched(clone) == sorted([FUNCTIONS, RULES, CAPTION])

    functions = clone / FUNCTIONS
    functions.write_text(functions.read_text().replace('ylabel="epochs"', 'ylabel="duration"'))
    assert clone.plan(FIGURE).keys() == {"plot_learning"}
