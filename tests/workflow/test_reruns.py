"""Reruns after an edit, by dry runs after a real one: the affected jobs and no more."""

from collections import Counter

import pytest

NETPHASE = "workflow/scripts/netphase"
JOBS_PER_STEP = 2  # chunks of realisations

DATA = {"download_dataset"}
# Noise cubes are temporary: whoever trains again makes them again.
TRAIN = {"noise_dataset", "train_learner"}
JOIN = {"aggregate_runs", "summarise_runs", "aggregate_costs", "tabulate_costs"}
LIMIT = {"bound_information"}
SIGMOID = {"fit_transition", "judge_claims"}
FIT = SIGMOID | {
    "recommend_size",
    "fit_families",
    "fit_scaling",
    "collapse_curves",
    "compare_limits",
    "answer_questions",
}
IMAGES = {"plot_example", "plot_noise_levels"}
CURVES = {
    "plot_capacity",
    "plot_transition",
    "plot_collapse",
    "plot_cost",
    "plot_recommendation",
    "plot_scaling",
    "plot_collapse_map",
}
# Figures of netphase.figures.noise.
FIGURES_OF_NOISE = CURVES - {"plot_scaling", "plot_collapse_map"} | IMAGES
FROM_TRAINING = TRAIN | JOIN | FIT | CURVES
ALL = DATA | FROM_TRAINING | IMAGES | LIMIT


def change_code(workflow, path):
    with (workflow / path).open("a") as stream:
        stream.write("\n\nCHANGED = True\n")


def test_everything_is_planned_before_the_first_run(workflow):
    plan = workflow.plan()
    assert plan.keys() == ALL
    assert len(plan["noise_dataset"]) == len(plan["train_learner"]) == 2 * JOBS_PER_STEP


def test_nothing_changed(finished):
    assert finished.plan() == {}


def test_touched_code(finished):
    finished.touch_code()
    assert finished.plan() == {}


def test_comments_and_docstrings(finished):
    for path in (finished / "workflow/scripts").rglob("*.py"):
        _, docstring, code = path.read_text().split('"""', 2)
        if path.name == "streams.py":
            code = code.replace('    """', '    """In a function: ', 1)
        path.write_text(f'# A remark\n"""{docstring} More words."""\n\n\n{code}\n# The end\n')
    assert finished.plan() == {}


@pytest.mark.parametrize(
    ("path", "again"),
    [
        (f"{NETPHASE}/data/datasets.py", ALL),
        (f"{NETPHASE}/data/published.py", ALL),
        (f"{NETPHASE}/noise/cubes.py", FROM_TRAINING | LIMIT | {"plot_noise_levels"}),
        (f"{NETPHASE}/learners/perceptrons.py", FROM_TRAINING),
        (f"{NETPHASE}/learners/contract.py", FROM_TRAINING),
        # The one trains no model of this study, and the other is in no digest of a job.
        (f"{NETPHASE}/learners/sklearn_perceptrons.py", set()),
        (f"{NETPHASE}/learners/registry.py", set()),
        (f"{NETPHASE}/learners/scores.py", FROM_TRAINING),
        (f"{NETPHASE}/transitions/sigmoid.py", SIGMOID | FIGURES_OF_NOISE),
        (f"{NETPHASE}/findings/verdicts.py", {"judge_claims"}),
        (f"{NETPHASE}/findings/perceptrons.py", {"judge_claims"}),
        (f"{NETPHASE}/findings/noise.py", {"answer_questions"}),
        (f"{NETPHASE}/figures/noise.py", FIGURES_OF_NOISE),
        (f"{NETPHASE}/figures/style.py", CURVES | IMAGES),
        ("workflow/scripts/train_learner.py", FROM_TRAINING),
        ("workflow/scripts/plot_example.py", {"plot_example"}),
    ],
)
def test_edited_code(finished, path, again):
    change_code(finished, path)
    assert finished.plan().keys() == again


def test_changed_environment(finished):
    with (finished / "envs/train.yaml").open("a") as stream:
        stream.write("      - another==1.0\n")
    assert finished.plan().keys() == FROM_TRAINING


def test_new_realisations(finished):
    config = finished.config
    config["studies"]["noise"]["tiny"]["realisations"] = 5
    finished.config = config
    plan = finished.plan()
    assert plan.keys() == FROM_TRAINING | LIMIT
    # The chunk of 0 and 1 stays, 3 joins the chunk of 2, and 4 has one of its own.
    for rule in ("noise_dataset", "train_learner"):
        seeds = Counter(output.split("/seed")[1].split(".nc")[0] for output in plan[rule])
        assert seeds == {"2": 2, "4": 2}


def test_new_size(finished):
    config = finished.config
    config["studies"]["noise"]["tiny"]["models"]["mlp8"] = {"hidden": [8], "max_iter": 3}
    finished.config = config
    plan = finished.plan()
    assert plan.keys() == FROM_TRAINING
    assert len(plan["train_learner"]) == 2 * JOBS_PER_STEP
    assert all("/mlp8/" in output for output in plan["train_learner"])


def test_new_step(finished):
    config = finished.config
    config["studies"]["noise"]["tiny"]["steps"].append(2000)
    finished.config = config
    plan = finished.plan()
    assert plan.keys() == FROM_TRAINING | LIMIT
    for rule in ("noise_dataset", "train_learner"):
        assert len(plan[rule]) == JOBS_PER_STEP
        assert all("/step2000/" in output for output in plan[rule])


def test_new_study_and_its_hyperparameters(finished):
    config = finished.config
    config["studies"]["noise"]["second"] = config["studies"]["noise"]["tiny"].copy()
    config["default_studies"].append("second")
    finished.config = config
    plan = finished.plan()
    assert plan.keys() == FROM_TRAINING | IMAGES | LIMIT
    assert all(o.startswith("results/second/") for outputs in plan.values() for o in outputs)

    config["studies"]["noise"]["second"]["models"] = {"mlp": {"hidden": [2, 4], "max_iter": 4}}
    finished.config = config
    assert finished.plan("tiny") == {}
    config["studies"]["noise"]["tiny"]["models"] = {"mlp": {"hidden": [2, 4], "max_iter": 4}}
    finished.config = config
    assert finished.plan("tiny").keys() == FROM_TRAINING


def test_other_image_in_the_figures(finished):
    config = finished.config
    config["studies"]["noise"]["tiny"]["example"]["class"] = 5
    finished.config = config
    assert finished.plan().keys() == IMAGES


def test_other_noise_on_the_same_data(finished):
    config = finished.config
    config["studies"]["noise"]["tiny"]["noise"] = {"share_levels": True}
    finished.config = config
    assert finished.plan().keys() == FROM_TRAINING | LIMIT | {"plot_noise_levels"}


def test_mirror_that_is_not_needed(finished):
    config = finished.config
    config["mirror"] = ["elsewhere"]
    finished.config = config
    assert finished.plan() == {}


def test_lost_files(finished):
    for lost in ("transition.csv", "figures/digits_example.png"):
        (finished / f"results/tiny/{lost}").unlink()
    assert finished.plan().keys() == {
        "fit_transition", "judge_claims", "plot_transition", "plot_example"
    }  # fmt: skip


def test_moved_repository(finished, tmp_path):
    finished.move(tmp_path / "moved")
    assert finished.plan() == {}


def test_fresh_clone_with_restored_results(first_run, workflow):
    workflow.touch_code()
    first_run.copy(workflow.folder, ("results", ".snakemake/metadata"))
    assert workflow.plan() == {}
